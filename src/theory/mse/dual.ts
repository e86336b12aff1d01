/**
 * MSE, M = 1, with class weights, any targets and any bias: a lower bound of the minimum from ANY point.
 *
 * With c_k = n_k w_k/N and any y_k, c/2·‖a − t‖² ≥ ⟨y, a − t⟩ − ‖y‖²/(2c). Summed over classes the linear term in Z = Z̄D^{1/2} is
 * ⟨YD^{−1/2}, Z⟩ ≥ −‖YD^{−1/2}‖_op‖Z‖_*, and the regularisers are at least √(λ_Wλ_H)‖Z‖_*. Hence with ‖YD^{−1/2}‖_op ≤ √(λ_Wλ_H),
 *
 *     F ≥ −Σ_k [⟨y_k, t_k⟩ + ‖y_k‖²/(2c_k)] + min_b {⟨s, b⟩ + λ_b/2‖b‖²},  s = Σ_k y_k,
 *
 * where the last part is −‖s‖²/(2λ_b) for a decayed bias and 0 without one; a free bias asks for s = 0. At a point y_k is α times
 * its residual c_k(a_k − t_k), which is the maximiser at the minimum with α = 1. Where features must not be negative, only
 * ‖YD^{−1/2}h‖ over h ≥ 0 counts (`dualNorm.ts`).
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Problem } from '../../model/index.js';
import { columnLossOf } from '../columnLoss.js';
import { dualNorm } from '../dualNorm.js';
import type { Certificate } from '../prediction.js';

/** `logits`: Z̄ + b1ᵀ of the point, q×K; `objective`: its F. */
export function mseDualCertificate(
  problem: Problem,
  logits: Matrix,
  objective: number,
  blas: Blas,
): Certificate {
  const K = problem.counts.length;
  const { outputs: q, weights: c, target } = columnLossOf(problem);
  const mu = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  const Y = zeros(q, K);
  const pull = new Float64Array(q);
  let whole = 0;
  for (let k = 0; k < K; k++) {
    const t = target(k);
    whole += c[k];
    for (let j = 0; j < q; j++) {
      const y = c[k] * (logits.data[j * K + k] - t[j]);
      Y.data[j * K + k] = y;
      pull[j] += y;
    }
  }
  if (problem.bias === 'free') {
    for (let k = 0; k < K; k++) for (let j = 0; j < q; j++) Y.data[j * K + k] -= (c[k] / whole) * pull[j];
    pull.fill(0);
  }
  const scaled = zeros(q, K);
  let [linear, square] = [0, 0];
  for (let k = 0; k < K; k++) {
    const t = target(k);
    for (let j = 0; j < q; j++) {
      const y = Y.data[j * K + k];
      scaled.data[j * K + k] = y / Math.sqrt(problem.counts[k]);
      linear -= y * t[j];
      square += (y * y) / (2 * c[k]);
    }
  }
  if (problem.biasDecay !== null)
    square += pull.reduce((sum, value) => sum + value * value, 0) / (2 * problem.biasDecay);
  const norm = dualNorm(scaled, problem.featureSign, blas);
  const most = (norm === 0 ? 1 : mu / norm) * (1 - 1e-12 - 1e-15 * K);
  // α·linear − α²·square, as large as the norm allows.
  const alpha = square === 0 ? 0 : Math.min(most, Math.max(0, linear / (2 * square)));
  const bound = alpha * linear - alpha * alpha * square;
  const lowerBound = bound - 1e-14 * (Math.abs(alpha * linear) + alpha * alpha * square);
  const gap = Math.max(0, objective - lowerBound);
  return { lowerBound, gap, relativeGap: gap / Math.max(Math.abs(objective), Number.MIN_VALUE) };
}
