/** What is printed fits the terminal: every help and the output of the verbs, at 60 columns and at 80. */
import { describe, expect, it } from 'vitest';
import { parseSpecText } from '../../src/runs/index.js';
import { fit, fitHelp } from '../../src/cli/fit.js';
import { collapsar } from '../support/commandInProcess.js';

const VERBS = [
  ...['predict', 'measure', 'train', 'verify', 'basin', 'advise'],
  ...['sweep', 'reproduce', 'report', 'lab', 'doctor'],
];

/** Characters on screen: combining marks take no room. */
const columnsOf = (line: string) => Array.from(line.normalize('NFD').replace(/\p{M}/gu, '')).length;

const tooWide = (text: string, columns: number) =>
  text.split('\n').filter((line) => columnsOf(line) > columns);

describe.each([60, 80])('at %i columns', (columns) => {
  it.each(['', ...VERBS].map((verb) => `${verb} --help`.trim()).concat('train --help network'))(
    '%s',
    async (line) => {
      const { stdout } = await collapsar(line.split(' '), { columns });
      expect(tooWide(stdout, columns)).toEqual([]);
      // Nothing is lost: the same words in the same order.
      const words = (text: string) => text.replace(/\\\n/g, '').split(/\s+/).join(' ');
      const wide = await collapsar(line.split(' '), { columns: 200 });
      expect(words(stdout)).toBe(words(wide.stdout));
    },
  );

  it.each([
    'predict --counts 500,300,150,60,30,15,5 --depth 2 --width 256 --weight-decay 2e-3 --feature-decay 5e-4',
    'predict --counts 5,3,3 --loss ce --depth 2 --budget 0.2 --weight-decay 1e-3',
    'predict --counts 15,14,13,12,11,10,9,8,7,6,5,4,3 --width 20,21 --weight-decay 1e-4,2e-4 --feature-decay 3e-4',
    'predict --counts 30,20,10 --class-weights inverse --weight-decay 1e-3 --mse-reduction mean',
    'verify --counts 4,2 --loss ce --restarts 1 --weight-decay 1e-3',
    'basin --counts 40,20,5 --depth 2 --width 4 --starts 1 --steps 30 --weight-decay 5e-3',
    'advise --counts 500,300,150,60 --depth 2 --width 8 --weight-decay 2e-3',
    'measure etf_offset.npz --loss ce --weight-decay 5e-3 --feature-decay 2e-3',
    'measure gap.npz',
  ])('%s', async (line) => {
    const cwd = new URL('../cases/', import.meta.url).pathname;
    const { stdout, code } = await collapsar(line.split(' '), { columns, cwd });
    expect(code).toBe(0);
    expect(tooWide(stdout, columns)).toEqual([]);
  });
});

describe('lines that are fitted', () => {
  it('go on under the words that they belong to', () => {
    expect(fit('short', 10)).toBe('short');
    expect(fit('name  one two three', 12)).toBe('name  one\n      two\n      three');
    expect(fit('- one two three', 10)).toBe('- one two\n  three');
    expect(fit('a much longer name  one two', 14)).toBe('a much longer name\n    one two');
  });

  it.each(['sweep', 'train'])('leave the YAML of %s --help as it is', async (verb) => {
    const at = async (columns: number) => {
      const { stdout } = await collapsar([verb, '--help'], { columns });
      return stdout.split('\n\n').filter((block) => /^ +\w+:/.test(block));
    };
    const blocks = await at(200);
    expect(await at(40)).toEqual(blocks);
    expect(blocks.map((block) => Object.keys(parseSpecText(block, 'help') as object))).toEqual(
      verb === 'train' ? [expect.arrayContaining(['kind', 'init'])] : [['sweep'], ['run', 'measure']],
    );
  });

  it('are set anew where a help is too wide, paragraph by paragraph', () => {
    const help = [
      'collapsar x: what it does',
      '',
      '  collapsar x --counts 1,2,3,4 --depth 3 --width 64',
      '',
      '  --flag   what it is for, in words',
      '           that go on here',
      '  --other  short',
      '',
      'A paragraph that is of two',
      'lines.',
    ].join('\n');
    expect(fitHelp(help, 80)).toBe(help);
    expect(fitHelp(help, 40)).toBe(
      [
        'collapsar x: what it does',
        '',
        '  collapsar x --counts 1,2,3,4 \\',
        '      --depth 3 --width 64',
        ...help.split('\n').slice(3),
      ].join('\n'),
    );
    expect(fitHelp(help, 32)).toBe(
      [
        'collapsar x: what it does',
        '',
        '  collapsar x \\',
        '      --counts 1,2,3,4 \\',
        '      --depth 3 --width 64',
        '',
        '  --flag   what it is for, in',
        '           words that go on here',
        '  --other  short',
        '',
        'A paragraph that is of two',
        'lines.',
      ].join('\n'),
    );
  });
});
