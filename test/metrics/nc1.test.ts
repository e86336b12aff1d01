import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matrix, zeros, type Matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { betweenClass, nc1 } from '../../src/metrics/index.js';
import type { ClassStatistics, WithinScatter } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { pinv, times, toRows, turn } from './naive.js';
import { close, title } from './support.js';

/** Random statistics: means K×d, a factor X of Σ_W, and Σ_W in its three forms. */
function statistics(counts: readonly number[], d: number, r: number, seed: number) {
  const random = createRandom(seed);
  const K = counts.length;
  const means = matrix(random.normalsInto(new Float64Array(K * d), 1), K, d);
  const X = matrix(random.normalsInto(new Float64Array(r * d), 0.2), r, d);
  return { counts, means, X };
}

function asStatistics(counts: readonly number[], means: Matrix, within: WithinScatter): ClassStatistics {
  return { counts, means, variances: null, withinTrace: 1, within };
}

/** tr(Σ_WΣ_B⁺)/K with the d×d matrices written out. */
function naive(counts: readonly number[], means: Matrix, X: Matrix, weighted: boolean): number {
  const M = toRows(means);
  const [K, N] = [counts.length, counts.reduce((a, b) => a + b, 0)];
  const centre = M[0].map((_, j) => M.reduce((sum, row, k) => sum + (counts[k] / N) * row[j], 0));
  const C = M.map((row, k) =>
    row.map((x, j) => (x - centre[j]) * Math.sqrt(weighted ? counts[k] / N : 1 / K)),
  );
  const product = times(times(turn(toRows(X)), toRows(X)), pinv(times(turn(C), C)));
  return product.reduce((sum, row, i) => sum + row[i], 0) / K;
}

