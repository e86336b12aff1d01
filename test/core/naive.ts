/** Plain loops on plain numbers, and random matrices to try them on. */
import type { Transpose } from '../../src/core/blas.js';
import type { Floats, Matrix } from '../../src/core/matrix.js';
import { zeros } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';

export type Kind = 'float32' | 'float64';

/** Unit roundoff: half the distance from 1 to the next number. */
export const ROUNDOFF: Readonly<Record<Kind, number>> = { float32: 2 ** -24, float64: 2 ** -53 };

/** Normal entries in the middle of a larger buffer: the view starts at `offset` and the margins hold `margin`. */
export function randomMatrix(
  kind: Kind,
  rows: number,
  cols: number,
  seed: number,
  offset = 0,
  margin = 0,
): Matrix<Floats> {
  const size = offset + rows * cols + offset;
  const whole = kind === 'float32' ? new Float32Array(size) : new Float64Array(size);
  whole.fill(margin);
  const data = whole.subarray(offset, offset + rows * cols);
  createRandom(seed).normalsInto(data, 1);
  return { data, rows, cols };
}

export function random64(rows: number, cols: number, seed: number, std = 1): Matrix {
  const A = zeros(rows, cols);
  createRandom(seed).normalsInto(A.data, std);
  return A;
}

export function at(A: Matrix<Floats>, i: number, j: number, op: Transpose = 'N'): number {
  return op === 'N' ? A.data[i * A.cols + j] : A.data[j * A.cols + i];
}

/** α·op(A)·op(B) + β·C entry by entry, and beside it the sum of absolute values that rounding errors scale with. */
export function naiveGemm(
  tA: Transpose,
  tB: Transpose,
  alpha: number,
  A: Matrix<Floats>,
  B: Matrix<Floats>,
  beta: number,
  C: Matrix<Floats>,
): { value: Float64Array; size: Float64Array } {
  const k = tA === 'N' ? A.cols : A.rows;
  const value = new Float64Array(C.rows * C.cols);
  const size = new Float64Array(C.rows * C.cols);
  for (let i = 0; i < C.rows; i++)
    for (let j = 0; j < C.cols; j++) {
      let [sum, magnitude] = [0, 0];
      for (let l = 0; l < k; l++) {
        const term = at(A, i, l, tA) * at(B, l, j, tB);
        sum += term;
        magnitude += Math.abs(term);
      }
      const old = beta === 0 ? 0 : beta * at(C, i, j);
      value[i * C.cols + j] = alpha * sum + old;
      size[i * C.cols + j] = Math.abs(alpha) * magnitude + Math.abs(old);
    }
  return { value, size };
}

/** max |A − B| over the entries of two float64 matrices of one shape. */
export function largestDifference(A: Matrix, B: Matrix): number {
  if (A.rows !== B.rows || A.cols !== B.cols) return Infinity;
  let worst = 0;
  for (let i = 0; i < A.data.length; i++) {
    const gap = Math.abs(A.data[i] - B.data[i]);
    if (!(gap <= worst)) worst = gap;
  }
  return worst;
}
