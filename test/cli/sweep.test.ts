/** `collapsar sweep`: its results against single runs, kept through kills, failures and torn logs. */
import { spawn } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { reportVerb } from '../../src/cli/report.js';
import { sweepVerb } from '../../src/cli/sweep.js';
import { trainVerb } from '../../src/cli/train.js';
import { encodeNpz, type ArrayToWrite } from '../../src/data/index.js';
import type { PointResult } from '../../src/runs/index.js';
import type { TrainDocument } from '../../src/verbs/index.js';
import { BIN, temporaryFolder } from '../support/cli.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';

const SPEC = `kind: ufm
counts: [12, 6, 3]
depth: 2
width: 4
weightDecay: 2e-3
featureDecay: 2e-3
steps: 300
measureEvery: 100
init: {std: 0.3}
sweep:
  weightDecay: [1e-3, 2e-2]
  init.seed: [0, 1]
`;

interface SweepDocument {
  readonly folder: string;
  readonly points: readonly (PointResult & { readonly settings: Record<string, unknown> })[];
}

function sweepFile(text = SPEC): { readonly folder: string; readonly spec: string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'sweep.yaml'), text);
  return { folder, spec: join(folder, 'sweep.yaml') };
}

/** results.csv without its last column, which is wall clock. */
const figuresIn = (folder: string) =>
  readdirSync(join(folder, 'figures')).filter((name) => !name.startsWith('.'));

const timeless = (folder: string) =>
  readFileSync(join(folder, 'results.csv'), 'utf8').replace(/,[^,\n]*$/gm, '');

describe('a sweep', () => {
  const whole = sweepFile();
  const out = join(whole.folder, 'a');
  let points: SweepDocument['points'];

  beforeAll(async () => {
    ({ points } = await documentOf<SweepDocument>(sweepVerb, [whole.spec, '--out', out, '--jobs', '0']));
  }, 60_000);

  it('has of each point what a run of its spec has, in its document and in results.csv', async () => {
    const { folder } = whole;
    expect(points.map(({ settings }) => settings)).toEqual([
      { weightDecay: 1e-3, 'init.seed': 0 },
      { weightDecay: 1e-3, 'init.seed': 1 },
      { weightDecay: 2e-2, 'init.seed': 0 },
      { weightDecay: 2e-2, 'init.seed': 1 },
    ]);
    const single = join(folder, 'single.yaml');
    writeFileSync(single, SPEC.replace(/sweep:[^]*/, ''));
    const run = await documentOf<TrainDocument>(trainVerb, [
      ...[single, '--out', join(folder, 'run')],
      ...['--override', 'weightDecay=2e-2', '--seed', '1'],
    ]);
    const [head, ...lines] = readFileSync(join(out, 'results.csv'), 'utf8').trim().split('\n');
    const rows = lines.map((line) =>
      Object.fromEntries(line.split(',').map((cell, i) => [head.split(',')[i], cell])),
    );
    expect(rows).toHaveLength(12);
    run.classes.forEach((given, k) => {
      expect(rows[9 + k]).toMatchObject({
        ...{ point: '3', weightDecay: '0.02', 'init.seed': '1', status: 'finished', step: '300' },
        ...{ class: String(k), count: String(given.count), regime: given.regime ?? '' },
        measured: given.measured ?? '',
        weightNorm: String(given.weightNorm),
        predictedWeightNorm: String(given.predictedWeightNorm),
        featureNorm: String(given.featureNorm),
        predictedFeatureNorm: String(given.predictedFeatureNorm),
        fit: String(given.fit),
        predictedFit: String(given.predictedFit),
        objective: String(run.objective),
        excess: String((run.objective ?? NaN) - run.prediction.objective),
        nc1: String(run.nc1.pinv),
        nc2Weights: String(run.nc2.weights.predicted),
        nc2Features: String(run.nc2.features.predicted),
        nc3: String(run.nc3.predicted),
        accuracy: String(run.accuracy),
      });
      const { predicted, measured } = points[3];
      expect(predicted?.classes[k].fit).toBe(given.predictedFit);
      expect(measured?.classes[k].weightNorm).toBe(given.weightNorm);
    });
  });

  it('asks theory alone with steps: 0, and says how many points before it starts', async () => {
    const { folder, spec } = sweepFile(SPEC.replace('steps: 300', 'steps: 0'));
    const { stdout, stderr } = await runVerb(sweepVerb, [spec, '--out', join(folder, 'a'), '--jobs', '0']);
    expect(stderr).toContain('4 points: 2 of weightDecay × 2 of init.seed');
    expect(stdout).toMatch(/weightDecay +runs +classes +theory alive\n +0.001 +2 +3 +3\n +0.02 +2 +3 +\d/);
    expect(readFileSync(join(folder, 'a', 'results.csv'), 'utf8')).toContain('predicted');
  });

  it('goes on where it was, passes over torn lines, and refuses what is not its own', async () => {
    const { folder, spec } = whole;
    const [a, b] = [out, join(folder, 'b')];
    cpSync(a, b, { recursive: true });
    // One point is lost, another was cut off while it was written.
    const log = join(b, 'logs', 'local-0001-0.jsonl');
    const lines = readFileSync(log, 'utf8').split('\n');
    writeFileSync(log, `${[lines[0], lines[1], lines[3]].join('\n')}\n${lines[4].slice(0, 300)}`);
    appendFileSync(log, '\n{"point": 99}\n');
    writeFileSync(join(b, 'results.csv'), '');
    const resumed = await runVerb(sweepVerb, [b, '--resume', '--jobs', '0']);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stderr).toMatch(/2 of 4 points are done already[^]*2 damaged lines/);
    expect(timeless(b)).toBe(timeless(a));
    await expect(runVerb(sweepVerb, [spec, '--out', a, '--jobs', '0'])).rejects.toThrow(/--resume/);
    const other = [spec, '--out', a, '--resume', '--jobs', '0', '--override', 'depth=3'];
    await expect(runVerb(sweepVerb, other)).rejects.toThrow(/this sweep, got "another"/);
    const again = await runVerb(sweepVerb, [spec, '--out', a, '--resume', '--jobs', '0', '--dry-run']);
    expect(again.stderr).toMatch(/all 4 points are done$/);
    await expect(runVerb(sweepVerb, [join(folder, 'c'), '--resume'])).rejects.toThrow(
      /the folder of a sweep to go on with, got none/,
    );
    await expect(runVerb(sweepVerb, [join(folder, 'c.yaml')])).rejects.toThrow(/a spec file, got no file/);
  });

  it('keeps a run folder for every point with --folders', async () => {
    const { folder, spec } = whole;
    const [a, b] = [out, join(folder, 'with-folders')];
    await runVerb(sweepVerb, [spec, '--out', b, '--jobs', '0', '--folders']);
    expect(readdirSync(a).sort()).toEqual([
      ...['figures', 'logs', 'results.csv', 'sweep.html', 'sweep.json', 'sweep.yaml'],
    ]);
    expect(readdirSync(join(b, 'points', '000003')).sort()).toEqual([
      ...['checkpoint.safetensors', 'records.jsonl', 'spec.yaml', 'summary.json'],
    ]);
    expect(timeless(b)).toBe(timeless(a));
  });
});