const problems = fc.record({
  counts: fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 7 }),
  d: fc.integer({ min: 1, max: 12 }),
  r: fc.integer({ min: 1, max: 10 }),
  seed: fc.integer(),
});
/** Explicit pseudo-inverse of the squared matrix: its condition is that of C squared, up to 1e6 here now and then. */
const BY_SQUARES = 1e-8;

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('NC1, %s', (_, blas) => {
  it('is tr(Σ_WΣ_B⁺)/K from every form of Σ_W, both weightings, K above and below d', () => {
    fc.assert(
      fc.property(problems, ({ counts, d, r, seed }) => {
        const { means, X } = statistics(counts, d, r, seed);
        const S = zeros(d, d);
        blas.gramInto(1, X, 0, S);
        const between = betweenClass({ means, counts }, blas);
        expect(between.rank).toBe(Math.min(counts.length - 1, d));
        const projected = zeros(between.rank, between.rank);
        const half = zeros(between.rank, d);
        blas.gemm('N', 'N', 1, between.directions, S, 0, half);
        blas.gemm('N', 'T', 1, half, between.directions, 0, projected);
        const forms: WithinScatter[] = [
          { kind: 'factor', X },
          { kind: 'full', S },
          { kind: 'projected', basis: between.directions, S: projected },
        ];
        // Ill-conditioned draws are the naive way's trouble: leave those beyond 1e4 to the other tests.
        fc.pre(between.singularValues[0] < 1e4 * between.singularValues[between.rank - 1]);
        for (const within of forms) {
          const got = nc1(asStatistics(counts, means, within), between, blas);
          close(got.pinv, naive(counts, means, X, false), BY_SQUARES, 0, `${within.kind} pinv`);
          close(got.pinvWeighted, naive(counts, means, X, true), BY_SQUARES, 0, `${within.kind} weighted`);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('does not invert the rounding of low-rank means', () => {
    // Ten class means in a plane with 1e-10 of noise, features within 1e-9 of them: eigenvalues of Σ_B fall from 1 to 1e-20,
    // and NumPy's pinv cuts at 1e-15.
    const [K, d] = [10, 12];
    const counts = new Array<number>(K).fill(10);
    const { means, X } = statistics(counts, d, 5, 3);
    for (let k = 0; k < K; k++) for (let j = 2; j < d; j++) means.data[k * d + j] *= 1e-10;
    for (let i = 0; i < X.data.length; i++) X.data[i] *= 1e-9;
    const between = betweenClass({ means, counts }, blas);
    expect(between.rank).toBe(2);
    const got = nc1(asStatistics(counts, means, { kind: 'factor', X }), between, blas);
    for (const value of [got.pinv, got.pinvWeighted]) {
      expect(value).toBeLessThan(1e-17);
      expect(value).toBeGreaterThan(0);
    }
  });

  it('handles means in fewer than K−1 dimensions (a rank that is not full)', () => {
    const counts = [5, 9, 2, 30, 4];
    const { means, X } = statistics(counts, 6, 4, 3);
    // Class 3 between classes 0 and 1; class 4 the same as class 2: rank 2 of at most 4.
    for (let j = 0; j < 6; j++) {
      means.data[18 + j] = (means.data[j] + 3 * means.data[6 + j]) / 4;
      means.data[24 + j] = means.data[12 + j];
    }
    const between = betweenClass({ means, counts }, blas);
    expect(between.rank).toBe(2);
    const got = nc1(asStatistics(counts, means, { kind: 'factor', X }), between, blas);
    close(got.pinv, naive(counts, means, X, false), BY_SQUARES);
    close(got.pinvWeighted, naive(counts, means, X, true), BY_SQUARES);
  });

  it('uses the general SVD beyond a few dozen classes, with the same result', () => {
    const counts = Array.from({ length: 60 }, (_, k) => 3 + (k % 17));
    const { means, X } = statistics(counts, 70, 20, 11);
    const between = betweenClass({ means, counts }, blas);
    const got = nc1(asStatistics(counts, means, { kind: 'factor', X }), between, blas);
    close(got.pinv, naive(counts, means, X, false), BY_SQUARES);
    close(got.pinvWeighted, naive(counts, means, X, true), BY_SQUARES);
  });

  it('resolves collapse to 1e-24 of the between-class scatter', () => {
    const counts = [200, 100, 50, 50];
    const { means, X } = statistics(counts, 64, 64, 2);
    const small = matrix(
      X.data.map((x) => x * 1e-12),
      64,
      64,
    );
    const between = betweenClass({ means, counts }, blas);
    const pinvOf = (factor: Matrix) =>
      nc1(asStatistics(counts, means, { kind: 'factor', X: factor }), between, blas).pinv;
    // X enters linearly and is squared at the end: no digits are lost.
    close(pinvOf(small), 1e-24 * pinvOf(X)!, 1e-12);
  });

  it('is null where Σ_B = 0, also when only rounding is left of it', () => {
    const counts = [3, 4, 5];
    const means = matrix(new Float64Array(12).fill(0.1), 3, 4);
    means.data[5] += 1.4e-17; // one last digit
    const X = matrix(new Float64Array(8).fill(1), 2, 4);
    const between = betweenClass({ means, counts }, blas);
    expect(between.rank).toBe(0);
    expect(between.trace).toBe(0);
    const got = nc1(asStatistics(counts, means, { kind: 'factor', X }), between, blas);
    expect(got).toEqual({ pinv: null, pinvWeighted: null, quotient: null });
  });

  it('is 0 for fully collapsed features, and null where only the trace of Σ_W is known', () => {
    const counts = [3, 4, 5];
    const { means } = statistics(counts, 4, 1, 1);
    const between = betweenClass({ means, counts }, blas);
    const none = nc1({ ...asStatistics(counts, means, { kind: 'factor', X: zeros(0, 4) }), withinTrace: 0 }, between, blas); // prettier-ignore
    expect(none).toEqual({ pinv: 0, pinvWeighted: 0, quotient: 0 });
    const traceOnly = nc1({ counts, means, variances: null, withinTrace: 1, within: null }, between, blas);
    expect(traceOnly.pinv).toBeNull();
    close(traceOnly.quotient, 1 / between.trace, 1e-15);
  });

  it('refuses factors of another dimension', () => {
    const { means } = statistics([2, 2], 4, 1, 1);
    const between = betweenClass({ means, counts: [2, 2] }, blas);
    const X = zeros(2, 5);
    for (const within of [
      { kind: 'factor', X },
      { kind: 'full', S: X },
      { kind: 'projected', basis: X, S: X },
    ] as const)
      // prettier-ignore
      expect(() => nc1(asStatistics([2, 2], means, within), between, blas)).toThrow('2×5');
  });
});
