/**
 * Cross-entropy, M = 1, with class weights, soft targets, adjusted logits and any bias: a lower bound of the minimum from ANY
 * point, and so a certificate.
 *
 * For probabilities q_k, Fenchel's inequality gives ℓ(z; t) ≥ ⟨q − t, z⟩ + entropy(q). With z = δ∘(z̄_k + b) + ι and shares ω_k
 * the linear term in Z = Z̄D^{1/2} is ⟨G, Z⟩ ≥ −‖G‖_op‖Z‖_*, G = diag(δ)(Q − T)diag(ω_k/√n_k), and the regularisers are at least
 * √(λ_Wλ_H)‖Z‖_*. Hence with ‖G‖_op ≤ √(λ_Wλ_H), whatever the width,
 *
 *     F ≥ Σ_k ω_k·[entropy(q_k) + ⟨q_k − t_k, ι⟩] + min_b {⟨δ∘s, b⟩ + λ_b/2‖b‖²},  s = Σ_k ω_k(q_k − t_k).
 *
 * The last part is −‖δ∘s‖²/(2λ_b) for a decayed bias, one more feature that never moves; a free bias asks for s = 0, to which
 * Q is repaired first; without bias it is 0. Where features must not be negative, only ‖Gh‖ over h ≥ 0 counts (`dualNorm.ts`). Q = αP + (1 − α)T with P the softmax of the point: tight at the minimum. The
 * certificate of the plain problem (`certificate.ts`) is the case of equal weights and one-hot targets.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import { lossShares, targetRows, type Problem } from '../../model/index.js';
import type { Certificate } from '../prediction.js';
import { dualNorm } from '../dualNorm.js';
import { certificateOf } from './certificate.js';

/** `logits`: Z̄ + b1ᵀ of the point, K×K, before they are adjusted; `objective`: its F. */
export function ceDualCertificate(
  problem: Problem,
  logits: Matrix,
  objective: number,
  blas: Blas,
): Certificate {
  const K = problem.counts.length;
  const T = targetRows(problem);
  const shares = lossShares(problem);
  const mu = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  const offsets = problem.logitAdjustment?.offsets ?? new Array<number>(K).fill(0);
  const scales = problem.logitAdjustment?.scales ?? new Array<number>(K).fill(1);
  const P = softmaxColumns(logits, scales, offsets);
  if (problem.bias === 'free') repair(P, T, shares);
  const G = zeros(K, K);
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++)
      G.data[j * K + k] =
        (scales[j] * (P.data[j * K + k] - T[j][k]) * shares[k]) / Math.sqrt(problem.counts[k]);
  const norm = dualNorm(G, problem.featureSign, blas);
  const alpha = Math.min(1, norm === 0 ? 1 : mu / norm) * (1 - 1e-12 - 1e-15 * K);
  let bound = 0;
  const pull = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    let column = 0;
    for (let j = 0; j < K; j++) {
      const q = alpha * P.data[j * K + k] + (1 - alpha) * T[j][k];
      if (q > 0) column -= q * Math.log(q);
      const moved = alpha * (P.data[j * K + k] - T[j][k]);
      column += moved * offsets[j];
      pull[j] += shares[k] * moved * scales[j];
    }
    bound += shares[k] * column;
  }
  if (problem.biasDecay !== null)
    bound -= pull.reduce((sum, value) => sum + value * value, 0) / (2 * problem.biasDecay);
  return certificateOf(objective, bound - 1e-14 * Math.abs(bound));
}

function softmaxColumns(logits: Matrix, scales: readonly number[], offsets: readonly number[]): Matrix {
  const K = logits.rows;
  const P = zeros(K, logits.cols);
  for (let k = 0; k < logits.cols; k++) {
    const z = (j: number) => scales[j] * logits.data[j * logits.cols + k] + offsets[j];
    let top = -Infinity;
    for (let j = 0; j < K; j++) top = Math.max(top, z(j));
    let sum = 0;
    for (let j = 0; j < K; j++) sum += P.data[j * logits.cols + k] = Math.exp(z(j) - top);
    for (let j = 0; j < K; j++) P.data[j * logits.cols + k] /= sum;
  }
  return P;
}

/** Changes the columns of P into probabilities with Σ_k ω_k p_k = Σ_k ω_k t_k. */
function repair(P: Matrix, T: readonly (readonly number[])[], shares: readonly number[]): void {
  const K = P.rows;
  const missing = new Float64Array(K);
  const short = new Float64Array(K);
  let needed = 0;
  for (let j = 0; j < K; j++) {
    let [has, wanted] = [0, 0];
    for (let k = 0; k < K; k++) {
      has += shares[k] * P.data[j * K + k];
      wanted += shares[k] * T[j][k];
    }
    const scale = has > wanted ? wanted / has : 1;
    missing[j] = wanted - has * scale;
    needed += Math.max(0, missing[j]);
    for (let k = 0; k < K; k++) {
      short[k] += (1 - scale) * P.data[j * K + k];
      P.data[j * K + k] *= scale;
    }
  }
  if (!(needed > 0)) return;
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++) P.data[j * K + k] += (Math.max(0, missing[j]) * short[k]) / needed;
}
