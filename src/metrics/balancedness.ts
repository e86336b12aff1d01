/**
 * Balancedness of consecutive layers, ‖λ_{m+1}W_{m+1}ᵀW_{m+1} − λ_mW_mW_mᵀ‖ / max of the two norms (Frobenius).
 *
 * It is zero at every stationary point of the regularised objective, for any loss, and decays along gradient descent.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { frobenius, zeros, type Matrix } from '../core/matrix.js';
import { checkChain } from './classifier.js';

/**
 * One number for each of the M−1 pairs (W_m, W_{m+1}), between 0 and √2; null where both layers are zero.
 * weights: W_1 … W_M (W_m: d_m × d_{m−1}); weightDecays: λ_1 … λ_M. Throws a dimension error when they do not fit.
 */
export function balancedness(
  weights: readonly Matrix[],
  weightDecays: readonly number[],
  blas: Blas,
): (number | null)[] {
  if (weightDecays.length !== weights.length)
    refuseShape('weight decay', `one for each of ${weights.length} layers`, `${weightDecays.length}`);
  checkChain(weights);
  return weights.slice(1).map((above, m) => {
    const below = weights[m];
    const d = below.rows;
    const [A, B] = [zeros(d, d), zeros(d, d)];
    blas.gramInto(weightDecays[m + 1], above, 0, A);
    blas.gemm('N', 'T', weightDecays[m], below, below, 0, B);
    const norm = Math.max(frobenius(A), frobenius(B));
    if (norm === 0) return null;
    for (let i = 0; i < A.data.length; i++) A.data[i] -= B.data[i];
    return frobenius(A) / norm;
  });
}
