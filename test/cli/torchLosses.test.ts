/**
 * `predict` and `measure FILE` with the losses of PyTorch as options: class weights, label smoothing, both, a decayed bias. What they
 * are held against is where PyTorch itself ended (test/golden/monitor/make_minima.py), as a file of features and head.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeNpz } from '../../src/data/index.js';
import { openMonitorFolder } from '../../src/runs/monitorFolder.node.js';
import { readMonitorTensors } from '../../src/runs/index.js';
import { sampleLossOf, smoothedLoss } from '../../src/model/index.js';
import type { MeasureDocument, PredictionDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { collapsar, json } from '../support/commandInProcess.js';

const MINIMA = new URL('../golden/monitor/minima/', import.meta.url).pathname;
const objectives = JSON.parse(readFileSync(`${MINIMA}objective.json`, 'utf8')) as Record<string, number>;
const COUNTS = [12, 8, 4];
const DECAYS = ['--loss', 'ce', '--bias', 'decayed', '--weight-decay', '5e-3', '--feature-decay', '5e-3'];
const WEIGHTS = ['--class-weights', '0.5,1,2'];
const SMOOTHING = ['--label-smoothing', '0.1'];
/** Σ n_k w_k/N, and the same of s = 0.9 w + 0.1/3·Σ w. */
const MEAN = 22 / 24;
const SMOOTHED = 0.9 * MEAN + (0.1 / 3) * 3.5;

const CASES = [
  { name: 'ce', options: [], factor: 1 },
  { name: 'ce-weights', options: WEIGHTS, factor: 1 },
  { name: 'ce-smoothing', options: SMOOTHING, factor: 1 },
  { name: 'ce-weights-smoothing', options: [...WEIGHTS, ...SMOOTHING], factor: MEAN / SMOOTHED },
] as const;

const folder = temporaryFolder();

/** All samples of a class are at its mean, as at any minimum. */
async function writeFeatures(name: string): Promise<void> {
  const store = await openMonitorFolder(`${MINIMA}${name}`);
  const [{ file, bytes }] = store.epochs;
  const opened = await store.openEpoch({ file: file!, bytes });
  const { weights, biases, train } = await readMonitorTensors(opened, store.manifest);
  await opened.close();
  const { means } = train.layers[0];
  const labels = COUNTS.flatMap((n, k) => new Array<number>(n).fill(k));
  const features = labels.flatMap((k) =>
    Array.from(means.data.subarray(k * means.cols, (k + 1) * means.cols)),
  );
  const array = (key: string, shape: number[], values: ArrayLike<number>) => ({
    ...{ name: key, shape, dtype: 'float64' as const },
    values: Float64Array.from(values),
  });
  writeFileSync(
    join(folder, `${name}.npz`),
    encodeNpz([
      array('features', [labels.length, means.cols], features),
      array('labels', [labels.length], labels),
      array('W1', [weights[0].rows, weights[0].cols], weights[0].data),
      array('b1', [3], biases[0]!),
    ]),
  );
}

beforeAll(async () => {
  for (const { name } of CASES) await writeFeatures(name);
});

describe('a minimum that PyTorch found', () => {
  it.each(CASES)(
    'is that of predict and measure with its options: $name',
    async ({ name, options, factor }) => {
      const measured = (await json(['measure', `${name}.npz`, ...DECAYS, ...options], {
        cwd: folder,
      })) as MeasureDocument;
      const { prediction, verdict, classes } = measured;
      expect(verdict).toMatchObject({ held: true, warnings: [] });
      classes.forEach((each) => {
        expect(each.weightNorm).toBeCloseTo(each.predictedWeightNorm!, 5);
        expect(each.featureNorm).toBeCloseTo(each.predictedFeatureNorm!, 5);
        expect(each.fit).toBeCloseTo(each.predictedFit!, 5);
      });
      expect(measured.nc2.weights.predicted).toBeLessThan(1e-5);
      expect(measured.nc2.features.predicted).toBeLessThan(1e-5);
      const { problem, objective } = prediction!;
      for (const lambda of [problem.weightDecays[0], problem.featureDecay, problem.biasDecay!])
        expect(lambda / 5e-3).toBeCloseTo(factor, 12);
      expect(objective / factor / objectives[name]).toBeCloseTo(1, 8);
      const same = (await json([
        ...['predict', '--counts', COUNTS.join(), '--width', '5', ...DECAYS, ...options],
      ])) as PredictionDocument & { readonly decayConversion: unknown };
      expect(same.objective / objective).toBeCloseTo(1, 10);
      expect(same.problem).toEqual(problem);
      if (factor === 1) expect([measured.lossConvention, same.decayConversion]).toEqual([null, null]);
      else {
        const sentence = expect.stringContaining('PyTorch smooths labels with the class weights') as unknown;
        expect(measured.lossConvention).toEqual(sentence);
        const lambdaPerDecay = expect.closeTo(factor, 12) as unknown;
        expect(same.decayConversion).toEqual({ reduction: 'weighted smoothing', lambdaPerDecay, sentence });
      }
    },
  );

  it.each([
    { name: 'ce-weights', said: 'no weights', options: [] },
    { name: 'ce-smoothing', said: 'no smoothing', options: [] },
    { name: 'ce-weights-smoothing', said: 'weights alone', options: WEIGHTS },
    { name: 'ce-weights-smoothing', said: 'smoothing alone', options: SMOOTHING },
  ])('of $name is not that with $said', async ({ name, options }) => {
    const { nc2, verdict } = (await json(['measure', `${name}.npz`, ...DECAYS, ...options], {
      cwd: folder,
    })) as MeasureDocument;
    expect(nc2.weights.predicted).toBeGreaterThan(1e-3);
    expect(verdict!.objectiveAtMeans).not.toBeNull();
  });

  it('is fitted and named in the text', async () => {
    const options = [...DECAYS.slice(0, -1), 'fit', ...WEIGHTS, ...SMOOTHING];
    const { stdout } = await collapsar(['measure', 'ce-weights-smoothing.npz', ...options], { cwd: folder });
    expect(stdout).toContain('PyTorch smooths labels with the class weights (ε = 0.1, w = 0.5, 1, 2)');
    expect(stdout.replace(/\s+/g, ' ')).toContain('λ = 0.9735·wd');
    expect(stdout).toMatch(/λ_H = 0\.004867/);
  });
});

