/** Verify, basin and train with problems beyond the plain one. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { checkSpec, readSummary, type UfmSpec } from '../../src/runs/index.js';
import { basin, train, verify } from '../../src/verbs/index.js';
import { memoryStore } from '../support/memoryStore.js';

const base: ProblemInput = {
  counts: [8, 4, 2],
  depth: 1,
  widths: 4,
  weightDecays: 0.005,
  featureDecay: 0.005,
};
const CASES: readonly (readonly [string, Partial<ProblemInput>, string])[] = [
  ['weights', { classWeights: [1, 2, 3] }, 'certified'],
  ['weights, three layers', { depth: 3, classWeights: 'equal-survival' }, 'not beaten'],
  ['label smoothing', { depth: 2, labelSmoothing: 0.1 }, 'certified'],
  [
    'targets of two outputs',
    {
      targets: [
        [1, 0, 2],
        [0, 1, -1],
      ],
      bias: 'free',
    },
    'certified',
  ],
  [
    'cross-entropy with weights and a decayed bias',
    { loss: 'ce', classWeights: 'inverse', bias: 'decayed' },
    'certified',
  ],
  ['features of at least 0 under cross-entropy', { loss: 'ce', featureSign: 'nonnegative' }, 'certified'],
  ['focal loss', { loss: 'ce', focal: 2, counts: [5, 5, 5] }, 'not beaten'],
];

describe('verify', () => {
  it.each(CASES)('does not beat %s', async (_, more, verdict) => {
    const problem = createProblem({ ...base, ...more });
    const { document } = await verify({ problem, blas, budget: 60, restarts: 6, seed: 0 });
    expect(document.verdict).toBe(verdict);
    expect(document.best).toBeGreaterThan(document.predicted * (1 - 1e-9));
    expect(document.best).toBeLessThan(document.predicted * (1 + 1e-7));
  });
});

it('basin ends where theory says with one layer and class weights', async () => {
  const problem = createProblem({ ...base, classWeights: [1, 2, 3], weightDecays: 0.05 });
  const document = await basin({
    ...{ problem, scales: [0.5], starts: 2, seed: 0, steps: 3000, learningRate: null, momentum: 0.9, blas },
  });
  expect(document.scales[0]).toMatchObject({ settled: 2, asPredicted: 2 });
  expect(document.scales[0].lowestObjective).toBeCloseTo(document.prediction.objective, 6);
  expect(document.problem.classWeights).toEqual([1, 2, 3]);
});

it.each([
  ['weights', { classWeights: 'inverse', loss: 'mse' }],
  ['a decayed bias and smoothing', { bias: 'decayed', biasDecay: 0.05, labelSmoothing: 0.1, loss: 'ce' }],
  ['features of at least 0', { featureSign: 'nonnegative', loss: 'ce', width: 32 }],
])('train ends at the prediction with %s, and its summary is read back', async (_, keys) => {
  const spec = checkSpec(
    {
      ...{ kind: 'ufm', counts: [8, 4, 2], depth: 1, width: 4, weightDecay: 0.005, featureDecay: 0.005 },
      ...{ steps: 2500, measureEvery: 500, optimizer: { name: 'sgd', learningRate: 0.3, momentum: 0.9 } },
      ...keys,
    },
    'spec',
  ) as UfmSpec;
  const store = memoryStore();
  const document = await train({
    ...{ spec, store, mode: 'fresh', blas, madeBy: { command: 'train', version: '0' } },
    readStart: () => Promise.reject(new Error('no file')),
  });
  expect(document.objective).toBeCloseTo(document.prediction.objective, 5);
  expect(document.verdict.held).toBe(true);
  document.classes.forEach(({ fit, predictedFit }) => expect(fit).toBeCloseTo(predictedFit ?? NaN, 2));
  const again = readSummary(JSON.stringify(store.held.summary));
  expect(again.problem).toEqual(document.problem);
});
