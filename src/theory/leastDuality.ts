/** The least Δ (q×K) that has P = ΔH̄ᵀ on the span of the class means: ΔH̄ᵀ is P, projected on it. */
import type { Blas } from '../core/blas.js';
import { frobenius, zeros, type Matrix } from '../core/matrix.js';

/** Singular values below this part of the largest are zero: what a converged solver leaves. */
const NOISE = 1e-6;

/** H: d×K, P: q×d. The rest of P, outside the span of the means, is not touched. */
export function leastDuality(P: Matrix, H: Matrix, blas: Blas): Matrix {
  const out = zeros(P.rows, H.cols);
  if (frobenius(H) === 0) return out;
  const { U, s, Vt } = blas.svd(H);
  const rank = s.filter((value) => value > NOISE * s[0]).length;
  const along = zeros(P.rows, U.cols);
  blas.gemm('N', 'N', 1, P, U, 0, along);
  for (let i = 0; i < along.data.length; i++) {
    const c = i % U.cols;
    along.data[i] = c < rank ? along.data[i] / s[c] : 0;
  }
  blas.gemm('N', 'N', 1, along, Vt, 0, out);
  return out;
}
