/**
 * Every limit that a user meets on the command line, by a value on each side of it. What is allowed is told by the refusal of
 * a later option, so that nothing long is run.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BasinDocument, VerifyDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

/** The one line of a refusal, as it would be without the word "expected". */
async function refusalOf(line: string, cwd?: string): Promise<string> {
  const { code, stderr } = await collapsar(line.split(' '), cwd === undefined ? {} : { cwd });
  expect([code, stderr.split('\n').length]).toEqual([2, 2]);
  return stderr
    .replace(/^error: /, '')
    .replace(': expected ', ': ')
    .trim();
}

const list = (length: number) => Array.from({ length }, (_, i) => (i + 1) / 100).join(',');
const BASIN = 'basin --counts 4,2';
/** Refused last. */
const LAST = '--momentum 1';
const refusedLast = '--momentum: a number in [0, 1), got 1';

describe('basin', () => {
  it.each([
    ['--starts 0', '--starts: a whole number from 1 to 10000, got 0'],
    ['--starts 1', null],
    ['--starts 10000', null],
    ['--starts 10001', '--starts: a whole number from 1 to 10000, got 10001'],
    ['--starts 1.5', '--starts: a whole number from 1 to 10000, got 1.5'],
    ['--steps 0', '--steps: a whole number from 1 to 1000000000, got 0'],
    ['--steps 1000000000', null],
    ['--steps 1000000001', '--steps: a whole number from 1 to 1000000000, got 1000000001'],
    ['--seed -2147483648', null],
    ['--seed -2147483649', '--seed: a whole number from -2147483648 to 4294967295, got -2147483649'],
    ['--seed 4294967295', null],
    ['--seed 4294967296', '--seed: a whole number from -2147483648 to 4294967295, got 4294967296'],
    ['--learning-rate 0', '--learning-rate: a positive finite number, got 0'],
    ['--learning-rate Infinity', '--learning-rate: a positive finite number, got Infinity'],
    ['--learning-rate 1e-300', null],
    ['--scales 0', '--scales: positive finite numbers, got 0'],
    ['--scales 1,Infinity', '--scales: positive finite numbers, got Infinity'],
    ['--scales 0.1,0.1', '--scales: each scale once, got "0.1,0.1"'],
    [`--scales ${list(50)}`, null],
    [`--scales ${list(51)}`, '--scales: at most 50 scales, got 51'],
  ])('%s', async (option, message) => {
    expect(await refusalOf(`${BASIN} ${option} ${LAST}`)).toBe(message ?? refusedLast);
  });

  it('takes a momentum from 0 to below 1', async () => {
    expect(await refusalOf(`${BASIN} --momentum -0.1`)).toBe('--momentum: a number in [0, 1), got -0.1');
    const once = `${BASIN} --starts 1 --steps 1 --scales 0.1`.split(' ');
    const at = async (momentum: string) => (await json([...once, '--momentum', momentum])) as BasinDocument;
    expect([(await at('0')).momentum, (await at('0.999')).momentum]).toEqual([0, 0.999]);
  });

  it('starts ten times at five scales with momentum 0.9 where nothing is said, from seed 0', async () => {
    const document = (await json(`${BASIN} --width 4 --steps 1`.split(' '))) as BasinDocument;
    expect(document).toMatchObject({ momentum: 0.9, seed: 0, steps: 1, learningRate: 'adapted' });
    expect(document.scales.map(({ std, starts }) => [std, starts])).toEqual(
      [0.05, 0.15, 0.25, 0.5, 1].map((std) => [std, 10]),
    );
    expect(document.starts.slice(0, 3).map(({ seed }) => seed)).toEqual([0, 1, 2]);
    const short = (await json(`${BASIN} --starts 1 --scales 0.1`.split(' '))) as BasinDocument;
    expect(short.steps).toBe(10_000);
  });
});

