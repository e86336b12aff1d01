import { describe, expect, it } from 'vitest';
import { transpose, zeros, type Matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { headProduct } from '../../src/head/index.js';
import { effectiveFeatureDecay, type FittedDecay } from '../../src/metrics/index.js';
import { createProblem, type Problem } from '../../src/model/index.js';
import { buildMinimiser, predictCe, type Minimiser } from '../../src/theory/index.js';
import { BLASES } from '../support/blases.js';

const [blas] = BLASES;

function fitted(problem: Problem, { head, classFeatures }: Minimiser): FittedDecay {
  return effectiveFeatureDecay({
    means: transpose(classFeatures),
    counts: problem.counts,
    P: headProduct(blas, head.weights),
    weightDecays: problem.weightDecays,
    bias: problem.bias,
    blas,
  });
}

/** λ_H by the definition, at a direction: (Πλ)^{1/M}·vᵀ(PᵀP)^{1/M}v/(vᵀHHᵀv), (PᵀP)^{1/M} by a dense eigendecomposition. */
function byEigenvectors(problem: Problem, { head, classFeatures }: Minimiser, v: Float64Array): number {
  const P = headProduct(blas, head.weights);
  const d = P.cols;
  const gram = zeros(d, d);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < d; j++)
      for (let k = 0; k < P.rows; k++) gram.data[i * d + j] += P.data[k * d + i] * P.data[k * d + j];
  const { values, vectors } = blas.eigenSymmetric(gram);
  const depth = problem.weightDecays.length;
  const root = problem.weightDecays.reduce((product, decay) => product * decay ** (1 / depth), 1);
  const column = (A: Matrix, j: number) => Float64Array.from({ length: d }, (_, i) => A.data[i * A.cols + j]);
  const dot = (a: Float64Array, b: Float64Array) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  let above = 0;
  values.forEach(
    (value, j) => (above += Math.max(0, value) ** (1 / depth) * dot(column(vectors, j), v) ** 2),
  );
  let below = 0;
  problem.counts.forEach((n, k) => (below += n * dot(column(classFeatures, k), v) ** 2));
  return (root * above) / below;
}

const COUNTS = [
  [9, 9, 5, 2],
  [40, 11, 3],
  [6, 6, 6, 6, 6],
] as const;
const cases = COUNTS.flatMap((counts) =>
  ([1, 2, 3] as const).flatMap((depth) =>
    (['none', 'free'] as const).map((bias) => ({ counts, depth, bias })),
  ),
);

describe('effective feature decay', () => {
  it.each(cases)(
    'is λ_H in every class at a minimiser of MSE: n = $counts, M = $depth, bias $bias',
    (input) => {
      const problem = createProblem({
        ...input,
        widths: 7,
        weightDecays: [4e-3, 1e-3, 2e-3].slice(0, input.depth),
        featureDecay: 3e-3,
      });
      const { value, classes, range } = fitted(problem, buildMinimiser(problem, blas, createRandom(5)));
      // Rounding; the square root of 1e-16 in small singular values for M = 3.
      for (const decay of [value, ...classes, ...range]) expect(decay! / 3e-3).toBeCloseTo(1, 9);
    },
  );

  it.each([
    { counts: [8, 4, 2, 2], bias: 'none' },
    { counts: [8, 4, 2, 2], bias: 'free' },
    { counts: [100, 10, 1], bias: 'none' },
    { counts: [30, 30, 2, 2, 2], bias: 'free' },
  ] as const)(
    'is λ_H in every class at the convex minimum of cross-entropy: n = $counts, bias $bias',
    (input) => {
      const problem = createProblem({
        ...{ ...input, depth: 1, widths: 6, loss: 'ce' },
        ...{ weightDecays: 2e-3, featureDecay: 5e-4 },
      });
      const prediction = predictCe(problem);
      expect(prediction.optimality).toBe('global');
      const minimiser = prediction.minimiser();
      const { value, classes, range } = fitted(problem, minimiser);
      // The factors are balanced by construction; the rest is the solution's 1e-11.
      for (const decay of [value, ...classes, ...range]) expect(decay! / 5e-4).toBeCloseTo(1, 6);
      const v = Float64Array.from(
        { length: 6 },
        (_, i) => minimiser.classFeatures.data[i * input.counts.length + 1],
      );
      expect(byEigenvectors(problem, minimiser, v) / classes[1]!).toBeCloseTo(1, 6);
    },
  );

  it.each([
    { depth: 2, bias: 'none' },
    { depth: 3, bias: 'free' },
  ] as const)('is λ_H at the best point of the search: M = $depth, bias $bias', (input) => {
    const problem = createProblem({
      ...{ ...input, counts: [20, 9, 9, 4], widths: 6, loss: 'ce' },
      ...{ weightDecays: [2e-3, 5e-4, 1e-3].slice(0, input.depth), featureDecay: 1e-3 },
    });
    const { value, range } = fitted(problem, predictCe(problem, { restarts: 6 }).minimiser());
    // Points of a search are stationary to about 1e-7.
    for (const decay of [value, ...range]) expect(decay / 1e-3).toBeCloseTo(1, 5);
  });

  it('spreads where layers and features are out of balance, class by class as the definition says', () => {
    const problem = createProblem({
      ...{ counts: [12, 5, 3], depth: 2, widths: 4 },
      ...{ weightDecays: [2e-3, 1e-3], featureDecay: 1e-3 },
    });
    const minimiser = buildMinimiser(problem, blas, createRandom(1));
    // Class 2's mean is twice as long: its own λ_H falls, by the factor 4 as its mean is along its own mode.
    const features = { ...minimiser.classFeatures, data: minimiser.classFeatures.data.slice() };
    for (let i = 0; i < 4; i++) features.data[i * 3 + 2] *= 2;
    const moved = { ...minimiser, classFeatures: features };
    const { value, classes, range } = fitted(problem, moved);
    [1e-3, 1e-3, 2.5e-4].forEach((decay, k) => {
      expect(classes[k]! / decay).toBeCloseTo(1, 9);
      const v = Float64Array.from({ length: 4 }, (_, i) => features.data[i * 3 + k]);
      expect(byEigenvectors(problem, moved, v) / decay).toBeCloseTo(1, 6);
    });
    expect(range[0] / range[1]).toBeCloseTo(0.25, 9);
    expect(value).toBeLessThan(1e-3);
  });

  it('does not exist for a head of zeros', () => {
    const means = { data: Float64Array.of(1, 0, 0, 1), rows: 2, cols: 2 };
    expect(() =>
      effectiveFeatureDecay({
        means,
        counts: [2, 2],
        P: zeros(2, 2),
        weightDecays: [1e-3],
        bias: 'none',
        blas,
      }),
    ).toThrow(/feature-decay fit/);
  });
});
