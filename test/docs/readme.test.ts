/** The README's commands and code, run as they stand. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PYTORCH_EXPORT_LINES } from '../../src/data/index.js';
import { collapsar, temporaryFolder } from '../support/cli.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map((match) => match[1]);

describe('README', () => {
  it('runs its own commands, in order', () => {
    const cwd = temporaryFolder();
    // What the reader has by then: the presets beside it, and a file of a network of their own.
    const problem =
      '--counts 500,500,500,300,300,150,60,30,15,5 --depth 2 --width 16 --weight-decay 2e-3 --feature-decay 5e-4';
    expect(collapsar(['predict', ...problem.split(' '), '--out', 'network.npz'], { cwd }).code).toBe(0);
    const commands = blocks('sh')
      .flatMap((block) => block.trim().split('\n'))
      .filter((line) => line.startsWith('npx collapsar '))
      // Images of the reader's own: test/cli/reproduce.test.ts runs such commands where there are some.
      .filter((line) => !line.includes('--data DIR'))
      // Serves until it is ended: test/cli/lab.test.ts does that.
      .filter((line) => line !== 'npx collapsar lab');
    expect(commands.length).toBeGreaterThan(5);
    for (const line of commands) {
      const args = line.replace('npx collapsar ', '').replace('presets/', join(root, 'presets/')).split(' ');
      const { code, stderr } = collapsar(args, { cwd });
      expect(code, `${line}\n${stderr}`).toBe(0);
    }
  });

  it.each(['predict --counts 500', 'predict --counts 10x6'])('shows what its command prints: %s', (start) => {
    const command = blocks('sh').find((block) => block.includes(start))!;
    const { stdout } = collapsar(command.trim().replace('npx collapsar ', '').split(' '));
    expect(blocks('text')).toContain(stdout);
  });

  it('has the lines of PyTorch that the refusal of a .pt file gives', () => {
    expect(blocks('python')[0].trim().split('\n')).toEqual(PYTORCH_EXPORT_LINES);
  });

  it('has library code that runs', () => {
    const folder = temporaryFolder();
    // By self-reference: the package's public exports, as a user imports them.
    const path = join(root, 'dist', `readme-${process.pid}.mjs`);
    writeFileSync(path, blocks('js')[0]);
    const lines = execFileSync(process.execPath, [path], { cwd: folder, encoding: 'utf8' })
      .trim()
      .split('\n');
    // F − F* at the end of L-BFGS: rounding.
    expect(Math.abs(Number(lines.at(-1)?.split(' ')[0]))).toBeLessThan(1e-12);
  });
});
