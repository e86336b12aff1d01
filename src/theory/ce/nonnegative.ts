/**
 * Cross-entropy, M = 1, no bias, features at least 0 (after a ReLU), any counts, class weights and label smoothing: closed form.
 *
 * The problem falls apart by class: means are orthogonal, z̄_k = a_k(e_k − 1/K), and with the class's share ω_k of the loss
 *
 *     F = Σ_k ω_k[log(1 + (K−1)e^{−a_k}) + ε(1 − 1/K)a_k] + √(λ_Wλ_H n_k(K−1)/K)·a_k,
 *     1 − p_k = ε(1 − 1/K) + √(λ_Wλ_H n_k(K−1)/K)/ω_k,
 *
 * (plain: alive iff n_k > N²λ_Wλ_H·K/(K−1)). Proof: at this point the columns g_k = ω_k(p_k − t_k)/√n_k of the dual are at most √(λ_Wλ_H) long,
 * and any two have a negative product, so ‖Gh‖ ≤ √(λ_Wλ_H)‖h‖ for every h ≥ 0 (`dualNorm.ts`): the bound of `dual.ts` is F itself. Dang et al.
 * (2024) study features after a ReLU under cross-entropy. Needs d ≥ K.
 */
import type { Blas } from '../../core/blas.js';
import { lossShares, type Problem } from '../../model/index.js';
import { balancedFactors } from '../factors.js';
import { describePoint, logitsAt, type PointPrediction } from '../point.js';
import { ceDualCertificate } from './dual.js';

export function predictNonnegativeCe(problem: Problem, blas: Blas): PointPrediction {
  const { counts, labelSmoothing } = problem;
  const K = counts.length;
  const shares = lossShares(problem);
  const mu = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  const smooth = labelSmoothing * (1 - 1 / K);
  let objective = 0;
  const limits: (number | null)[] = [];
  const terms = counts.flatMap((n, k) => {
    const cost = mu * Math.sqrt((n * (K - 1)) / K);
    const leak = smooth + cost / shares[k];
    const a = leak < 1 - 1 / K ? Math.log(K - 1) + Math.log1p(-leak) - Math.log(leak) : 0;
    const t = Math.log(K - 1) - a;
    const loss = t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
    objective += shares[k] * (loss + smooth * a) + cost * a;
    // √(λ_Wλ_H) at which 1 − p reaches that of the zero solution.
    limits[k] =
      K < 2 ? null : ((1 - 1 / K) * (1 - labelSmoothing) * shares[k]) / Math.sqrt((n * (K - 1)) / K);
    if (!(a > 0)) return [];
    const length = Math.sqrt(1 - 1 / K);
    return [
      {
        sigma: a * Math.sqrt(n) * length,
        u: Float64Array.from({ length: K }, (_, j) => ((j === k ? 1 : 0) - 1 / K) / length),
        v: Float64Array.from({ length: K }, (_, j) => (j === k ? 1 : 0)),
      },
    ];
  });
  if (K < 2) objective = 0;
  const point = balancedFactors(problem, terms, null);
  return describePoint(
    {
      ...{ problem, point, objective, optimality: 'global', frame: 'orthogonal features, non-negative' },
      certificate: ceDualCertificate(problem, logitsAt(point, blas), objective, blas),
      unique: true,
      classes: limits.map((limit) => ({
        maxWeightDecay: limit === null ? null : (limit / problem.featureDecay) * limit,
        maxTiedDecay: limit,
      })),
      search: null,
    },
    blas,
  );
}
