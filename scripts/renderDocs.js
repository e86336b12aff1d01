/**
 * Runs the commands of the documents and puts what they print now in place of what they printed; what was left out stays
 * left out. Look at the difference before it is kept.
 *
 *   node scripts/renderDocs.js [FILE…]      after npm run build; by default README.md and docs/*.md
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandsOf, consolesOf, filesOf, refreshed } from './consoles.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
const chosen = process.argv.slice(2);

for (const path of chosen.length > 0 ? chosen : ['README.md', ...docs.map((name) => `docs/${name}`)]) {
  const text = readFileSync(join(root, path), 'utf8');
  const cwd = mkdtempSync(join(tmpdir(), 'collapsar-docs-'));
  for (const name of ['presets', 'examples']) symlinkSync(join(root, name), join(cwd, name));
  for (const [name, content] of filesOf(text)) writeFileSync(join(cwd, name), content);
  let after = text;
  for (const block of consolesOf(text)) {
    const shown = commandsOf(block).map(({ written, line, output }) => {
      const command = line.replaceAll('npx collapsar', `node ${join(root, 'bin', 'collapsar.js')}`);
      const { status, stdout, stderr } = spawnSync('sh', ['-c', command], { cwd, encoding: 'utf8' });
      if (status !== 0) throw new Error(`${path}: ${line}: expected exit code 0, got ${status}\n${stderr}`);
      return `${written}\n${refreshed(output, stdout)}`;
    });
    after = after.replace(block.text, () => shown.join(''));
  }
  if (after === text) continue;
  writeFileSync(join(root, path), after);
  console.log(`${path}: made anew`);
}
