/** Records of a run beside its summary: the problem that the lab compares them with, or why with none. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMonitored } from '../../lab/state/besideMonitored.js';
import { readBeside, type BesideRecords } from '../../lab/state/besideRecords.js';
import { isMonitored, isRun, monitoredAmong } from '../../lab/state/runFiles.js';
import { namedClassWeights } from '../../src/model/index.js';
import { readRecords, REPLAY_FORMAT, type RunSummary } from '../../src/runs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { json } from '../support/commandInProcess.js';

const COUNTS = [6, 4, 2];
const DEPTH = 2;

describe('the problem of a run', () => {
  let records = '';
  let summary: RunSummary;
  beforeAll(async () => {
    const home = temporaryFolder();
    const spec = join(home, 'spec.json');
    const problem = { counts: COUNTS, depth: DEPTH, width: 3, weightDecay: 1e-3, featureDecay: 1e-3 };
    const weights = { classWeights: 'inverse' };
    writeFileSync(spec, JSON.stringify({ kind: 'ufm', ...problem, ...weights, steps: 2, measureEvery: 1 }));
    await json(['train', spec, '--out', join(home, 'run')]);
    records = readFileSync(join(home, 'run', 'records.jsonl'), 'utf8');
    summary = JSON.parse(readFileSync(join(home, 'run', 'summary.json'), 'utf8')) as RunSummary;
    // The first verb of a process loads all of them, which takes its time on a busy machine.
  }, 60_000);

  function problemWith(change: object): BesideRecords['problem'] {
    const { classWeights, ...plain } = summary.problem;
    expect(classWeights).toEqual(namedClassWeights('inverse', COUNTS, DEPTH));
    const text = JSON.stringify({ ...summary, problem: { ...plain, ...change } });
    const beside = readBeside(text, readRecords(records).records, true);
    if (typeof beside === 'string') throw new Error(beside);
    return beside.problem;
  }

  it.each(['inverse', 'inverse-sqrt', 'equal-survival'] as const)(
    'has its class weights by name: %s',
    (name) => {
      const weights = namedClassWeights(name, COUNTS, DEPTH);
      expect(problemWith({ classWeights: weights })).toMatchObject({ counts: COUNTS, weighting: name });
      expect(problemWith({})).toMatchObject({ weighting: 'none' });
    },
  );

  it.each([
    [{ classWeights: [1, 2, 3] }, 'Its class weights are none of those that the lab knows by name'],
    [{ loss: 'ce', labelSmoothing: 0.1 }, 'It has label smoothing 0.1'],
    [{ featureSign: 'nonnegative' }, 'It has features at least 0'],
    [{ bias: 'decayed', biasDecay: 0.01 }, 'It has λ_b = 0.01'],
    [{ loss: 'ce', focal: 2 }, 'It has focal γ = 2'],
    [{ widths: [3, 4] }, 'Its widths differ by layer (3, 4)'],
    [{ weightDecays: [1e-3, 2e-3] }, 'Its weight decays differ by layer (0.001, 0.002)'],
  ])('is none that the lab could show something else for: %j', (change, why) => {
    expect(problemWith(change)).toEqual({ why: expect.stringContaining(why) as string });
  });

  it.each([
    [{ step: 9, measuredAtStep: 9 }, 'it ends at step 9, of which there is no record'],
    [{ cdnv: 7 }, 'its measures at step 2 are not those of the records'],
  ])('is refused with the records of another run: %j', (change, why) => {
    const { records: lines } = readRecords(records);
    expect(readBeside(JSON.stringify({ ...summary, ...change }), lines, true)).toContain(why);
    const four = lines.map((line) => ({ ...line, weightNorms: [1, 2, 3, 4] }));
    expect(readBeside(JSON.stringify(summary), four, true)).toContain('it has 3 classes and the records 4');
  });
});

describe('a training in PyTorch', () => {
  const network: unknown = JSON.parse(
    readFileSync(new URL('../golden/monitor/run/collapsar.json', import.meta.url), 'utf8'),
  );
  const replay = { format: REPLAY_FORMAT, step: 7, network, notes: ['A note.'] };
  const verdict = { held: true, sentence: 'Every class is as theory says.' };
  const theory = 'At its last epoch it was held against theory for squared error.';

  it('brings its verdict, its theory and what was captured, and is said to be another problem', () => {
    const read = readMonitored(JSON.stringify({ ...replay, verdict, theory }));
    expect(read).toMatchObject({ end: { step: 7, ...verdict }, training: null, sure: true });
    expect(read?.monitored).toMatchObject({ theory, notes: ['A note.'], network: { loss: { name: 'ce' } } });
    expect(read?.problem).toMatchObject({ why: expect.stringContaining('another problem') as string });
    const none = readMonitored(JSON.stringify({ ...replay, verdict: null, theory: 'No prediction.' }));
    expect(none?.end).toBeNull();
    expect(readMonitored('{"step": 7}')).toBeNull();
    expect(readMonitored('no JSON')).toBeNull();
  });

  const filesOf = (...paths: readonly string[]) =>
    paths.map((path) => ({ path, name: path.replace(/^.*\//, '') }));
  const pathOf = ({ path }: { readonly path: string }) => path;

  it.each([
    [['run/collapsar.json', 'run/epochs.jsonl', 'run/epochs/000001.safetensors'], true],
    [['records.jsonl', 'summary.json'], true],
    [['features/net.npz', 'features/metrics.json'], false],
    [['saved.json'], true],
  ])('and a folder of features are told apart: %j', (paths, run) => {
    expect(isRun(filesOf(...paths))).toBe(run);
  });

  it.each([
    [['epochs.jsonl'], 'without its collapsar.json'],
    [['epochs.jsonl', 'collapsar.json'], 'lie in its folder epochs'],
    [['all/a/collapsar.json', 'all/b/collapsar.json'], 'These are 2 trainings (all/a, all/b'],
  ])('is refused in parts, and two at once: %j', (paths, words) => {
    const files = filesOf(...paths);
    expect(isMonitored(files)).toBe(true);
    expect(monitoredAmong(files, pathOf)).toContain(words);
  });

  it('is found in the folder that was brought, or as loose files', () => {
    const names = ['collapsar.json', 'epochs.jsonl', 'epochs/000010.safetensors'];
    const within = monitoredAmong(filesOf(...names.map((name) => `all/mine/${name}`), 'all/x.npz'), pathOf);
    if (typeof within === 'string') throw new Error(within);
    expect([within.run, ...within.files.keys()]).toEqual(['mine', ...names]);
    const loose = monitoredAmong(filesOf('000010.safetensors', 'collapsar.json'), pathOf);
    if (typeof loose === 'string') throw new Error(loose);
    expect([loose.run, ...loose.files.keys()]).toEqual(['run', names[2], names[0]]);
  });
});