describe('verify', () => {
  const VERIFY = 'verify --counts 4,2 --depth 2';
  it.each([
    ['--restarts 0', '--restarts: a positive whole number, got 0'],
    ['--restarts 1.5', '--restarts: a positive whole number, got 1.5'],
    ['--restarts 1', null],
    ['--budget 0', '--budget: seconds above 0 and up to a million, got 0'],
    ['--budget 1000001', '--budget: seconds above 0 and up to a million, got 1000001'],
    ['--budget 1000000', null],
    ['--seed 1.5', '--seed: a whole number, got 1.5'],
    ['--seed -7', null],
  ])('%s', async (option, message) => {
    expect(await refusalOf(`${VERIFY} ${option} --out a.png`)).toBe(
      message ?? '--out: a file ending in .npz, got "a.png"',
    );
  });

  it('writes the best point, says where, and starts from seed 0', async () => {
    const cwd = temporaryFolder();
    const line = `${VERIFY} --width 2 --restarts 2 --out best.npz`.split(' ');
    const { stdout, stderr, code } = await collapsar(line, { cwd });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.split('\n').at(-2)).toBe('The best point found is in best.npz');
    const measured = await collapsar(
      'measure best.npz --loss mse --weight-decay 5e-4 --feature-decay 5e-4'.split(' '),
      { cwd },
    );
    expect(measured.stdout).toContain('Every class is as theory says');
    const document = (await json(line.slice(0, -2), { cwd })) as VerifyDocument;
    expect([document.seed, document.restarts, document.interrupted]).toEqual([0, 2, false]);
  });
});

describe('train', () => {
  const SPEC =
    'kind: ufm\ncounts: [4, 2]\ndepth: 1\nwidth: 2\nweightDecay: 1e-3\nfeatureDecay: 1e-3\nsteps: 1\n';
  const cwd = temporaryFolder();
  const spec = (name: string, text: string | Uint8Array) => {
    writeFileSync(join(cwd, name), text);
    return name;
  };

  it.each([
    ['--steps -1', '--steps: a whole number from 0 to 1000000000, got -1'],
    ['--steps 1000000001', '--steps: a whole number from 0 to 1000000000, got 1000000001'],
    ['--steps 0.5', '--steps: a whole number from 0 to 1000000000, got 0.5'],
    [
      '--steps 1000000000 --data d',
      '--data: a spec that reads data, got "kind: ufm"; the unconstrained-features model needs none',
    ],
    ['--epochs 3', '--epochs: a network, got "kind: ufm"; its length is --steps'],
    ['--out a.yaml', 'a.yaml: a folder to write runs into, got a file; name a folder that is new or empty'],
    [
      '--out a.yaml --resume',
      'a.yaml: a folder to write runs into, got a file; name a folder that is new or empty',
    ],
    ['--out=', '--out: the name of a folder, got ""'],
  ])('%s', async (option, message) => {
    expect(await refusalOf(`train ${spec('a.yaml', SPEC)} ${option}`, cwd)).toBe(message);
  });

  it.each(['reproduce ufm-balanced --out a.yaml', 'sweep swept.yaml --out a.yaml'])(
    'a folder of runs is none of the files there: %s',
    async (line) => {
      spec('a.yaml', SPEC);
      spec('swept.yaml', `${SPEC}sweep: {depth: [1, 2]}\n`);
      expect(await refusalOf(line, cwd)).toBe(
        'a.yaml: a folder to write runs into, got a file; name a folder that is new or empty',
      );
    },
  );

  it('takes specs of two million bytes, in UTF-8 or UTF-16', async () => {
    const most = 2 ** 21;
    const large = (bytes: number) => refusalOf(`train ${spec('large.yaml', ' '.repeat(bytes))}`, cwd);
    expect(await large(most + 1)).toBe(`large.yaml: a spec of at most ${most} bytes, got ${most + 1}`);
    expect(await large(most)).toMatch(/a spec of at most 1048576 characters, got 2097152/);
    const little = Buffer.from(`\ufeff${SPEC}`, 'utf16le');
    const encodings = { 'little.yaml': little, 'big.yaml': Buffer.from(little).swap16() };
    for (const [name, bytes] of Object.entries(encodings))
      expect((await collapsar(['train', spec(name, bytes), '--out', `${name}.run`], { cwd })).code).toBe(0);
    expect(await refusalOf(`train ${spec('odd.yaml', Uint8Array.of(0xff, 0x41, 0x80))}`, cwd)).toBe(
      'odd.yaml: a spec in UTF-8 or UTF-16, got other bytes',
    );
  });

  it('names a folder after the spec, or after its name, and resumes the last of them', async () => {
    spec(
      'mine.json',
      JSON.stringify({
        kind: 'ufm',
        counts: [4, 2],
        depth: 1,
        width: 2,
        weightDecay: 1e-3,
        featureDecay: 1e-3,
        steps: 1,
      }),
    );
    spec('b.YML', `${SPEC}name: other\n`);
    const folderOf = async (line: string) =>
      /^run folder {2}(.*)$/m.exec((await collapsar(line.split(' '), { cwd })).stdout)?.[1];
    expect(await folderOf('train mine.json')).toBe('runs/mine');
    expect(await folderOf('train mine.json')).toBe('runs/mine-2');
    expect(await folderOf('train b.YML')).toBe('runs/other');
    expect(await folderOf('train mine.json --resume --steps 2')).toBe('runs/mine-2');
    expect(await refusalOf('train a.yaml --resume', cwd)).toBe(
      'runs/a: a run to resume, got none; leave --resume out to start one, or name it with --out',
    );
    expect(await refusalOf('train a.yaml --out runs/mine', cwd)).toBe(
      'runs/mine: an empty or new folder, got one that holds files; add --resume to continue the run there, or choose another',
    );
    expect(await refusalOf('train', cwd)).toBe(
      'collapsar train: a SPEC file, got nothing; for example presets/paper-imbalanced.yaml',
    );
  });
});

