/**
 * NC1 at every training step: tr(Σ_WΣ_B⁺)/K for few classes, with all storage taken beforehand.
 *
 * The centred means C (K×d) satisfy nᵀC = 0. A reflection that sends n/‖n‖ to −e_K turns them into K−1 rows
 *   e_i = c_i − α_i c_K,  α_i = n_i/(‖n‖ + n_K),
 * with the same C'C, so Σ_B = EᵀE/K. With E = LQ and L = Jᵀ diag(σ) W (fewRowsSvd.ts),
 *   tr(Σ_WΣ_B⁺)/K = Σ_i ‖w_iQX'‖²/σ_i²,
 * for Σ_W = X'ᵀ of any width: the only product is Q with the factor. Same rank rule as betweenClass.ts.
 */
import type { Blas } from '../core/blas.js';
import { refuse, refuseShape } from '../core/errors.js';
import { shape, zeros, type Matrix } from '../core/matrix.js';
import { rankTolerance } from './betweenClass.js';
import { lowerTriangularQInto, orthogonaliseRowsInto } from './fewRowsSvd.js';

export interface Nc1Tracker {
  /** From class means (K×d) and a factor X (r×d) of Σ_W = scale·XᵀX. Null when Σ_B = 0. */
  fromFactor(means: Matrix, X: Matrix, scale?: number): number | null;
  /**
   * From reduced features H: d×(K+r), columns √n_k h̄_k (K of them, in order) and then r within-class directions whose
   * outer products sum to NΣ_W. Null when Σ_B = 0.
   */
  fromReduced(H: Matrix): number | null;
}

/** Σ_B is unweighted about the mean over all samples. Meant for K up to a few dozen. counts: K positive numbers. */
export function createNc1Tracker(
  options: { readonly counts: readonly number[]; readonly dimension: number },
  blas: Blas,
): Nc1Tracker {
  const { counts, dimension: d } = options;
  const K = counts.length;
  if (K < 1) refuse('nc1 tracker', 'at least one class', K);
  const m = K - 1;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const length = Math.hypot(...counts);
  const alpha = Float64Array.from(counts, (n) => n / (length + counts[m]));
  const share = Float64Array.from(counts, (n) => n / N);
  const root = Float64Array.from(counts, (n) => Math.sqrt(n));
  const centre = new Float64Array(d);
  const base = new Float64Array(d);
  const means = zeros(K, d);
  const Q = zeros(m, d);
  const L = zeros(m, m);
  let Y = zeros(m, 0);

  /** Q and L (rows orthogonal) from the means; returns the tolerance of the rank. */
  const decompose = (M: Matrix): number => {
    const data = M.data;
    let centreSquare = 0;
    for (let j = 0; j < d; j++) {
      // About the last mean, so that a common offset does not cancel.
      const origin = data[m * d + j];
      let shift = 0;
      for (let k = 0; k < m; k++) shift += share[k] * (data[k * d + j] - origin);
      base[j] = -shift;
      centre[j] = origin + shift;
      centreSquare += centre[j] * centre[j];
    }
    for (let k = 0; k < m; k++)
      for (let j = 0; j < d; j++) Q.data[k * d + j] = data[k * d + j] - centre[j] - alpha[k] * base[j];
    lowerTriangularQInto(Q, L);
    orthogonaliseRowsInto(L, null);
    let largest = 0;
    for (let i = 0; i < m; i++) largest = Math.max(largest, rowSquare(i));
    return rankTolerance(K, d, Math.sqrt(largest), Math.sqrt(centreSquare));
  };
  const rowSquare = (i: number): number => {
    let sum = 0;
    for (let k = 0; k < m; k++) sum += L.data[i * m + k] * L.data[i * m + k];
    return sum;
  };
  /** Σ_i ‖w_iY‖²/σ_i² over the columns of Y (m×c) from `first` on; rows of L are σ_iw_i. */
  const quotient = (first: number, tolerance: number): number | null => {
    const c = Y.cols;
    let sum = 0;
    let rank = 0;
    for (let i = 0; i < m; i++) {
      const square = rowSquare(i);
      if (!(square > tolerance * tolerance)) continue;
      rank++;
      let part = 0;
      for (let j = first; j < c; j++) {
        let value = 0;
        for (let k = 0; k < m; k++) value += L.data[i * m + k] * Y.data[k * c + j];
        part += value * value;
      }
      sum += part / square / square;
    }
    return rank === 0 || !Number.isFinite(sum) ? null : sum;
  };

  return {
    fromFactor(M, X, scale = 1) {
      if (M.rows !== K || M.cols !== d) refuseShape('class means', `${K}×${d}`, shape(M));
      if (X.cols !== d) refuseShape('within-class factor X', `r×${d}`, shape(X));
      const tolerance = decompose(M);
      if (Y.cols !== X.rows) Y = zeros(m, X.rows);
      blas.gemm('N', 'T', 1, Q, X, 0, Y);
      const traceRatio = quotient(0, tolerance);
      return traceRatio === null ? null : traceRatio * scale;
    },
    fromReduced(H) {
      if (H.rows !== d || H.cols < K) refuseShape('reduced features', `${d}×(${K} + r)`, shape(H));
      for (let k = 0; k < K; k++)
        for (let j = 0; j < d; j++) means.data[k * d + j] = H.data[j * H.cols + k] / root[k];
      const tolerance = decompose(means);
      if (Y.cols !== H.cols) Y = zeros(m, H.cols);
      blas.gemm('N', 'N', 1, Q, H, 0, Y);
      const traceRatio = quotient(K, tolerance);
      return traceRatio === null ? null : traceRatio / N;
    },
  };
}
