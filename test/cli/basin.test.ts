import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BasinDocument } from '../../src/verbs/index.js';
import { interrupted, temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

const SMALL = '--counts 60,30,12 --depth 2 --width 8 --weight-decay 5e-3'.split(' ');

describe('basin', () => {
  it('gives the document of the contract, the same from the same seed', async () => {
    const args = ['basin', ...SMALL, '--starts', '2', '--scales', '0.01,0.5', '--seed', '3'];
    const found = (await json(args)) as BasinDocument;
    expect(found.status).toBe('finished');
    expect(found.starts).toHaveLength(4);
    expect(Object.keys(found.starts[0])).toEqual(
      expect.arrayContaining(['scale', 'seed', 'objective', 'settled', 'alive']),
    );
    expect(Object.keys(found.classes[0])).toEqual(
      expect.arrayContaining(['count', 'regime', 'predictedFit', 'alive']),
    );
    expect(await json(args)).toEqual(found);
  });

  it('shows and explains classes that die though they live at the global minimum', async () => {
    // A network on Fashion-MNIST: classes 6 and 7 live at the global minimum and were lost in training.
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await collapsar(
      [
        'basin',
        ...'--counts 500,500,500,300,300,150,60,30,15,5 --depth 2 --width 256 --weight-decay 2e-3'.split(' '),
        ...'--feature-decay 5e-4 --starts 1 --scales 0.0063,0.031,0.13 --out basin.svg'.split(' '),
      ],
      { cwd },
    );
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toMatch(/lost classes that live at the global minimum/);
    expect(text).toMatch(/at std 0\.0063 classes 0–7; at std 0\.031 classes 6 and 7\./);
    expect(text).toMatch(/From std 0\.13 up it keeps every class that lives at the global minimum/);
    expect(text).toMatch(/with M = 2 layers zero is a local minimum for every class/);
    expect(text).toMatch(/only above a barrier: a fit of 0\.0075 for class 6 and 0\.032 for class 7/);
    expect(readFileSync(join(cwd, 'basin.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
  });

  it('says what theory says of cross-entropy: whether a class is separated', async () => {
    const { stdout } = await collapsar(
      'basin --counts 40,20,5 --loss ce --depth 1 --weight-decay 1e-2 --starts 1 --scales 0.3'.split(' '),
    );
    expect(stdout).toMatch(/^ +0 +40 +separated /m);
    expect(stdout).not.toContain('barrier');
  });

  it('exits with 1 when every start diverges, and says which rate is stable', async () => {
    const { code, stderr } = await collapsar(['basin', ...SMALL, '--starts', '1', '--learning-rate', '1000']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: basin: .*--learning-rate \S+ is stable\n$/);
  });

  it('finishes with what was done on Ctrl-C, with exit 1', async () => {
    const cwd = temporaryFolder();
    const { code, stdout, stderr } = await interrupted(
      ['basin', ...SMALL, '--starts', '10000', '--json', '--out', 'basin.svg'],
      cwd,
      'SIGINT',
      (shown) => / [1-9]\d*\/50000 /.test(shown),
      { progress: true },
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/interrupted after \d+ of 50000 starts/);
    const found = JSON.parse(stdout) as BasinDocument;
    expect(found.status).toBe('interrupted');
    expect(found.starts.length).toBeGreaterThan(0);
    expect(readFileSync(join(cwd, 'basin.svg'), 'utf8')).toContain('</svg>');
  });

  it('has a help with an example that works', async () => {
    const { stdout } = await collapsar(['basin', '--help']);
    for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
    const example = /^ {2}collapsar (basin .*)$/m.exec(stdout)?.[1] ?? '';
    expect((await collapsar([...example.split(/\s+/), '--starts', '1'])).code).toBe(0);
  });

  it.each([
    ['a scale of zero', '--scales 0.1,0', /--scales: positive/],
    ['a scale twice', '--scales 0.1,0.1', /each scale once/],
    ['no starts', '--starts 0', /--starts: a whole number/],
    ['a rate of zero', '--learning-rate 0', /--learning-rate: a positive/],
    ['a momentum of one', '--momentum 1', /--momentum/],
    ['a path that cannot be written', '--out no/such/x.svg', /can be written/],
    ['another kind of file', '--out x.png', /--out: a file ending in \.svg/],
    ['layers just too large for memory', '--width 11584', /at most 134217728 parameters, got 134235392/],
  ])('refuses %s: one line, exit 2', async (_, args, message) => {
    const { code, stdout, stderr } = await collapsar(['basin', '--counts', '8,4', ...args.split(' ')]);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
  });
});