describe('the page of a sweep', () => {
  it('is drawn at its end and anew by report, with other figures where they are asked for', async () => {
    const { folder, spec } = sweepFile(SPEC.replace('steps: 300', 'steps: 20'));
    const out = join(folder, 'a');
    const odd = runVerb(sweepVerb, [spec, '--out', out, '--x', 'depth']);
    await expect(odd).rejects.toThrow('--x: one of weightDecay, got "depth"');
    expect(existsSync(out)).toBe(false);
    await runVerb(sweepVerb, [spec, '--out', out, '--jobs', '0']);
    const page = readFileSync(join(out, 'sweep.html'), 'utf8');
    const files = figuresIn(out);
    expect(files).toEqual(['alive.svg', 'excess.svg', 'nc1.svg', 'norms.svg']);
    for (const file of files) expect(page).toContain(`href="figures/${file}"`);
    writeFileSync(join(out, 'figures', 'mine.svg'), '<svg/>');
    appendFileSync(join(out, 'figures', 'norms.svg'), '<!-- with a word of mine -->');
    const drawn = await documentOf<{ figures: string[] }>(reportVerb, [out, '--y', 'nc3,fit']);
    expect(drawn).toEqual({
      report: join(out, 'sweep.html'),
      figures: ['nc3', 'fit'].map((name) => join(out, 'figures', `${name}.svg`)),
    });
    // What is no longer drawn is gone, but for what somebody made or changed.
    expect(figuresIn(out)).toEqual(['fit.svg', 'mine.svg', 'nc3.svg', 'norms.svg']);
    const noTest = runVerb(reportVerb, [out, '--y', 'nc3,testAccuracy']);
    await expect(noTest).rejects.toThrow(/--y: a measure of this sweep \(alive, .*, got "testAccuracy"/);
    expect(figuresIn(out)).toContain('nc3.svg');
    await runVerb(reportVerb, [out]);
    expect(readFileSync(join(out, 'sweep.html'), 'utf8')).toBe(page);
    const tables = await runVerb(sweepVerb, [out, '--resume', '--csv', '--jobs', '0']);
    expect((await runVerb(reportVerb, [out, '--csv'])).stdout).toBe(tables.stdout);
    expect(tables.stdout).toMatch(/^weightDecay,runs,classes,lives,alive,/);
    expect(tables.stdout).toMatch(/,excess,excessLeast,excessMost,nc1,nc1Least,nc1Most\n/);
    const [row] = tables.stdout.split('\n').slice(1);
    const [least, most] = row.split(',').slice(-2).map(Number);
    expect(Number(row.split(',').at(-3))).toBeCloseTo(Math.sqrt(least * most), 12);
    const both = runVerb(reportVerb, [out, '--csv', '--y', 'nc3']);
    await expect(both).rejects.toThrow('--y: figures, got "--csv"');
    await expect(runVerb(reportVerb, [join(folder, 'none')])).rejects.toThrow(
      /none: the folder of a run or of a sweep, got none of that name; collapsar train SPEC --out DIR/,
    );
    expect((await runVerb(reportVerb, [out, '--latex', '--table', 'points'])).stdout).toContain('\\midrule');
  });
});

describe('the user’s own training', () => {
  const SCRIPT = `
import { copyFileSync } from 'node:fs';
const [wd, out, source, broken] = process.argv.slice(2);
if (wd === broken) { console.error('out of memory'); process.exit(3); }
copyFileSync(source, out + '/head.npz');
`;

  it('is measured where it ends with 0, else has failed; resuming runs what failed', async () => {
    const { folder } = sweepFile();
    const source = join(import.meta.dirname, '..', 'cases', 'gap.npz');
    writeFileSync(join(folder, 'train.mjs'), SCRIPT);
    const words = (broken: string) => [
      'run:',
      ...[process.execPath, 'train.mjs', '{wd}', '{out}', source, broken].map((w) => `  - '${w}'`),
    ];
    writeFileSync(join(folder, 'own.yaml'), [...words('0.1'), 'sweep: {wd: [0.01, 0.1]}', ''].join('\n'));
    const out = join(folder, 'a');
    const failed = await runVerb(sweepVerb, [join(folder, 'own.yaml'), '--out', out, '--jobs', '0']);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /1 that failed \(point 1: .*exit code 0, got exit code 3: out of memory \(what it printed: points\/000001\/output\.txt\)\)/,
    );
    expect(readFileSync(join(out, 'results.csv'), 'utf8')).toMatch(/^1,0\.1,failed,/m);
    // The script's own fault is mended; the sweep is the same.
    writeFileSync(join(folder, 'train.mjs'), SCRIPT.replace('wd === broken', 'false'));
    const mended = await runVerb(sweepVerb, [out, '--resume', '--jobs', '0']);
    expect(mended.code).toBe(0);
    const text = readFileSync(join(out, 'results.csv'), 'utf8');
    expect(text).not.toContain('failed');
    const rows = text.trim().split('\n').slice(1);
    const cells = (point: number) =>
      rows.filter((row) => row.startsWith(`${point},`)).map((row) => row.split(',').slice(2, -1));
    expect(cells(1)).toEqual(cells(0));
    expect(cells(0).length).toBeGreaterThan(1);
    // Without a loss there is no prediction to be away from.
    const away = runVerb(reportVerb, [out, '--y', 'nc3']);
    await expect(away).rejects.toThrow(/--y: a measure that some point has \([^)]*nc1[^)]*\), got "nc3"/);
    const said = await runVerb(sweepVerb, [out, '--resume', '--jobs', '0', '--y', 'nc1,nc3']);
    expect(said.stderr).toContain('note: no point has nc3, so it is not drawn; some have nc1,');
  });

  it('is bisected on its accuracy where a fit of the feature decay has no value: all is lost there', async () => {
    const { folder } = sweepFile();
    const array = (name: string, shape: number[], value: (at: number) => number): ArrayToWrite => ({
      ...{ name, shape, dtype: 'float64' },
      values: Array.from({ length: shape.reduce((a, b) => a * b) }, (_, at) => value(at)),
    });
    for (const [name, size] of [
      ['learned', 1],
      ['lost', 0],
    ] as const)
      writeFileSync(
        join(folder, `${name}.npz`),
        encodeNpz([
          array('features', [6, 2], (at) => size * Number(at % 2 === Number(at >= 8))),
          array('labels', [6], (at) => Number(at >= 4)),
          array('W1', [2, 2], (at) => size * Number(at % 3 === 0)),
        ]),
      );
    writeFileSync(
      join(folder, 'train.mjs'),
      `import { copyFileSync } from 'node:fs';
const [wd, out] = process.argv.slice(2);
copyFileSync(wd < 0.02 ? 'learned.npz' : 'lost.npz', out + '/head.npz');
`,
    );
    const spec = [
      `run: ['${process.execPath}', train.mjs, '{wd}', '{out}']`,
      "measure: {loss: ce, weightDecay: '{wd}', featureDecay: fit}",
      'sweep: {wd: [0.01, 0.03, 0.09]}',
      'bisect: wd\n',
    ].join('\n');
    writeFileSync(join(folder, 'own.yaml'), spec);
    const out = join(folder, 'a');
    const args = [join(folder, 'own.yaml'), '--out', out, '--jobs', '0', '--csv', '--table', 'losses'];
    const { code, stdout } = await runVerb(sweepVerb, args);
    expect(code).toBe(0);
    const middle = Math.exp(Math.log(0.01 * 0.03) / 2);
    // Of the first class all samples are named rightly where all outputs are the same.
    expect(stdout.split('\n').slice(1)).toEqual(['0,4,,0.09,,0', `1,2,${middle},0.01,0.03,1`]);
    expect(readFileSync(join(out, 'results.csv'), 'utf8')).toMatch(
      /measured.*no prediction: feature-decay fit/,
    );
    writeFileSync(join(folder, 'own.yaml'), spec.replace('loss: ce', 'loss: mss'));
    await expect(runVerb(sweepVerb, args)).rejects.toThrow('measure.loss: mse or ce');
  });
});

