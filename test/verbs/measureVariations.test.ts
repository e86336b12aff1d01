/** A predicted minimum, written to a file and measured with the same options: it must be called what it is. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { measure, minimiserFile, minimiserOf, predictProblem, solutionFile } from '../../src/verbs/index.js';

const base: ProblemInput = {
  counts: [16, 8, 4],
  depth: 1,
  widths: 5,
  weightDecays: 0.005,
  featureDecay: 0.004,
};

describe('measure of a predicted minimum', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['class weights', { classWeights: [1, 2, 4], depth: 2 }],
    ['label smoothing', { labelSmoothing: 0.2 }],
    ['a decayed bias', { bias: 'decayed', biasDecay: 0.05 }],
    [
      'cross-entropy with weights and a decayed bias',
      { loss: 'ce', bias: 'decayed', classWeights: 'inverse' },
    ],
    ['cross-entropy, features of at least 0', { loss: 'ce', featureSign: 'nonnegative' }],
    ['squared error, features of at least 0, a bias', { bias: 'free', featureSign: 'nonnegative' }],
  ])('with %s meets its prediction', async (name, more) => {
    const problem = createProblem({ ...base, ...more });
    const file = await openArrays(
      memorySource('network.npz', minimiserFile(predictProblem(problem, blas), blas)),
    );
    const { loss, bias, depth, ...variations } = { depth: 1, ...more };
    expect(depth, name).toBe(problem.widths.length);
    const document = await measure({
      ...{
        file,
        names: {},
        loss: loss ?? 'mse',
        weightDecays: [0.005],
        blas,
        variations,
      },
      featureDecay: 'fit',
      bias,
    });
    expect(document.prediction?.problem.featureDecay).toBeCloseTo(0.004, 8);
    for (const distance of [document.nc2.weights, document.nc2.features, document.nc3])
      expect(distance.predicted).toBeLessThan(1e-5);
    document.classes.forEach(({ weightNorm, predictedWeightNorm, fit, predictedFit }) => {
      expect(weightNorm).toBeCloseTo(predictedWeightNorm ?? NaN, 5);
      expect(fit).toBeCloseTo(predictedFit ?? NaN, 6);
    });
    expect(document.verdict?.held).not.toBe(false);
  });

  it('is told apart from that of another problem', async () => {
    const problem = createProblem({ ...base, classWeights: [1, 2, 4] });
    const bytes = minimiserFile(predictProblem(problem, blas), blas);
    const run = async (variations: Partial<ProblemInput>) =>
      await measure({
        ...{
          file: await openArrays(memorySource('network.npz', bytes)),
          names: {},
          loss: 'mse',
          blas,
          variations,
        },
        ...{ weightDecays: [0.005], featureDecay: 0.004 },
      });
    const [right, wrong] = [await run({ classWeights: [1, 2, 4] }), await run({})];
    expect(right.nc2.weights.predicted).toBeLessThan(1e-9);
    expect(wrong.nc2.weights.predicted).toBeGreaterThan(1e-2);
  });
});

describe('features that are all at least 0', () => {
  const bytesOf = (more: Partial<ProblemInput>, offset = 0) => {
    const problem = createProblem({ ...base, ...more });
    const { head, classFeatures } = minimiserOf(predictProblem(problem, blas), blas);
    // An offset of every feature, taken up by the bias: the outputs stay.
    const [W] = head.weights;
    const bias = head.bias?.map(
      (value, k) => value - offset * sumOf(W.data.subarray(k * W.cols, (k + 1) * W.cols)),
    );
    const shifted = { ...classFeatures, data: classFeatures.data.map((value) => value + offset) };
    return solutionFile(problem, { head: { ...head, bias: bias ?? null }, classFeatures: shifted });
  };
  const sumOf = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
  const measured = async (bytes: Uint8Array, more: Partial<ProblemInput>) => {
    const { loss = 'mse', bias, ...variations } = more;
    const file = await openArrays(memorySource('network.npz', bytes));
    const decays = { weightDecays: [0.005], featureDecay: 0.004 };
    return measure({ ...{ file, names: {}, loss, bias, variations, blas }, ...decays });
  };

  it('are held against both predictions, and the nearer one is named', async () => {
    const sign = { featureSign: 'nonnegative' } as const;
    const { geometries, prediction } = await measured(bytesOf({ loss: 'ce', ...sign }), { loss: 'ce' });
    expect(prediction?.problem.featureSign).toBeUndefined();
    expect(geometries?.nearer).toBe('nonnegative');
    expect(geometries?.nonnegative.weights).toBeLessThan(1e-5);
    expect(geometries?.free.features).toBeGreaterThan(0.1);
    expect(geometries?.free.objective).toBe(prediction?.objective);
    const asked = await measured(bytesOf({ loss: 'ce', ...sign }), { loss: 'ce', ...sign });
    expect(asked.geometries).toEqual(geometries);
    // The frame of any sign, moved to where all entries are positive by an offset that a free bias takes up.
    const free = await measured(bytesOf({ bias: 'free' }, 10), { bias: 'free' });
    expect(free.geometries?.nearer).toBe('free');
    expect(free.geometries?.free.weights).toBeLessThan(1e-6);
    expect(free.geometries?.nonnegative.features).toBeGreaterThan(0.1);
  });

  it('are one prediction under squared error without bias, and none where some are below 0', async () => {
    expect((await measured(bytesOf({ featureSign: 'nonnegative' }), {})).geometries?.nearer).toBe('alike');
    const signed = bytesOf({ loss: 'ce' });
    expect((await measured(signed, { loss: 'ce' })).geometries).toBe(null);
    await expect(measured(signed, { loss: 'ce', featureSign: 'nonnegative' })).rejects.toThrow(
      /^feature-sign: free, as there are features below 0/,
    );
  });
});
