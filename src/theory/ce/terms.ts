/**
 * Cross-entropy with M linear layers as a sum of rank-one terms: the form in which the search descends.
 *
 * Z = Σ_i d_i^{M−1} a_i v_iᵀ with F = f(Z, b) + (μ/2)Σ_i(‖a_i‖² + ‖v_i‖² + (M−1)d_i²), μ = Λ^{1/L}: the chain of `factored.ts`
 * with diagonal inner factors, all alike. At the least, term i costs (Lμ/2)(σ of the term)^{2/L}, and a sum of rank-one terms
 * never costs less than its singular value decomposition does (‖X + Y‖_p^p ≤ ‖X‖_p^p + ‖Y‖_p^p for Schatten quasi-norms with
 * p ≤ 1; Rotfel'd 1969). So every local minimum of the chain is one here, at the same objective, and the lowest is the same.
 * The other way round a local minimum here could be none there: what the search keeps is followed to its end on the chain.
 *
 * A step costs K² exponentials and 4K²r additions and multiplications, and allocates nothing.
 */
import { depthOf, samplesOf, type Problem } from '../../model/index.js';
import { logLambda } from './scalar.js';

/** A sum of at most r rank-one terms; x = [a_1 … a_r | v_1 … v_r | δ | β] with δ = √(M−1)·d (M ≥ 2), b_k = n_k^{−1/4}β_k (free bias). */
export interface Terms {
  readonly K: number;
  readonly rank: number;
  /** Number of variables. */
  readonly size: number;
  /** Where δ and β begin. */
  readonly scales: number;
  readonly bias: number;
  readonly free: boolean;
  readonly depth: number;
  readonly mu: number;
  /** √n_k. */
  readonly roots: Float64Array;
  /** n_k^{−1/4}. */
  readonly biasScale: Float64Array;
  /** Loss of each class at the last evaluated point. */
  readonly losses: Float64Array;
  /** F(x)/μ, and its gradient by x. Infinity where a logit difference is too large for an exponential. */
  evaluate(x: Float64Array, gradient: Float64Array): number;
}

/** 2^k for k = −1100 … 1099. */
const POWERS = Float64Array.from({ length: 2200 }, (_, i) => Math.pow(2, i - 1100));
const LOG2E = 1.4426950408889634;
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;

/** Entries e_j ← exp(l_j − own), and their sum without entry k, which is set to zero. Relative error 1e-15 and a half. */
function exponentialsInto(e: Float64Array, at: number, K: number, k: number): number {
  const target = e[at + k];
  let sum = 0;
  e[at + k] = target - 800;
  for (let j = at; j < at + K; j++) {
    let v = e[j] - target;
    if (v < -745) v = -745;
    else if (v > 700) v = 700;
    const n = Math.floor(v * LOG2E + 0.5);
    const r = v - n * LN2_HIGH - n * LN2_LOW;
    const s = r * r;
    // Taylor's polynomial of degree 13 on |r| ≤ log(2)/2.
    const high =
      1 / 40320 + r / 362880 + s * (1 / 3628800 + r / 39916800 + s * (1 / 479001600 + r / 6227020800));
    const value =
      (1 + r + s * (0.5 + r / 6 + s * (1 / 24 + r / 120 + s * (1 / 720 + r / 5040 + s * high)))) *
      POWERS[n + 1100];
    e[j] = value;
    sum += value;
  }
  e[at + k] = 0;
  return sum;
}

