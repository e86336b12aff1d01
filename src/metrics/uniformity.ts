/**
 * Hyperspherical uniformity (Liu et al. 2023, arXiv 2303.06484): how evenly K directions u_k are spread over the sphere, by
 * kernels of the distance r = ‖u_k − u_l‖ over all pairs k < l:
 *   distance r;   logarithmic −log r;   Riesz sign(s)·r^−s with s = d − 2.
 *
 * r² = 2 − 2cos, taken directly where that cancels. The Riesz kernel leaves the range of float64 for hundreds of features: its
 * mean is given as a logarithm too.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { DENSE_LIMIT } from '../model/index.js';

export interface KernelMean {
  readonly mean: number | null;
  /** Standard deviation over the pairs. */
  readonly sd: number | null;
}

export interface Uniformity {
  readonly distance: KernelMean;
  readonly log: KernelMean;
  /** `order` is s; `logMean` the natural logarithm of the mean's size. Null where s = 0. */
  readonly riesz: {
    readonly order: number;
    readonly mean: number | null;
    readonly logMean: number | null;
  } | null;
}

/** Below this 2 − 2cos has lost half of its digits. */
const CANCELLATION = 1e-8;

/** Of the rows of A (K×d), at most `DENSE_LIMIT` of them; null for fewer than two, more, or a row of zeros. */
export function uniformity(A: Matrix, blas: Blas): Uniformity | null {
  const [K, d] = [A.rows, A.cols];
  if (K < 2 || K > DENSE_LIMIT) return null;
  const U = unitRows(A);
  if (U === null) return null;
  const cosines = zeros(K, K);
  blas.gemm('N', 'T', 1, { data: U, rows: K, cols: d }, { data: U, rows: K, cols: d }, 0, cosines);
  const distances = new Float64Array((K * (K - 1)) / 2);
  let pair = 0;
  for (let k = 0; k < K; k++)
    for (let l = k + 1; l < K; l++) distances[pair++] = distance(cosines.data[k * K + l], U, k * d, l * d, d);
  const order = d - 2;
  return {
    distance: kernelMean(distances),
    log: kernelMean(distances.map((r) => -Math.log(r))),
    riesz: order === 0 ? null : { order, ...rieszMean(distances, order) },
  };
}

function kernelMean(values: Float64Array): KernelMean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (!Number.isFinite(mean)) return { mean: null, sd: null };
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(square) };
}

/** Of sign(s)·r^−s, by the logarithms of its terms. */
function rieszMean(distances: Float64Array, s: number): { mean: number | null; logMean: number | null } {
  const logs = distances.map((r) => -s * Math.log(r));
  const top = logs.reduce((most, value) => Math.max(most, value), -Infinity);
  const sum = logs.reduce((total, value) => total + Math.exp(value - top), 0);
  const logMean = top + Math.log(sum / logs.length);
  if (!Number.isFinite(logMean)) return { mean: null, logMean: null };
  const size = Math.exp(logMean);
  return { mean: size === 0 || size === Infinity ? null : Math.sign(s) * size, logMean };
}

function distance(cosine: number, U: Float64Array, a: number, b: number, d: number): number {
  let square = 2 - 2 * cosine;
  if (square < CANCELLATION) {
    square = 0;
    for (let j = 0; j < d; j++) square += (U[a + j] - U[b + j]) ** 2;
  }
  return Math.sqrt(square);
}

/** The rows divided by their norms; null where a row is zero. */
function unitRows({ data, rows, cols }: Matrix): Float64Array | null {
  const out = new Float64Array(rows * cols);
  for (let k = 0; k < rows; k++) {
    const row = data.subarray(k * cols, (k + 1) * cols);
    const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    if (!(largest > 0)) return null;
    const norm = Math.sqrt(row.reduce((sum, value) => sum + (value / largest) ** 2, 0));
    row.forEach((value, j) => (out[k * cols + j] = value / largest / norm));
  }
  return out;
}
