import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  copy,
  diagonal,
  frobenius,
  fromRows,
  identity,
  inner,
  matrix,
  shape,
  transpose,
  zeros,
} from '../../src/core/matrix.js';
import { transposed } from '../support/naive.js';
import { random64, randomMatrix } from './naive.js';

const side = fc.integer({ min: 0, max: 9 });
const seeds = fc.integer({ min: 0, max: 2 ** 30 });

describe('matrices', () => {
  it('fromRows, zeros, identity, diagonal: entry (i, j) is data[i·cols + j]', () => {
    expect(
      fromRows([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toEqual({ data: Float64Array.of(1, 2, 3, 4, 5, 6), rows: 2, cols: 3 });
    expect(fromRows([])).toEqual(zeros(0, 0));
    expect(fromRows([[], []])).toEqual(zeros(2, 0));
    expect(diagonal([2, -3])).toEqual(
      fromRows([
        [2, 0],
        [0, -3],
      ]),
    );
    expect(identity(2)).toEqual(
      fromRows([
        [1, 0],
        [0, 1],
      ]),
    );
    expect(shape(zeros(3, 4))).toBe('3×4');
  });

  it('matrix wraps without copying and refuses a length that does not fit', () => {
    const data = new Float32Array(6);
    expect(matrix(data, 2, 3).data).toBe(data);
    expect(() => matrix(data, 2, 2)).toThrow('matrix: data.length = rows × cols, got length 6 for 2×2');
    expect(() => fromRows([[1], [1, 2]])).toThrow(
      'fromRows: rows of equal length, got 1 in row 0 and 2 in row 1',
    );
    expect(() => inner(zeros(2, 3), zeros(3, 2))).toThrow(
      'inner: two matrices of one shape, got 2×3 and 3×2',
    );
  });

  it('transpose is the plain loop, its own inverse, and keeps type and source', () => {
    fc.assert(
      fc.property(side, side, seeds, (m, n, seed) => {
        const A = random64(m, n, seed);
        expect(transpose(A)).toEqual(transposed(A));
        expect(transpose(transpose(A))).toEqual(A);
        const F = randomMatrix('float32', m, n, seed, 2, 7);
        const T = transpose(F);
        expect(T.data).toBeInstanceOf(Float32Array);
        for (let i = 0; i < m; i++)
          for (let j = 0; j < n; j++) expect(T.data[j * m + i]).toBe(F.data[i * n + j]);
      }),
      { numRuns: 50 },
    );
  });

  it('copy has its own storage', () => {
    const A = random64(2, 2, 1);
    const B = copy(A);
    B.data[0] = 99;
    expect(A.data[0]).not.toBe(99);
  });

  it('inner is tr(AᵀB), and ‖A‖² = ⟨A, A⟩', () => {
    fc.assert(
      fc.property(side, side, seeds, (m, n, seed) => {
        const [A, B] = [random64(m, n, seed), random64(m, n, seed + 1)];
        const swapped = inner(B, A);
        expect(inner(A, B)).toBe(swapped);
        // Sums of at most 81 squares in two orders: 81 roundings, relative.
        expect(Math.abs(frobenius(A) ** 2 - inner(A, A))).toBeLessThanOrEqual(2e-14 * inner(A, A));
      }),
    );
  });

  it('frobenius neither overflows nor underflows, and shows what is not finite', () => {
    // 3-4-5 at the ends of the range: squares would be Infinity and 0.
    for (const unit of [1e300, 1, 1e-300])
      expect(frobenius(fromRows([[3 * unit, -4 * unit]])) / unit).toBeCloseTo(5, 13);
    expect(frobenius(zeros(3, 0))).toBe(0);
    expect(frobenius(zeros(2, 2))).toBe(0);
    expect(frobenius(fromRows([[1, NaN, 2]]))).toBeNaN();
    expect(frobenius(fromRows([[NaN, 5]]))).toBeNaN();
    expect(frobenius(fromRows([[0, NaN, 0]]))).toBeNaN();
    expect(frobenius(fromRows([[1, -Infinity]]))).toBe(Infinity);
  });
});
