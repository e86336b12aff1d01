/**
 * Cross-entropy, M = 1: a lower bound of the minimum from ANY point, and so a certificate of how far it is from it.
 *
 * For probabilities q_k, Fenchel's inequality gives CE(z, k) ≥ ⟨q_k − e_k, z⟩ + entropy(q_k). Summed with weights n_k/N,
 * the linear term is ⟨G_q, Z⟩ ≥ −‖G_q‖_op‖Z‖_* with G_q = (Q − I)D^{1/2}/N, and the regularisers are at least μ‖Z‖_*,
 * μ = √(λ_Wλ_H). Hence with ‖G_q‖_op ≤ μ every point of the problem has F ≥ Σ_k (n_k/N)·entropy(q_k), whatever the width d.
 * Here q_k = α p_k + (1 − α) e_k with p the softmax of the point, and α = min(1, μ/‖G_p‖_op): tight at the minimum.
 * A free bias adds ⟨b, (Q − I)n⟩/N, which is zero for all b only if Pn = n: P is repaired first, by scaling rows that get
 * too much and handing what columns then lack to rows that get too little. All in off-diagonal entries, which keep
 * relative precision when 1 − p is 1e-12.
 */
import type { Blas } from '../../core/blas.js';
import { refuse, refuseShape } from '../../core/errors.js';
import { copy, shape, zeros, type Matrix } from '../../core/matrix.js';
import { portableBlas } from '../../core/portableBlas.js';
import {
  createGradient,
  createSoftmax,
  gradientInto,
  logitsInto,
  singletonGroups,
  softmaxInto,
  type ClassGroups,
  type GroupedSoftmax,
  type GroupedState,
} from './groups.js';
import type { Certificate } from '../prediction.js';

export interface CertifiedPoint {
  /** Z̄ = W·H̄, K×K, without bias: entry (j, k) is logit j of class mean k. */
  readonly logits: Matrix;
  /** n_k, K positive numbers. */
  readonly counts: readonly number[];
  /** λ_W and λ_H. */
  readonly weightDecay: number;
  readonly featureDecay: number;
  /** b (K) where the problem has a free bias, null where it has none. */
  readonly bias: ArrayLike<number> | null;
  /** F of the point, from which the gap is taken. */
  readonly objective: number;
}

/**
 * The bound, F − bound (at least 0) and that relative to |F|. Valid for any finite point, converged or not; a point with an
 * entry that is not finite is refused.
 */
export function ceCertificate(point: CertifiedPoint, blas: Blas = portableBlas): Certificate {
  const { logits, counts, bias, weightDecay, featureDecay, objective } = point;
  const K = counts.length;
  if (logits.rows !== K || logits.cols !== K)
    refuseShape('ceCertificate: logits', `a ${K}×${K} matrix`, shape(logits));
  if (bias !== null && bias.length !== K)
    refuseShape('ceCertificate: bias', `${K} numbers`, `${bias.length} numbers`);
  const finite = logits.data.every(Number.isFinite) && Array.from(bias ?? []).every(Number.isFinite);
  if (!finite || !Number.isFinite(objective)) refuse('ceCertificate', 'finite numbers', 'NaN or infinity');
  const groups = singletonGroups(counts);
  const others = copy(logits);
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++) others.data[j * K + k] += bias === null ? 0 : bias[j];
  const own = Float64Array.from({ length: K }, (_, k) => others.data[k * K + k]);
  const softmax = createSoftmax(K);
  softmaxInto(groups, { others, own }, softmax);
  const mu = Math.sqrt(weightDecay) * Math.sqrt(featureDecay);
  return certificateOf(objective, lowerBound(groups, softmax, mu, bias !== null, blas));
}

/** The certificate of a grouped point; the same bound, at the cost of a g×g matrix. */
export function certifyGrouped(state: GroupedState, mu: number, objective: number, blas: Blas): Certificate {
  const { groups, between, contrasts, bias } = state;
  const g = groups.counts.length;
  const logits = { others: zeros(g, g), own: new Float64Array(g) };
  logitsInto(groups, between, contrasts, bias, logits);
  const softmax = createSoftmax(g);
  softmaxInto(groups, logits, softmax);
  return certificateOf(objective, lowerBound(groups, softmax, mu, bias !== null, blas));
}