describe('killed', () => {
  /** Runs until `enough` points are logged, then kills the sweep and waits until its workers are gone. */
  async function kill(args: readonly string[], cwd: string, enough: number): Promise<void> {
    const child = spawn(process.execPath, [BIN, 'sweep', ...args], { cwd, stdio: 'ignore' });
    const closed = new Promise((done) => child.on('close', done));
    while (child.exitCode === null && logged(join(cwd, 'a')) < enough) await delay(5);
    child.kill('SIGKILL');
    await closed;
  }

  const logged = (folder: string): number =>
    existsSync(join(folder, 'logs'))
      ? readdirSync(join(folder, 'logs'))
          .map((name) => readFileSync(join(folder, 'logs', name), 'utf8').split('\n').length - 2)
          .reduce((sum, lines) => sum + Math.max(0, lines), 0)
      : 0;

  const DEEP = process.env.COLLAPSAR_DEEP !== undefined;

  it(`at ${DEEP ? 30 : 2} moments, ends with the same results.csv`, { timeout: 600_000 }, async () => {
    const seeds = DEEP ? 40 : 12;
    const range = `init.seed: {from: 0, to: ${seeds - 1}, points: ${seeds}}`;
    const text = SPEC.replace('init.seed: [0, 1]', range);
    const { folder, spec } = sweepFile(text.replace('steps: 300', `steps: ${DEEP ? 20_000 : 1000}`));
    mkdirSync(join(folder, 'whole'));
    const whole = spawn(process.execPath, [BIN, 'sweep', spec, '--out', 'whole/a'], { cwd: folder });
    await new Promise((done) => whole.on('close', done));
    const kills = DEEP ? 30 : 2;
    for (let i = 1; i <= kills; i++)
      await kill(
        [spec, '--out', 'a', ...(i === 1 ? [] : ['--resume'])],
        folder,
        Math.floor((i * 2 * 0.87 * seeds) / kills),
      );
    const end = spawn(process.execPath, [BIN, 'sweep', 'a', '--resume'], { cwd: folder });
    expect(await new Promise((done) => end.on('close', done))).toBe(0);
    expect(timeless(join(folder, 'a'))).toBe(timeless(join(folder, 'whole', 'a')));
    expect(timeless(join(folder, 'a')).trim().split('\n')).toHaveLength(1 + 2 * seeds * 3);
  });
});
