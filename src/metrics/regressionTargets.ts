/**
 * The targets of a regression in their principal directions, and Gram matrices of the head's rows beside them.
 *
 * NRC3 (regressionCollapse.ts) asks for the γ in [0, λ_min(Σ)] at which PPᵀ/‖PPᵀ‖ is nearest to (Σ^{1/2} − γ^{1/2}I)/‖·‖. It is in
 * closed form: with A = PPᵀ, S = Σ^{1/2}, g = γ^{1/2} the cosine (⟨A, S⟩ − g·tr A)/(‖A‖‖S − gI‖) has one stationary point,
 * g = (⟨A, S⟩tr S − tr A‖S‖²)/(q⟨A, S⟩ − tr A·tr S).
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';

/** Where principal components and covariances are taken about. */
export type About = 'mean' | 'origin';

/** The targets in their principal directions. */
export interface TargetDirections {
  readonly about: About;
  /** Mean target, q; zeros about the origin. */
  readonly mean: Float64Array;
  /** Columns are directions u_j, by falling τ; q×r, r = min(q, N). */
  readonly U: Matrix;
  /** Singular values of the targets about `about`: τ_j²/N is the variance along u_j. */
  readonly tau: Float64Array;
}

/** Directions below this part of the largest have no variance. */
const ZERO = 1e-12;
/** T: q×N, a column a sample. */
export function targetDirections(T: Matrix, about: About, blas: Blas): TargetDirections {
  const [q, N] = [T.rows, T.cols];
  const mean = new Float64Array(q);
  if (about === 'mean')
    for (let j = 0; j < q; j++) mean[j] = T.data.subarray(j * N, (j + 1) * N).reduce((a, b) => a + b, 0) / N;
  const rows = zeros(N, q);
  for (let j = 0; j < q; j++) for (let i = 0; i < N; i++) rows.data[i * q + j] = T.data[j * N + i] - mean[j];
  // Rows are samples: rows = Q·R, and R has their singular values and right vectors.
  const { s, Vt } = blas.svd(N > q ? blas.qr(rows).R : rows);
  const U = zeros(q, s.length);
  for (let r = 0; r < s.length; r++)
    for (let j = 0; j < q; j++) U.data[j * s.length + r] = Vt.data[r * q + j];
  return { about, mean, U, tau: s.map((value) => (value > ZERO * s[0] ? value : 0)) };
}

export interface Nrc3 {
  readonly distance: number;
  readonly gamma: number;
}

/** The best γ in [0, λ_min], and the squared distance there. gramOfRows: PPᵀ. */
export function nrc3(gramOfRows: Matrix, { U, tau }: TargetDirections, samples: number): Nrc3 | null {
  const q = gramOfRows.rows;
  const scale = Math.sqrt(samples);
  // A in the directions of the targets: only its diagonal there meets S.
  const roots = Float64Array.from({ length: q }, (_, j) => (j < tau.length ? tau[j] / scale : 0));
  const norm = Math.sqrt(gramOfRows.data.reduce((sum, value) => sum + value * value, 0));
  if (q < 2 || !(norm > 0) || !(roots[0] > 0)) return null;
  let [inner, traceA] = [0, 0];
  for (let j = 0; j < q; j++) traceA += gramOfRows.data[j * q + j] / norm;
  for (let r = 0; r < tau.length; r++) inner += (roots[r] * quadratic(gramOfRows, U, r)) / norm;
  const sum = roots.reduce((a, b) => a + b, 0);
  const squares = roots.reduce((a, b) => a + b * b, 0);
  const least = roots[q - 1];
  const stationary = (inner * sum - traceA * squares) / (q * inner - traceA * sum);
  const candidates = [0, least, stationary].filter((g) => g >= 0 && g <= least);
  let best: Nrc3 | null = null;
  for (const g of candidates) {
    // ‖S − gI‖ by its entries: equal ones leave nothing at their own value.
    const length = Math.sqrt(roots.reduce((a, b) => a + (b - g) ** 2, 0));
    if (!(length > 1e-12 * roots[0])) continue;
    const cosine = (inner - g * traceA) / length;
    const distance = Math.max(0, 2 - 2 * cosine);
    if (best === null || distance < best.distance) best = { distance, gamma: g * g };
  }
  return best;
}

/** u_rᵀ A u_r. */
function quadratic(A: Matrix, U: Matrix, r: number): number {
  const q = A.rows;
  let sum = 0;
  for (let i = 0; i < q; i++)
    for (let j = 0; j < q; j++) sum += U.data[i * U.cols + r] * A.data[i * q + j] * U.data[j * U.cols + r];
  return sum;
}

/** Squared distance of PPᵀ from U diag(squares) Uᵀ, both of norm 1; null where either is zero. */
export function gramDistance(
  gramOfRows: Matrix,
  { U }: TargetDirections,
  squares: readonly number[],
): number | null {
  const q = gramOfRows.rows;
  const norm = Math.sqrt(gramOfRows.data.reduce((sum, value) => sum + value * value, 0));
  const other = Math.sqrt(squares.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > 0) || !(other > 0)) return null;
  let distance = 0;
  for (let i = 0; i < q; i++)
    for (let j = 0; j < q; j++) {
      let entry = 0;
      for (let r = 0; r < U.cols; r++)
        entry += U.data[i * U.cols + r] * (squares[r] / other) * U.data[j * U.cols + r];
      distance += (gramOfRows.data[i * q + j] / norm - entry) ** 2;
    }
  return distance;
}

/** XXᵀ of the rows of X. */
export function gram(X: Matrix, blas: Blas): Matrix {
  const out = zeros(X.rows, X.rows);
  blas.gemm('N', 'T', 1, X, X, 0, out);
  return out;
}

/** ‖Pᵀu_j‖ and u_jᵀ(Σ P h tᵀ)u_j/τ_j². */
export function directionFits(
  P: Matrix,
  { U, tau }: TargetDirections,
  back: (x: number) => number,
  cross: Matrix,
): { weightNorm: number; fit: number | null }[] {
  const [q, d] = [P.rows, P.cols];
  return Array.from(tau, (size, r) => {
    let [square, reached] = [0, 0];
    for (let j = 0; j < d; j++) {
      let [row, target] = [0, 0];
      for (let i = 0; i < q; i++) {
        row += U.data[i * U.cols + r] * P.data[i * d + j];
        target += U.data[i * U.cols + r] * cross.data[j * q + i];
      }
      square += row * row;
      reached += row * target;
    }
    return { weightNorm: Math.sqrt(square), fit: size > 0 ? back(reached) / (size * size) : null };
  });
}
