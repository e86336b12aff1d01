/**
 * Thin QR of a tall matrix by Householder reflections, for `portableBlas`.
 *
 * A = QR with Q = H_1 … H_n on the first n columns of the identity, H_j = I − β_j v_j v_jᵀ (Golub & Van Loan, section 5.2).
 * Columns are kept contiguous: each reflection is then inner products and sums of long vectors, two columns to a pass over v.
 * Backward stable for any A, singular ones too.
 */
import { zeros, type Matrix } from './matrix.js';

/** A: m×n with m ≥ n and finite entries. Q: m×n with orthonormal columns, R: n×n upper triangular, A = QR. */
export function portableQr(A: Matrix): { Q: Matrix; R: Matrix } {
  const { rows: m, cols: n } = A;
  const columns = Array.from({ length: n }, (_, j) => {
    const column = new Float64Array(m);
    for (let i = 0; i < m; i++) column[i] = A.data[i * n + j];
    return column;
  });
  const R = zeros(n, n);
  const betas = new Float64Array(n);
  for (let j = 0; j < n; j++) {
    const v = columns[j];
    for (let i = 0; i < j; i++) R.data[i * n + j] = v[i];
    const { beta, diagonal } = reflectorInto(v, j);
    betas[j] = beta;
    R.data[j * n + j] = diagonal;
    reflect(v, beta, columns, j + 1, j);
  }
  // Q from the last reflection to the first: H_j meets columns j … n−1 only.
  const q = Array.from({ length: n }, (_, j) => {
    const column = new Float64Array(m);
    column[j] = 1;
    return column;
  });
  for (let j = n - 1; j >= 0; j--) reflect(columns[j], betas[j], q, j, j);
  const Q = zeros(m, n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) Q.data[i * n + j] = q[j][i];
  return { Q, R };
}

/** Turns x[j …] into v with v_j = 1 and (I − βvvᵀ)x = (diagonal, 0, …); β = 0 where x is zero below j. */
function reflectorInto(x: Float64Array, j: number): { beta: number; diagonal: number } {
  let largest = 0;
  for (let i = j + 1; i < x.length; i++) largest = Math.max(largest, Math.abs(x[i]));
  const first = x[j];
  x[j] = 1;
  if (largest === 0) return { beta: 0, diagonal: first };
  largest = Math.max(largest, Math.abs(first));
  let sum = 0;
  // Scaled, so that squares neither overflow nor vanish.
  for (let i = j + 1; i < x.length; i++) sum += (x[i] / largest) ** 2;
  const norm = largest * Math.sqrt(sum + (first / largest) ** 2);
  const diagonal = first > 0 ? -norm : norm;
  const scale = first - diagonal;
  for (let i = j + 1; i < x.length; i++) x[i] /= scale;
  return { beta: -scale / diagonal, diagonal };
}

/** Applies I − βvvᵀ to columns from `from` on, in entries from `j` on. */
function reflect(
  v: Float64Array,
  beta: number,
  columns: readonly Float64Array[],
  from: number,
  j: number,
): void {
  if (beta === 0) return;
  let c = from;
  for (; c + 1 < columns.length; c += 2) {
    const [x, y] = [columns[c], columns[c + 1]];
    let [alongX, alongY] = [0, 0];
    for (let i = j; i < v.length; i++) {
      alongX += v[i] * x[i];
      alongY += v[i] * y[i];
    }
    alongX *= beta;
    alongY *= beta;
    for (let i = j; i < v.length; i++) {
      x[i] -= alongX * v[i];
      y[i] -= alongY * v[i];
    }
  }
  for (; c < columns.length; c++) {
    const x = columns[c];
    let along = 0;
    for (let i = j; i < v.length; i++) along += v[i] * x[i];
    along *= beta;
    for (let i = j; i < v.length; i++) x[i] -= along * v[i];
  }
}
