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

  it('is the same number in every class of a balanced network whose features have an offset', () => {
    const problem = createProblem({
      ...{ counts: [6, 6, 6], depth: 2, widths: 5, bias: 'free' },
      ...{ weightDecays: [2e-3, 1e-3], featureDecay: 1e-3 },
    });
    const minimiser = buildMinimiser(problem, blas, createRandom(1));
    const means = transpose(minimiser.classFeatures);
    const square = means.data.reduce((sum, x) => sum + x * x, 0) / 3;
    // One more feature, five times as long as those means, that no row of the head reads: as after a ReLU.
    const wide = (A: Matrix, value: number): Matrix => {
      const out = zeros(3, 6);
      for (let k = 0; k < 3; k++)
        out.data.set([...A.data.subarray(k * A.cols, (k + 1) * A.cols), value], k * 6);
      return out;
    };
    const { value, classes, range } = effectiveFeatureDecay({
      ...{ means: wide(means, 5 * Math.sqrt(square)), P: wide(headProduct(blas, minimiser.head.weights), 0) },
      ...{ counts: problem.counts, weightDecays: problem.weightDecays, bias: 'none', blas },
    });
    // Σ n‖h̄‖² is 26 times what it was.
    for (const decay of [value, ...classes, ...range]) expect((26 * decay!) / 1e-3).toBeCloseTo(1, 9);
  });

  it.each([1, 3] as const)(
    'is the mean of its classes where the head lies within their means: M = %i',
    (M) => {
      const random = createRandom(8);
      const normal = (rows: number, cols: number): Matrix => {
        const out = zeros(rows, cols);
        for (let at = 0; at < out.data.length; at++) out.data[at] = 2 * random.uniform() - 0.7;
        return out;
      };
      const [counts, K, d] = [[9, 4, 7, 5], 4, 6];
      const means = normal(K, d);
      const P = zeros(K, d);
      blas.gemm('N', 'N', 1, normal(K, K), means, 0, P);
      const weightDecays = new Array<number>(M).fill(2e-3);
      const { value, classes, range } = effectiveFeatureDecay({
        means,
        counts,
        P,
        weightDecays,
        bias: 'none',
        blas,
      });
      // By dense powers: y_k = (HHᵀ)^{−1/2}√n_k h̄_k.
      const power = (A: Matrix, exponent: number): Matrix => {
        const { values, vectors } = blas.eigenSymmetric(A);
        const scaled = { ...vectors, data: vectors.data.slice() };
        for (let at = 0; at < scaled.data.length; at++) {
          const eigenvalue = values[at % A.cols];
          scaled.data[at] *= eigenvalue > 1e-10 ? eigenvalue ** exponent : 0;
        }
        const out = zeros(A.rows, A.rows);
        blas.gemm('N', 'T', 1, scaled, vectors, 0, out);
        return out;
      };
      const rows = { ...means, data: means.data.map((x, at) => x * Math.sqrt(counts[Math.floor(at / d)])) };
      const gram = (A: Matrix): Matrix => {
        const out = zeros(d, d);
        blas.gramInto(1, A, 0, out);
        return out;
      };
      const Y = zeros(K, d);
      blas.gemm('N', 'N', 1, rows, power(gram(rows), -1 / 2), 0, Y);
      const head = zeros(K, d);
      blas.gemm('N', 'N', 1, Y, power(gram(P), 1 / M), 0, head);
      const row = (A: Matrix, k: number) => A.data.subarray(k * d, (k + 1) * d);
      const balances = counts.map((n, k) => n * blas.dot(row(means, k), row(means, k)));
      classes.forEach((decay, k) =>
        expect((2e-3 * blas.dot(row(Y, k), row(head, k))) / balances[k] / decay!).toBeCloseTo(1, 8),
      );
      const total = balances.reduce((sum, x) => sum + x, 0);
      const mean = classes.reduce<number>((sum, decay, k) => sum + (decay! * balances[k]) / total, 0);
      expect(mean / value).toBeCloseTo(1, 9);
      expect(range[0] < value && value < range[1]).toBe(true);
      expect(range[1] / range[0]).toBeGreaterThan(1.5);
    },
  );

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