export function createTerms(problem: Problem, rank: number): Terms {
  const K = problem.counts.length;
  const M = depthOf(problem);
  const r = rank;
  const free = problem.bias === 'free';
  const N = samplesOf(problem);
  const mu = Math.exp(logLambda(problem) / (M + 1));
  const Kr = K * r;
  const scales = 2 * Kr;
  const inner = M > 1 ? r : 0;
  const bias = scales + inner;
  const size = bias + (free ? K : 0);
  const roots = Float64Array.from(problem.counts, Math.sqrt);
  const biasScale = Float64Array.from(roots, (root) => 1 / Math.sqrt(root));
  const share = Float64Array.from(problem.counts, (n) => n / N);
  const deltaScale = M > 1 ? 1 / Math.sqrt(M - 1) : 0;
  const [P, Q, dP] = [new Float64Array(Kr), new Float64Array(Kr), new Float64Array(Kr)];
  const E = new Float64Array(K);
  const b = new Float64Array(K);
  const db = new Float64Array(K);
  const losses = new Float64Array(K);
  const strength = new Float64Array(r).fill(1);

  /** d_i^{M−1} of each term. */
  const strengthsFrom = (x: Float64Array) => {
    for (let i = 0; i < inner; i++) {
      const d = deltaScale * x[scales + i];
      let power = d;
      for (let m = 2; m < M; m++) power *= d;
      strength[i] = power;
    }
  };
  /** P: rows of the terms at their strength. Q: means of the classes, v/√n. */
  const factorsFrom = (x: Float64Array) => {
    for (let i = 0; i < r; i++) {
      const s = strength[i];
      for (let j = 0, at = i * K; j < K; j++, at++) {
        P[at] = s * x[at];
        Q[at] = x[Kr + at] / roots[j];
      }
    }
  };
  /** E ← logits at the mean of class k: b + Σ_i P_i Q_ik. */
  const logitsOf = (k: number) => {
    E.set(b);
    let i = 0;
    for (; i + 3 < r; i += 4) {
      const p0 = i * K;
      const p1 = p0 + K;
      const p2 = p1 + K;
      const p3 = p2 + K;
      const c0 = Q[p0 + k];
      const c1 = Q[p1 + k];
      const c2 = Q[p2 + k];
      const c3 = Q[p3 + k];
      for (let j = 0; j < K; j++) E[j] += c0 * P[p0 + j] + c1 * P[p1 + j] + c2 * P[p2 + j] + c3 * P[p3 + j];
    }
    for (; i < r; i++) {
      const p0 = i * K;
      const c0 = Q[p0 + k];
      for (let j = 0; j < K; j++) E[j] += c0 * P[p0 + j];
    }
  };
  /** From ∂f/∂logits of class k in E: to dP, and to the gradient by v of the class. */
  const carryBack = (x: Float64Array, gradient: Float64Array, k: number) => {
    const root = roots[k];
    let i = 0;
    for (; i + 1 < r; i += 2) {
      const p0 = i * K;
      const p1 = p0 + K;
      const c0 = Q[p0 + k];
      const c1 = Q[p1 + k];
      let [s0, s1] = [0, 0];
      for (let j = 0; j < K; j++) {
        const e = E[j];
        dP[p0 + j] += c0 * e;
        dP[p1 + j] += c1 * e;
        s0 += e * P[p0 + j];
        s1 += e * P[p1 + j];
      }
      gradient[Kr + p0 + k] = x[Kr + p0 + k] + s0 / root;
      gradient[Kr + p1 + k] = x[Kr + p1 + k] + s1 / root;
    }
    for (; i < r; i++) {
      const p0 = i * K;
      const c0 = Q[p0 + k];
      let s0 = 0;
      for (let j = 0; j < K; j++) {
        const e = E[j];
        dP[p0 + j] += c0 * e;
        s0 += e * P[p0 + j];
      }
      gradient[Kr + p0 + k] = x[Kr + p0 + k] + s0 / root;
    }
    if (free) for (let j = 0; j < K; j++) db[j] += E[j];
  };
  /** From dP and db to the gradient by a, δ and β. */
  const gradientOfRows = (x: Float64Array, gradient: Float64Array) => {
    for (let i = 0; i < r; i++) {
      const s = strength[i];
      let along = 0;
      for (let j = 0, at = i * K; j < K; j++, at++) {
        gradient[at] = x[at] + s * dP[at];
        along += x[at] * dP[at];
      }
      if (inner > 0) {
        const d = deltaScale * x[scales + i];
        let slope = (M - 1) * deltaScale;
        for (let m = 2; m < M; m++) slope *= d;
        gradient[scales + i] = x[scales + i] + slope * along;
      }
    }
    if (free) for (let j = 0; j < K; j++) gradient[bias + j] = biasScale[j] * db[j];
  };

  const evaluate = (x: Float64Array, gradient: Float64Array): number => {
    let squares = 0;
    for (let i = 0; i < bias; i++) squares += x[i] * x[i];
    strengthsFrom(x);
    factorsFrom(x);
    dP.fill(0);
    db.fill(0);
    if (free) for (let j = 0; j < K; j++) b[j] = biasScale[j] * x[bias + j];
    let loss = 0;
    for (let k = 0; k < K; k++) {
      logitsOf(k);
      const sum = exponentialsInto(E, 0, K, k);
      if (!(sum < 1e300)) return Infinity;
      losses[k] = Math.log1p(sum);
      loss += share[k] * losses[k];
      const factor = share[k] / (1 + sum) / mu;
      for (let j = 0; j < K; j++) E[j] *= factor;
      E[k] = -sum * factor;
      carryBack(x, gradient, k);
    }
    gradientOfRows(x, gradient);
    return loss / mu + squares / 2;
  };
  return { K, rank, size, scales, bias, free, depth: M, mu, roots, biasScale, losses, evaluate };
}
