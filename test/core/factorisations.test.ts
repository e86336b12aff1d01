import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagonal, frobenius, fromRows, identity, zeros, type Matrix } from '../../src/core/matrix.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { multiply, transposed } from '../support/naive.js';
import { largestDifference, random64 } from './naive.js';

const seeds = fc.integer({ min: 0, max: 2 ** 30 });
const size = fc.integer({ min: 1, max: 12 });

/**
 * Householder methods are backward stable: errors of a small multiple of n·ε relative to ‖A‖ (Higham 2002, chapter 19;
 * LAPACK users' guide, section 4). n ≤ 40 here, so 40·ε ≈ 9e-15, times ten for the constant.
 */
const BACKWARD = 1e-13;

function random(rows: number, cols: number, seed: number): Matrix {
  return random64(rows, cols, seed);
}

function orthonormalColumns(Q: Matrix): number {
  return largestDifference(multiply(transposed(Q), Q), identity(Q.cols));
}

/** A symmetric matrix with the given eigenvalues and a random orthonormal basis. */
function symmetricWith(values: readonly number[], seed: number): Matrix {
  const Q = BLASES[0].qr(random(values.length, values.length, seed)).Q;
  const A = multiply(multiply(Q, diagonal(values)), transposed(Q));
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < i; j++) A.data[i * A.cols + j] = A.data[j * A.cols + i];
  return A;
}

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  `%s: factorisations${NATIVE_NOTE}`,
  (_, blas) => {
    function checkEigen(A: Matrix): Float64Array {
      const before = A.data.slice();
      const { values, vectors } = blas.eigenSymmetric(A);
      expect(A.data).toEqual(before);
      const scale = Math.max(frobenius(A), Number.MIN_VALUE);
      expect(orthonormalColumns(vectors)).toBeLessThan(BACKWARD);
      const back = multiply(multiply(vectors, diagonal(values)), transposed(vectors));
      expect(largestDifference(back, A) / scale).toBeLessThan(BACKWARD);
      for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]);
      return values;
    }

    it('eigenSymmetric: orthonormal, ascending, and it rebuilds A', () => {
      fc.assert(
        fc.property(size, seeds, (n, seed) => {
          const B = random(n, n, seed);
          const A = zeros(n, n);
          for (let i = 0; i < n; i++)
            for (let j = 0; j < n; j++) A.data[i * n + j] = B.data[i * n + j] + B.data[j * n + i];
          checkEigen(A);
        }),
        { numRuns: 60 },
      );
    });

    it('eigenSymmetric: repeated, zero and negative eigenvalues come back with their multiplicity', () => {
      for (const values of [
        [-2, -2, 0, 0, 0, 3, 3, 3, 3],
        [1, 1, 1, 1, 1],
        [0, 0, 0],
        [-1e8, 1e-8, 1],
        [7],
      ]) {
        const found = checkEigen(symmetricWith(values, 4));
        const largest = Math.max(...values.map(Math.abs), Number.MIN_VALUE);
        // Weyl: eigenvalues move by no more than the backward error and that of building A, both relative to the largest.
        values.forEach((value, i) => expect(Math.abs(found[i] - value) / largest).toBeLessThan(BACKWARD));
      }
    });

    // A power of two rounds nothing: the factors are those of the matrix itself, the values times that power.
    it.each([2 ** -1000, 2 ** -520, 2 ** 520, 2 ** 1015])(
      'at a scale of %s, where squares leave the range of float64, the values scale and the factors are those at scale 1',
      (scale) => {
        const times = (A: Matrix): Matrix => ({ ...A, data: A.data.map((value) => value * scale) });
        const closeTo = (a: Float64Array, b: Float64Array) => {
          const largest = Math.max(...b.map(Math.abs));
          a.forEach((value, i) => expect(Math.abs(value / scale - b[i]) / largest).toBeLessThan(BACKWARD));
        };
        const B = random(7, 5, 3);
        const S = multiply(transposed(B), B);
        closeTo(blas.eigenSymmetric(times(S)).values, blas.eigenSymmetric(S).values);
        for (const A of [B, transposed(B)]) {
          const { U, s, Vt } = blas.svd(times(A));
          closeTo(s, blas.svd(A).s);
          const back = multiply(multiply(U, diagonal([...s].map((value) => value / scale))), Vt);
          expect(largestDifference(back, A)).toBeLessThan(10 * BACKWARD);
        }
        const { Q, R } = blas.qr(times(B));
        expect(orthonormalColumns(Q)).toBeLessThan(BACKWARD);
        expect(
          largestDifference(multiply(Q, { ...R, data: R.data.map((value) => value / scale) }), B),
        ).toBeLessThan(10 * BACKWARD);
      },
    );

    it.each([NaN, Infinity, -Infinity])('refuse a matrix with %s as out of range', (value) => {
      const A = fromRows([
        [1, 2],
        [2, value],
      ]);
      for (const [factor, sought] of [
        ['eigenSymmetric', 'eigenvalues'],
        ['svd', 'singular values'],
        ['qr', 'QR factors'],
      ] as const)
        expect(() => blas[factor](A)).toThrow(
          expect.objectContaining({
            code: 'range',
            message: `${sought}: a matrix of finite numbers, got ${value}`,
          }),
        );
    });

    it('eigenSymmetric of the identity, of a diagonal and of nothing', () => {
      expect([...blas.eigenSymmetric(identity(4)).values]).toEqual([1, 1, 1, 1]);
      expect([...blas.eigenSymmetric(diagonal([3, -1, 2])).values]).toEqual([-1, 2, 3]);
      expect(blas.eigenSymmetric(zeros(0, 0)).values.length).toBe(0);
      expect(blas.eigenSymmetric(zeros(0, 0)).vectors).toEqual(zeros(0, 0));
    });

    function checkSvd(A: Matrix): Float64Array {
      const k = Math.min(A.rows, A.cols);
      const before = A.data.slice();
      const { U, s, Vt } = blas.svd(A);
      expect(A.data).toEqual(before);
      expect([U.rows, U.cols, s.length, Vt.rows, Vt.cols]).toEqual([A.rows, k, k, k, A.cols]);
      const scale = Math.max(frobenius(A), Number.MIN_VALUE);
      expect(orthonormalColumns(U)).toBeLessThan(BACKWARD);
      expect(orthonormalColumns(transposed(Vt))).toBeLessThan(BACKWARD);
      expect(largestDifference(multiply(multiply(U, diagonal(s)), Vt), A) / scale).toBeLessThan(BACKWARD);
      for (let i = 0; i < k; i++) {
        expect(s[i]).toBeGreaterThanOrEqual(0);
        if (i > 0) expect(s[i]).toBeLessThanOrEqual(s[i - 1]);
      }
      return s;
    }

    it('svd: tall, wide and square; orthonormal, descending, and it rebuilds A', () => {
      fc.assert(
        fc.property(size, size, seeds, (m, n, seed) => {
          checkSvd(random(m, n, seed));
        }),
        { numRuns: 80 },
      );
      checkSvd(random(40, 3, 1));
      checkSvd(random(3, 40, 2));
    });

    it('svd of a matrix of low rank: the other values are rounding, the factors stay orthonormal', () => {
      for (const [m, n, rank] of [
        [9, 5, 2],
        [5, 9, 2],
        [6, 6, 1],
        [7, 4, 3],
      ]) {
        const s = checkSvd(multiply(random(m, rank, 3), random(rank, n, 4)));
        expect(s[rank - 1]).toBeGreaterThan(1e-3);
        for (let i = rank; i < s.length; i++) expect(s[i] / s[0]).toBeLessThan(BACKWARD);
      }
    });

    it('svd of zero, of one column and of nothing', () => {
      for (const [m, n] of [
        [4, 3],
        [3, 4],
        [1, 1],
      ])
        expect([...checkSvd(zeros(m, n))].every((s) => s === 0)).toBe(true);
      expect(checkSvd(fromRows([[3], [4]]))[0]).toBeCloseTo(5, 14);
      expect(checkSvd(fromRows([[-3, 4]]))[0]).toBeCloseTo(5, 14);
      for (const [m, n] of [
        [0, 3],
        [3, 0],
        [0, 0],
      ]) {
        const { U, s, Vt } = blas.svd(zeros(m, n));
        expect([U.rows, U.cols, s.length, Vt.rows, Vt.cols]).toEqual([m, 0, 0, 0, n]);
      }
    });

    it('svd keeps small singular values: it does not go through AᵀA', () => {
      const Q = blas.qr(random(6, 3, 8)).Q;
      const V = blas.qr(random(3, 3, 9)).Q;
      const s = checkSvd(multiply(multiply(Q, diagonal([1, 1e-5, 1e-10])), transposed(V)));
      // Absolute errors of 1e-15: through AᵀA the last value would be lost below 1e-8.
      expect(Math.abs(s[2] - 1e-10)).toBeLessThan(1e-14);
    });

    it('qr: orthonormal Q, upper triangular R, QR = A', () => {
      const check = (A: Matrix) => {
        const before = A.data.slice();
        const { Q, R } = blas.qr(A);
        expect(A.data).toEqual(before);
        expect([Q.rows, Q.cols, R.rows, R.cols]).toEqual([A.rows, A.cols, A.cols, A.cols]);
        expect(orthonormalColumns(Q)).toBeLessThan(BACKWARD);
        for (let i = 0; i < R.rows; i++) for (let j = 0; j < i; j++) expect(R.data[i * R.cols + j]).toBe(0);
        expect(largestDifference(multiply(Q, R), A)).toBeLessThanOrEqual(BACKWARD * frobenius(A));
      };
      fc.assert(
        fc.property(size, fc.nat({ max: 20 }), seeds, (n, more, seed) => check(random(n + more, n, seed))),
        { numRuns: 60 },
      );
      check(multiply(random(8, 2, 1), random(2, 5, 2))); // rank 2 of 5
      check(zeros(4, 3));
      check(zeros(5, 0));
      // Squares of these overflow, or vanish.
      for (const scale of [1e200, 1e-200]) {
        const A = random(7, 3, 4);
        for (let i = 0; i < A.data.length; i++) A.data[i] *= scale;
        const { Q, R } = blas.qr(A);
        expect(orthonormalColumns(Q)).toBeLessThan(BACKWARD);
        for (let i = 0; i < A.data.length; i++) A.data[i] /= scale;
        for (let i = 0; i < R.data.length; i++) R.data[i] /= scale;
        expect(largestDifference(multiply(Q, R), A)).toBeLessThanOrEqual(BACKWARD * frobenius(A));
      }
    });
  },
);

const native = BLASES.find((blas) => blas.path !== null);
describe.skipIf(native === undefined)(`native and portable agree${NATIVE_NOTE}`, () => {
  it('on eigenvalues, singular values and |R|, which are unique', () => {
    const [portable, other] = [BLASES[0], native ?? BLASES[0]];
    for (let seed = 0; seed < 10; seed++) {
      const A = random(17, 9, seed);
      const gram = zeros(9, 9);
      portable.gramInto(1, A, 0, gram);
      const largest = frobenius(A);
      const pairs = [
        [portable.svd(A).s, other.svd(A).s, largest],
        [portable.eigenSymmetric(gram).values, other.eigenSymmetric(gram).values, largest ** 2],
        [portable.qr(A).R.data.map(Math.abs), other.qr(A).R.data.map(Math.abs), largest],
      ] as const;
      for (const [x, y, scale] of pairs)
        x.forEach((value, i) => expect(Math.abs(value - y[i]) / scale).toBeLessThan(BACKWARD));
    }
  });
});