/** A bound above F by rounding is no gap below zero. */
export function certificateOf(objective: number, bound: number): Certificate {
  const gap = Math.max(0, objective - bound);
  return { lowerBound: bound, gap, relativeGap: gap / Math.max(Math.abs(objective), Number.MIN_VALUE) };
}

function lowerBound(
  groups: ClassGroups,
  softmax: GroupedSoftmax,
  mu: number,
  free: boolean,
  blas: Blas,
): number {
  const { counts, sizes, samples } = groups;
  const g = counts.length;
  if (free) balance(groups, softmax);
  const G = createGradient(g);
  gradientInto(groups, softmax, G);
  let norm = operatorNorm(G.between, blas);
  for (const c of G.contrasts) norm = Math.max(norm, Math.abs(c));
  // The norm is known to about g·1e-16; the shrinking keeps the bound on the safe side of that, and of the repair's rounding.
  const alpha = Math.min(1, norm === 0 ? 1 : mu / norm) * (1 - 1e-12 - 1e-15 * g);
  let bound = 0;
  for (let b = 0; b < g; b++) {
    const leak = alpha * softmax.leak[b];
    let entropy = -(1 - leak) * Math.log1p(-leak);
    if (leak >= 1) entropy = 0;
    for (let a = 0; a < g; a++) {
      const q = alpha * softmax.wrong.data[a * g + b];
      if (q > 0) entropy -= (a === b ? sizes[a] - 1 : sizes[a]) * q * Math.log(q);
    }
    bound += ((sizes[b] * counts[b]) / samples) * entropy;
  }
  // Sums of positive terms, each to a few roundings.
  return bound * (1 - 1e-14);
}

/** Changes P into probabilities with Pn = n: what class a is given by others is what it gives away. */
function balance(groups: ClassGroups, softmax: GroupedSoftmax): void {
  const { counts, sizes } = groups;
  const g = counts.length;
  const p = softmax.wrong.data;
  const lost = new Float64Array(g);
  const missing = new Float64Array(g);
  let needed = 0;
  for (let a = 0; a < g; a++) {
    let excess = -counts[a] * softmax.away[a];
    for (let b = 0; b < g; b++) if (a !== b) excess += sizes[b] * counts[b] * p[a * g + b];
    // m_a = n_a/(n_a + excess), kept as 1 − m_a.
    if (excess > 0) lost[a] = excess / (counts[a] + excess);
    else missing[a] = -excess;
    needed += sizes[a] * missing[a];
  }
  if (needed === 0) return;
  const short = new Float64Array(g);
  for (let a = 0; a < g; a++)
    if (lost[a] > 0) {
      for (let b = 0; b < g; b++) {
        const wrong = a === b ? sizes[a] - 1 : sizes[a];
        short[b] += lost[a] * (wrong * p[a * g + b] + (a === b ? 1 - softmax.leak[a] : 0));
      }
    }
  softmax.away.fill(0);
  for (let a = 0; a < g; a++) {
    const [retained, share] = [1 - lost[a], missing[a] / needed];
    for (let b = 0; b < g; b++) {
      if (a === b && sizes[a] === 1) continue;
      p[a * g + b] = retained * p[a * g + b] + share * short[b];
      if (a !== b) softmax.away[b] += sizes[a] * p[a * g + b];
    }
  }
  for (let b = 0; b < g; b++) softmax.leak[b] = softmax.away[b] + (sizes[b] - 1) * p[b * g + b];
}

/** ‖A‖_op, by the largest eigenvalue of AᵀA after scaling: squaring does not hurt the largest one. */
export function operatorNorm(A: Matrix, blas: Blas): number {
  let largest = 0;
  for (const value of A.data) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  const scaled = copy(A);
  for (let i = 0; i < scaled.data.length; i++) scaled.data[i] /= largest;
  const gram = zeros(A.cols, A.cols);
  blas.gramInto(1, scaled, 0, gram);
  const { values } = blas.eigenSymmetric(gram);
  return largest * Math.sqrt(Math.max(0, values[values.length - 1]));
}
