/**
 * The balanced factors of Z = Σ_i σ_i u_i v_iᵀ, which cost least: with a_i = (Λσ_i²)^{1/L}, W_M = U·diag(√(a/λ_M))·Q_Mᵀ,
 * W_m = Q_{m+1}·diag(√(a/λ_m))·Q_mᵀ and H̄ = Q_1·diag(√(a/λ_H))·VᵀD^{−1/2}. Each Q_m is the first columns of the identity, so
 * that features are at least 0 where the v_i are.
 */
import { zeros, type Matrix } from '../core/matrix.js';
import { outputsOf, type Problem } from '../model/index.js';
import type { Minimiser } from './prediction.js';

/** One term σ·u·vᵀ: u of q numbers, v of K, both of length 1. */
export interface Rank1 {
  readonly sigma: number;
  readonly u: ArrayLike<number>;
  readonly v: ArrayLike<number>;
}

/** `terms` with σ > 0, at most as many as every width; `bias` q numbers or null. */
export function balancedFactors(
  problem: Problem,
  terms: readonly Rank1[],
  bias: Float64Array | null,
): Minimiser {
  const { widths, weightDecays, featureDecay, counts } = problem;
  const L = weightDecays.length + 1;
  let logLambda = Math.log(featureDecay);
  for (const decay of weightDecays) logLambda += Math.log(decay);
  const logA = terms.map(({ sigma }) => (logLambda + 2 * Math.log(sigma)) / L);
  const size = (i: number, decay: number) => Math.exp((logA[i] - Math.log(decay)) / 2);
  const q = outputsOf(problem);
  const weights = weightDecays.map((decay, m): Matrix => {
    const last = m === weightDecays.length - 1;
    const W = zeros(last ? q : widths[m + 1], widths[m]);
    terms.forEach(({ u }, i) => {
      if (last) for (let j = 0; j < q; j++) W.data[j * W.cols + i] = u[j] * size(i, decay);
      else W.data[i * W.cols + i] = size(i, decay);
    });
    return W;
  });
  const classFeatures = zeros(widths[0], counts.length);
  terms.forEach(({ v }, i) => {
    counts.forEach((n, k) => {
      classFeatures.data[i * counts.length + k] = (v[k] * size(i, featureDecay)) / Math.sqrt(n);
    });
  });
  return { head: { weights, bias }, classFeatures };
}