describe('reproduce', () => {
  const REPRODUCE = 'reproduce ufm-balanced';
  const last =
    '--data: an experiment on images, got "ufm-balanced"; the unconstrained-features model needs none';
  it.each([
    ['--depth 0', '--depth: whole numbers from 1 to 1000, got 0'],
    ['--depth 1,1001', '--depth: whole numbers from 1 to 1000, got 1001'],
    ['--depth 1,1000', null],
    ['--width 0', '--width: whole numbers from 1 to 16777216, got 0'],
    ['--width 16777217', '--width: whole numbers from 1 to 16777216, got 16777217'],
    ['--seed -1', '--seed: a whole number from 0 to 2147483647, got -1'],
    ['--seed 0.5', '--seed: a whole number from 0 to 2147483647, got 0.5'],
    ['--seed 2147483648', '--seed: a whole number from 0 to 2147483647, got 2147483648'],
    ['--seed 2147483647', null],
    ['--out=', '--out: the name of a folder, got ""'],
  ])('%s', async (option, message) => {
    expect(await refusalOf(`${REPRODUCE} ${option} --data d`)).toBe(message ?? last);
  });
});

describe('files that are written', () => {
  it('are refused by their ending, but not by its case or where there is none', async () => {
    const predict = 'predict --counts 4,2';
    expect(await refusalOf(`${predict} --out=`)).toBe('--out: the name of a file, got ""');
    expect(await refusalOf(`${predict} --out a.csv`)).toBe(
      '--out: a file ending in .npz or .svg, got "a.csv"',
    );
    const cwd = temporaryFolder();
    for (const name of ['a.NPZ', 'bare'])
      expect((await collapsar(`${predict} --out ${name}`.split(' '), { cwd })).stdout).toContain(
        `An explicit minimiser is in ${name}\n`,
      );
    // Written over, too.
    expect((await collapsar(`${predict} --out bare`.split(' '), { cwd })).code).toBe(0);
    expect(await refusalOf(`${predict} --out none/a.npz`, cwd)).toBe(
      'none/a.npz: a file in a folder that can be written, got the folder none',
    );
  });
});
