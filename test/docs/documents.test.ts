/** The documents' commands and code, run as they stand. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PYTORCH_EXPORT_LINES } from '../../src/data/index.js';
import { BIN, temporaryFolder } from '../support/cli.js';
import { collapsar } from '../support/commandInProcess.js';
import { blocksOf, commandsOf, consolesOf, filesOf, isShown, refreshed } from '../../scripts/consoles.js';
import { DOCUMENTS, readDocument, ROOT } from './documents.js';

/** A document's own folder: the presets and examples, and the files that the document gives. */
function folderOf(document: string): string {
  const folder = temporaryFolder();
  for (const name of ['presets', 'examples']) symlinkSync(join(ROOT, name), join(folder, name));
  for (const [name, text] of filesOf(readDocument(document))) writeFileSync(join(folder, name), text);
  return folder;
}

function shell(line: string, cwd: string) {
  return spawnSync('sh', ['-c', line.replaceAll('npx collapsar', `node ${BIN}`)], { cwd, encoding: 'utf8' });
}

describe('what stands for printed text', () => {
  it.each([
    ['the same', 'a 1\nb 2\n', 'a 1\nb 2\n', true],
    ['another digit', 'a 1\n', 'a 2\n', false],
    ['a line too many', 'a 1\n', 'a 1\nb\n', false],
    ['any lines', 'a\n[…]\nz\n', 'a\nb\nc\nz\n', true],
    ['a part of a line', 'rate […] steps\n', 'rate 20 steps\n', true],
    ['any lines, another end', 'a\n[…]\nz\n', 'a\nb\ny\n', false],
    ['signs of patterns', 'a.b\n', 'axb\n', false],
  ])('%s', (_, shown, printed, same) => {
    expect(isShown(shown, printed)).toBe(same);
  });
});

describe('what is shown of a text printed anew', () => {
  it.each([
    ['is what was shown where nothing changed', 'a\n[…]\n', 'a\nb\n', 'a\n[…]\n'],
    ['has the new digits', '[…]\nbest 1\n[…]\n', 'x\nbest 2\ny\n', '[…]\nbest 2\n[…]\n'],
    [
      'finds a table that moved and grew',
      '[…]\nclass\n 0 a\n 1 a\n',
      'q\nr\nclass n\n 0 b\n 1 b\n 2 b\n',
      '[…]\nclass n\n 0 b\n 1 b\n 2 b\n',
    ],
    ['keeps what is left out of a line', 'n 1\nrate […] s\n', 'n 2\nrate 7 s\n', 'n 2\nrate […] s\n'],
    ['stays empty where nothing is shown', '', 'a\n', ''],
  ])('%s', (_, shown, printed, expected) => {
    expect(refreshed(shown, printed)).toBe(expected);
  });

  it('is always a part of that text', () => {
    const line = fc.constantFrom('a', 'ab', 'abc 1', 'abc 2', 'b', '');
    const shownLine = fc.oneof(line, fc.constant('[…]'));
    const text = (lines: readonly string[]) => lines.map((one) => `${one}\n`).join('');
    fc.assert(
      fc.property(fc.array(shownLine, { minLength: 1 }), fc.array(line), (shown, printed) => {
        expect(isShown(refreshed(text(shown), text(printed)), text(printed))).toBe(true);
      }),
    );
  });
});

describe.each(DOCUMENTS)('%s', (document) => {
  const blocks = blocksOf(readDocument(document));
  const consoles = blocks.filter(({ language }) => language === 'console');
  const run = consolesOf(readDocument(document)).flatMap(commandsOf);

  it('says why a console is not run, and shows no command of the tool elsewhere', () => {
    const unexplained = consoles.filter(({ info }) => info !== '' && !/^not-run: \w{3,}/.test(info));
    expect(unexplained).toEqual([]);
    const elsewhere = blocks.filter(
      ({ language, text }) => language !== 'console' && /^(npx )?collapsar \w/m.test(text),
    );
    expect(elsewhere.map(({ text }) => text)).toEqual([]);
    for (const block of consoles) expect(commandsOf(block).length).toBeGreaterThan(0);
  });

  it.runIf(run.length > 0)('prints what it shows', () => {
    const cwd = folderOf(document);
    for (const { line, output } of run) {
      const { status, stdout, stderr } = shell(line, cwd);
      expect(status, `${line}\n${stderr}`).toBe(0);
      if (!isShown(output === '' ? '[…]\n' : output, stdout)) expect(stdout, line).toBe(output);
    }
  });
});

/** Top-level keys that a document's tables of keys name, by command. */
function keyTables(text: string): readonly (readonly [string, readonly string[]])[] {
  return [...text.matchAll(/^### Keys of `([^`]+)`\n([\s\S]*?)(?=^#|$(?![\s\S]))/gm)].map(
    ([, command, body]) => {
      const cells = [...body.matchAll(/^\| (`[^|]*?`) *\|/gm)].map(([, cell]) => cell);
      return [
        command,
        cells.flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\[\])?`/g)].map(([, key]) => key)),
      ];
    },
  );
}

describe.each(DOCUMENTS.filter((document) => keyTables(readDocument(document)).length > 0))(
  '%s',
  (document) => {
    it('says what each key of the JSON is, and names none that is not there', async () => {
      const cwd = folderOf(document);
      const consoles = consolesOf(readDocument(document));
      // What the tables' commands read: files that the commands of the document write.
      for (const { line } of consoles.flatMap(commandsOf).filter(({ line }) => / --out \S+\.npz$/.test(line)))
        shell(line, cwd);
      for (const [command, keys] of keyTables(readDocument(document))) {
        const { code, stdout, stderr } = await collapsar(command.split(' '), { cwd });
        expect(code, `${command}\n${stderr}`).toBe(0);
        expect([...keys].sort(), command).toEqual(Object.keys(JSON.parse(stdout) as object).sort());
      }
    });
  },
);

describe('README.md', () => {
  const readme = readDocument('README.md');

  it('is read in a few minutes: about 120 lines, none wider than a terminal', () => {
    const lines = readme.split('\n');
    expect(lines.length).toBeLessThanOrEqual(130);
    expect(lines.filter((line) => Array.from(line).length > 80 && !/^(\||!\[|\[)/.test(line))).toEqual([]);
  });

  it('has library code that runs', () => {
    // By self-reference: the package's public exports, as a user imports them.
    const path = join(ROOT, 'dist', `readme-${process.pid}.mjs`);
    const code = blocksOf(readme).find(({ language }) => language === 'js')!;
    writeFileSync(path, code.text);
    try {
      const lines = execFileSync(process.execPath, [path], { cwd: temporaryFolder(), encoding: 'utf8' });
      // F − F* at the end of L-BFGS: rounding.
      expect(Math.abs(Number(lines.trim().split('\n').at(-1)?.split(' ')[0]))).toBeLessThan(1e-12);
    } finally {
      rmSync(path);
    }
  });
});

describe('docs/measure.md', () => {
  it('has the lines of PyTorch that the refusal of a .pt file gives', () => {
    const python = blocksOf(readDocument('docs/measure.md')).filter(({ language }) => language === 'python');
    expect(python[0].text.trim().split('\n')).toEqual(PYTORCH_EXPORT_LINES);
  });
});
