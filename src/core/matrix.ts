/**
 * Dense row-major matrices: plain data, float32 or float64.
 *
 * A `Matrix` owns nothing and has no methods, so it crosses to a worker, a page or a native library as it is.
 * Entry (i, j) is `data[i * cols + j]`.
 */
import { refuseShape } from './errors.js';

export type Floats = Float32Array | Float64Array;

/** rows×cols numbers in row-major order; `data.length === rows * cols`. */
export interface Matrix<T extends Floats = Float64Array> {
  readonly data: T;
  readonly rows: number;
  readonly cols: number;
}

/** A rows×cols float64 matrix of zeros. */
export function zeros(rows: number, cols: number): Matrix {
  return { data: new Float64Array(rows * cols), rows, cols };
}

/** Wraps `data` as rows×cols without copying. Throws a dimension error when the length does not fit. */
export function matrix<T extends Floats>(data: T, rows: number, cols: number): Matrix<T> {
  if (data.length !== rows * cols)
    refuseShape('matrix', 'data.length = rows × cols', `length ${data.length} for ${rows}×${cols}`);
  return { data, rows, cols };
}

/** The matrix whose rows are given. */
export function fromRows(rows: readonly (readonly number[])[]): Matrix {
  const cols = rows.length === 0 ? 0 : rows[0].length;
  const odd = rows.findIndex((row) => row.length !== cols);
  if (odd >= 0)
    refuseShape('fromRows', 'rows of equal length', `${cols} in row 0 and ${rows[odd].length} in row ${odd}`);
  return { data: Float64Array.from(rows.flat()), rows: rows.length, cols };
}

/** The n×n identity. */
export function identity(n: number): Matrix {
  return diagonal(new Float64Array(n).fill(1));
}

/** The square matrix with the given diagonal. */
export function diagonal(entries: ArrayLike<number>): Matrix {
  const out = zeros(entries.length, entries.length);
  for (let i = 0; i < entries.length; i++) out.data[i * entries.length + i] = entries[i];
  return out;
}

/** A copy with its own storage. */
export function copy<T extends Floats>(A: Matrix<T>): Matrix<T> {
  return { data: A.data.slice() as T, rows: A.rows, cols: A.cols };
}

/** Aᵀ, cols×rows, in new storage. */
export function transpose<T extends Floats>(A: Matrix<T>): Matrix<T> {
  const data = A.data.slice() as T;
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < A.cols; j++) data[j * A.rows + i] = A.data[i * A.cols + j];
  return { data, rows: A.cols, cols: A.rows };
}

/** `3×4`, for messages. */
export function shape(A: { readonly rows: number; readonly cols: number }): string {
  return `${A.rows}×${A.cols}`;
}

/** Frobenius inner product Σ A∘B of two matrices of one shape. */
export function inner(A: Matrix<Floats>, B: Matrix<Floats>): number {
  if (A.rows !== B.rows || A.cols !== B.cols)
    refuseShape('inner', 'two matrices of one shape', `${shape(A)} and ${shape(B)}`);
  let sum = 0;
  for (let i = 0; i < A.data.length; i++) sum += A.data[i] * B.data[i];
  return sum;
}

/** Frobenius norm ‖A‖, safe against overflow and underflow of the squares. */
export function frobenius(A: Matrix<Floats>): number {
  let largest = 0;
  for (const value of A.data) {
    const size = Math.abs(value);
    if (Number.isNaN(size)) return NaN;
    if (size > largest) largest = size;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of A.data) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}
