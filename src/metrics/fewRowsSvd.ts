/**
 * Singular value decomposition of a matrix with few rows, in plain loops.
 *
 * A is m×n with m ≤ n and m small (a few dozen). First A = LQ by Gram–Schmidt, each row orthogonalised twice, then
 * one-sided Jacobi on the rows of the m×m factor L (Hestenes 1958; Demmel & Veselić 1992 for its accuracy: small
 * singular values keep their digits, as nothing is squared). It exists because a call of LAPACK's general routine
 * costs more than the whole measure when K is 4 and the measure is wanted at every step.
 */
import { ComputationError } from '../core/errors.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Svd } from '../core/blas.js';

const UNIT = Number.EPSILON;
/** Rotations converge quadratically: seven sweeps are many, and this many mean that the input is not finite. */
const MOST_SWEEPS = 60;

/**
 * A ← LQ in place. On return `Q` (m×n, given as A) has orthonormal or zero rows and `L` (m×m) is lower triangular.
 * A row that lies in the span of those above it within rounding becomes a zero row.
 */
export function lowerTriangularQInto(Q: Matrix, L: Matrix): void {
  const [m, n] = [Q.rows, Q.cols];
  const [q, l] = [Q.data, L.data];
  l.fill(0);
  for (let i = 0; i < m; i++) {
    const row = i * n;
    const before = rowNorm(q, row, n);
    if (before === 0) continue;
    // Work on a row of unit size, so that squares neither overflow nor vanish.
    for (let j = 0; j < n; j++) q[row + j] /= before;
    for (let pass = 0; pass < 2; pass++)
      for (let k = 0; k < i; k++) {
        const other = k * n;
        let sum = 0;
        for (let j = 0; j < n; j++) sum += q[row + j] * q[other + j];
        if (sum === 0) continue;
        for (let j = 0; j < n; j++) q[row + j] -= sum * q[other + j];
        l[i * m + k] += sum * before;
      }
    const left = rowNorm(q, row, n);
    // What is left of a unit row after m subtractions, when nothing is left: about m roundings of size ε.
    if (left <= 4 * m * UNIT) {
      q.fill(0, row, row + n);
      continue;
    }
    l[i * m + i] = left * before;
    for (let j = 0; j < n; j++) q[row + j] /= left;
  }
}

/**
 * One-sided Jacobi: rotates the rows of L (m×n) until they are orthogonal, so that L_in = Jᵀ·L_out with J orthogonal.
 * The norms of the new rows are the singular values (not sorted). With `J` (m×m, any content) J is written there.
 */
export function orthogonaliseRowsInto(L: Matrix, J: Matrix | null): void {
  const [m, n] = [L.rows, L.cols];
  if (J !== null) {
    J.data.fill(0);
    for (let i = 0; i < m; i++) J.data[i * m + i] = 1;
  }
  const l = L.data;
  let longest = 0;
  for (let i = 0; i < m; i++) longest = Math.max(longest, rowNorm(l, i * n, n));
  const floor = (longest * UNIT) ** 2 / 256;
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let turned = false;
    for (let i = 0; i < m - 1; i++)
      for (let k = i + 1; k < m; k++) {
        const [a, b] = [i * n, k * n];
        let alpha = 0;
        let beta = 0;
        let gamma = 0;
        for (let j = 0; j < n; j++) {
          const [x, y] = [l[a + j], l[b + j]];
          alpha += x * x;
          beta += y * y;
          gamma += x * y;
        }
        // A row shorter than ε/16 of the longest is rounding: turning it only makes new rounding, without end.
        if (alpha <= floor || beta <= floor) continue;
        // Rows count as orthogonal when their cosine is within the rounding of an n-term sum, nε.
        if (!(Math.abs(gamma) > n * UNIT * Math.sqrt(alpha) * Math.sqrt(beta))) continue;
        turned = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        const s = c * t;
        rotate(l, a, b, n, c, s);
        if (J !== null) rotate(J.data, i * m, k * m, m, c, s);
      }
    if (!turned) return;
  }
  throw ComputationError.notConverged('singular values', `${m}×${n}`);
}

/** Thin SVD of A (m×n, m ≤ n): singular values descending; right vectors of zero singular values are zero rows. */
export function fewRowsSvd(A: Matrix): Svd {
  const [m, n] = [A.rows, A.cols];
  const Q: Matrix = { data: A.data.slice(), rows: m, cols: n };
  const scale = largestEntry(Q.data);
  if (scale > 0) for (let i = 0; i < Q.data.length; i++) Q.data[i] /= scale;
  const [L, J] = [zeros(m, m), zeros(m, m)];
  lowerTriangularQInto(Q, L);
  orthogonaliseRowsInto(L, J);
  const sizes = Float64Array.from({ length: m }, (_, i) => rowNorm(L.data, i * m, m));
  const order = Array.from({ length: m }, (_, i) => i).sort((i, k) => sizes[k] - sizes[i]);
  const [U, Vt, s] = [zeros(m, m), zeros(m, n), new Float64Array(m)];
  order.forEach((from, to) => {
    s[to] = sizes[from] * scale;
    for (let i = 0; i < m; i++) U.data[i * m + to] = J.data[from * m + i];
    if (sizes[from] === 0) return;
    for (let k = 0; k < m; k++) {
      const part = L.data[from * m + k] / sizes[from];
      if (part !== 0) for (let j = 0; j < n; j++) Vt.data[to * n + j] += part * Q.data[k * n + j];
    }
  });
  return { U, s, Vt };
}

function rotate(x: Float64Array, a: number, b: number, n: number, c: number, s: number): void {
  for (let j = 0; j < n; j++) {
    const [u, v] = [x[a + j], x[b + j]];
    x[a + j] = c * u - s * v;
    x[b + j] = s * u + c * v;
  }
}

function rowNorm(x: Float64Array, at: number, n: number): number {
  let sum = 0;
  for (let j = 0; j < n; j++) sum += x[at + j] * x[at + j];
  if (sum > 1e-280 && sum < 1e280) return Math.sqrt(sum);
  let largest = 0;
  for (let j = 0; j < n; j++) largest = Math.max(largest, Math.abs(x[at + j]));
  if (largest === 0) return 0;
  sum = 0;
  for (let j = 0; j < n; j++) sum += (x[at + j] / largest) ** 2;
  return largest * Math.sqrt(sum);
}

function largestEntry(x: Float64Array): number {
  let largest = 0;
  for (const value of x) largest = Math.max(largest, Math.abs(value));
  return largest;
}
