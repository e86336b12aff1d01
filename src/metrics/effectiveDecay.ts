/**
 * The effective feature decay of a network trained without one: λ_H from the measured balance between P and H̄.
 *
 * At every stationary point each mode carries a = λ_H‖h‖² = λ_m‖w_m‖² through all factors, so s² = a^M/Πλ_m and
 * a = (Πλ_m·s²)^{1/M}: the norms of P and of the features give λ_H. In class terms, with T the targets,
 *   λ_H,k = (Πλ_m)^{1/M} · ((PPᵀ)^{1/M} TTᵀ)_kk / (THᵀHTᵀ)_kk,  (THᵀHTᵀ)_kk = n_k²‖h̄_k‖² (centred with a free bias),
 * and the one number is the ratio of the two sums over classes.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import { zeros } from '../core/matrix.js';

export interface FittedDecay {
  readonly value: number;
  /** λ_H,k for each class; null where the class's features vanish. */
  readonly classes: readonly (number | null)[];
  /** Smallest and largest over the classes that carry at least 1 % of the balance. */
  readonly range: readonly [number, number];
}

export function effectiveFeatureDecay(input: {
  /** K×d. */
  readonly means: Matrix;
  readonly counts: readonly number[];
  /** K×d. */
  readonly P: Matrix;
  readonly weightDecays: readonly number[];
  readonly bias: 'none' | 'free';
  readonly blas: Blas;
}): FittedDecay {
  const { means, counts, P, weightDecays, bias, blas } = input;
  const K = counts.length;
  const d = means.cols;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const depth = weightDecays.length;
  const root = Math.exp(weightDecays.reduce((sum, decay) => sum + Math.log(decay), 0) / depth);
  // (PPᵀ)^{1/M} = U·diag(s^{2/M})·Uᵀ from the SVD of P itself.
  const { U, s } = blas.svd(P);
  const power = zeros(K, K);
  const scaled = zeros(K, s.length);
  for (let k = 0; k < K; k++)
    for (let i = 0; i < s.length; i++)
      scaled.data[k * s.length + i] = U.data[k * s.length + i] * s[i] ** (2 / depth);
  blas.gemm('N', 'T', 1, scaled, U, 0, power);

  const centre = new Float64Array(d);
  if (bias === 'free')
    for (let k = 0; k < K; k++)
      for (let r = 0; r < d; r++) centre[r] += (counts[k] / N) * means.data[k * d + r];
  let [above, below] = [0, 0];
  const parts = counts.map((n, k) => {
    let numerator = n * power.data[k * K + k];
    if (bias === 'free') for (let j = 0; j < K; j++) numerator -= (power.data[k * K + j] * counts[j] * n) / N;
    let square = 0;
    for (let r = 0; r < d; r++) square += (means.data[k * d + r] - centre[r]) ** 2;
    const denominator = n * n * square;
    above += numerator;
    below += denominator;
    return { numerator, denominator };
  });
  const value = (root * above) / below;
  if (!(value > 0 && Number.isFinite(value)))
    refuse(
      'feature-decay fit',
      'a head and features that are not zero',
      value,
      'give --feature-decay a number',
    );
  const classes = parts.map(({ numerator, denominator }) => {
    const found = (root * numerator) / denominator;
    return Number.isFinite(found) ? found : null;
  });
  const living = classes.filter(
    (found, k): found is number => found !== null && parts[k].denominator >= 0.01 * below,
  );
  return { value, classes, range: [Math.min(...living), Math.max(...living)] };
}
