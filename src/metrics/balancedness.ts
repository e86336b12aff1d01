/**
 * Balancedness of consecutive layers, ‖λ_{m+1}W_{m+1}ᵀW_{m+1} − λ_mW_mW_mᵀ‖ / max of the two norms (Frobenius).
 *
 * It is zero at every stationary point of the regularised objective, for any loss, and decays along gradient descent.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { frobenius, zeros, type Matrix } from '../core/matrix.js';
import { checkChain } from './classifier.js';
import { exponentBeyond, largestSize, scaledMatrix } from './exponents.js';

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
  return weights.slice(1).map((layer, m) => {
    const { A: upper, B: lower } = together(layer, weights[m]);
    const [above, below] = inSpan(upper, lower, blas);
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

/** Both layers divided by one power of two, so that the squares of the larger stay within range. */
function together(A: Matrix, B: Matrix): { readonly A: Matrix; readonly B: Matrix } {
  const e = exponentBeyond(Math.max(largestSize(A.data), largestSize(B.data)));
  return { A: scaledMatrix(A, -e), B: scaledMatrix(B, -e) };
}

/**
 * Two layers that meet in d units, both in an orthonormal basis of what they span there, so that nothing d×d is formed where d
 * is larger than their other sides together. above: K×d, below: d×n.
 */
function inSpan(above: Matrix, below: Matrix, blas: Blas): readonly [Matrix, Matrix] {
  const d = below.rows;
  const sides = above.rows + below.cols;
  if (d <= sides) return [above, below];
  const both = zeros(sides, d);
  both.data.set(above.data);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < below.cols; j++) both.data[(above.rows + j) * d + i] = below.data[i * below.cols + j];
  if (!both.data.every(Number.isFinite)) return [above, below];
  const { Vt } = blas.svd(both);
  const [upper, lower] = [zeros(above.rows, Vt.rows), zeros(Vt.rows, below.cols)];
  blas.gemm('N', 'T', 1, above, Vt, 0, upper);
  blas.gemm('N', 'N', 1, Vt, below, 0, lower);
  return [upper, lower];
}
