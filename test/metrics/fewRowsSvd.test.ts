import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { fromRows, zeros, type Matrix } from '../../src/core/matrix.js';
import { fewRowsSvd } from '../../src/metrics/fewRowsSvd.js';
import { frobenius, times, toRows, turn } from './naive.js';
import { close } from './support.js';

/** m rows of which only the first `rank` are independent, scaled by powers of ten. */
function sample(m: number, n: number, rank: number, seed: number, grade: number): Matrix {
  const random = createRandom(seed);
  const A = zeros(m, n);
  random.normalsInto(A.data.subarray(0, rank * n), 1);
  for (let i = 0; i < m; i++)
    for (let j = 0; j < n; j++)
      A.data[i * n + j] =
        i < rank ? A.data[i * n + j] * 10 ** (-grade * i) : A.data[(i % rank) * n + j] * (i + 1);
  return A;
}

describe('fewRowsSvd', () => {
  it('rebuilds A from orthonormal factors, of any rank and grading', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 20 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer(),
        fc.integer({ min: 0, max: 2 }),
        (m, extra, rank, seed, grade) => {
          const A = sample(m, m + extra, Math.min(rank, m), seed, grade);
          const { U, s, Vt } = fewRowsSvd(A);
          const [u, v] = [toRows(U), toRows(Vt)];
          const back = times(
            u,
            v.map((row, i) => row.map((x) => x * s[i])),
          );
          const size = frobenius(toRows(A));
          // Backward stable: a few roundings for each of at most 12 rows.
          expect(frobenius(back.map((row, i) => row.map((x, j) => x - A.data[i * A.cols + j])))).toBeLessThan(
            1e-14 * size,
          );
          const UtU = times(turn(u), u);
          UtU.forEach((row, i) => row.forEach((x, j) => close(x, i === j ? 1 : 0, 0, 1e-13, 'UᵀU')));
          // Rows that stand for singular values above rounding are orthonormal.
          const live = v.filter((_, i) => s[i] > 1e-13 * s[0]);
          times(live, turn(live)).forEach((row, i) =>
            row.forEach((x, j) => close(x, i === j ? 1 : 0, 0, 1e-13 * (s[0] / s[live.length - 1]), 'VVᵀ')),
          );
          for (let i = 1; i < s.length; i++) expect(s[i]).toBeLessThanOrEqual(s[i - 1]);
          const reference = portableBlas.svd(A).s;
          // Another algorithm, with an error of some ε·σ_1.
          s.forEach((value, i) => close(value, reference[i], 0, 1e-13 * size, 'σ'));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('survives zero, one row, and numbers whose squares leave the range', () => {
    expect(Array.from(fewRowsSvd(zeros(3, 5)).s)).toEqual([0, 0, 0]);
    close(fewRowsSvd(fromRows([[3, 4]])).s[0], 5, 1e-15);
    for (const size of [1e-200, 1e200]) {
      const { s } = fewRowsSvd(fromRows([[3 * size, 0, 0], [0, 4 * size, 0]])); // prettier-ignore
      close(s[0], 4 * size, 1e-15);
      close(s[1], 3 * size, 1e-15);
    }
  });
});