describe('the loss of nn.CrossEntropyLoss with weights and smoothing', () => {
  const LOGITS = [
    [1, -0.5, 0.25],
    [0.5, 2, -1],
    [-0.75, 0.125, 1.5],
    [2, 0, 1],
    [0, 1, 0],
  ];
  const LABELS = [0, 1, 2, 0, 0];

  // torch 1.13: CrossEntropyLoss(weight=[0.5, 1, 2], label_smoothing=ε) in float64.
  it.each([
    [0.1, 0.6110763264263785],
    [0.4, 1.046170466515885],
  ])('is that with soft targets, for ε = %s', (labelSmoothing, torch) => {
    const counts = [3, 1, 1];
    const smoothed = smoothedLoss('ce', { classWeights: [0.5, 1, 2], labelSmoothing }, counts, 1)!;
    const { classWeights, targets } = smoothed.variations;
    const s = classWeights as readonly number[];
    const lossOf = sampleLossOf('ce', { targets: targets!, focal: 0, logitAdjustment: null });
    const losses = LOGITS.map(
      (z, i) => s[LABELS[i]] * lossOf(Float64Array.from(z), LABELS[i], new Float64Array(3)),
    );
    const total = LABELS.reduce((sum, k) => sum + s[k], 0);
    const average = losses.reduce((sum, loss) => sum + loss, 0) / total;
    expect(average / smoothed.lambdaPerDecay).toBeCloseTo(torch, 12);
  });

  it('is the plain form where weights are alike, for squared error, and with targets', () => {
    const both = { classWeights: [1, 2], labelSmoothing: 0.1 };
    expect(smoothedLoss('ce', { ...both, classWeights: [2, 2] }, [1, 1], 1)).toBeNull();
    expect(smoothedLoss('mse', both, [1, 1], 1)).toBeNull();
    expect(
      smoothedLoss(
        'ce',
        {
          ...both,
          targets: [
            [1, 0],
            [0, 1],
          ],
        },
        [1, 1],
        1,
      ),
    ).toBeNull();
    // 1/√n of 4 and 1, scaled to Σ n w = N.
    const named = smoothedLoss('ce', { ...both, classWeights: 'inverse-sqrt' }, [4, 1], 1)!;
    const s = [0.9 * (5 / 6) + 0.05 * 2.5, 0.9 * (5 / 3) + 0.05 * 2.5];
    expect(named.variations.classWeights).toEqual(s.map((value) => expect.closeTo(value, 12) as unknown));
    expect(named.lambdaPerDecay).toBeCloseTo(5 / (4 * s[0] + s[1]), 12);
  });

  it('is refused where no estimate was tried with it', async () => {
    const counted = ['--weight-layers', '4', '--counts', '12,8,4'];
    const advise = (...options: readonly string[]) =>
      collapsar(['advise', '--decay', 'all', ...counted, '--loss', 'ce', ...options]);
    const { code, stderr } = await advise(...WEIGHTS, ...SMOOTHING);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('--label-smoothing: no class weights beside it under cross-entropy'),
    ]);
    expect((await advise(...SMOOTHING)).code).toBe(0);
  });
});
