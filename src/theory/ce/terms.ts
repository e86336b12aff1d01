/**
 * Cross-entropy with M linear layers as a sum of rank-one terms: the form in which the search descends.
 *
 * Z = Σ_i d_i^{M−1} a_i v_iᵀ with F = f(Z, b) + (μ/2)Σ_i(‖a_i‖² + ‖v_i‖² + (M−1)d_i²), μ = Λ^{1/L}: the chain of `factored.ts`
 * with diagonal inner factors, all alike. At the least, term i costs (Lμ/2)(σ of the term)^{2/L}, and a sum of rank-one terms
 * never costs less than its singular value decomposition does (‖X + Y‖_p^p ≤ ‖X‖_p^p + ‖Y‖_p^p for Schatten quasi-norms with
 * p ≤ 1; Rotfel'd 1969). So every local minimum of the chain is one here, at the same objective, and the lowest is the same.
 * The other way round a local minimum here could be none there: what the search keeps is followed to its end on the chain.
 *
 * A step costs K² exponentials (Taylor's polynomial, relative error 1e-15 and a half) and 4K²r additions and multiplications, and
 * allocates nothing.
 */
import { depthOf, samplesOf, type Problem } from '../../model/index.js';
import { logLambda } from './scalar.js';
import { openSearchMemory, padded, type SearchMemory } from './searchMemory.js';

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

/** Numbers that the terms of a problem with K classes take. */
export function termsRoom(K: number, rank: number, size: number): number {
  return 4 * padded(K) + 2 * padded(size) + (4 + 3 * rank) * padded(K);
}

/** Variables of K classes at a rank. */
export function termsSize(problem: Problem, rank: number): number {
  const K = problem.counts.length;
  return 2 * K * rank + (depthOf(problem) > 1 ? rank : 0) + (problem.bias === 'free' ? K : 0);
}

export function createTerms(problem: Problem, rank: number, given?: SearchMemory): Terms {
  const K = problem.counts.length;
  const depth = depthOf(problem);
  const free = problem.bias === 'free';
  const N = samplesOf(problem);
  const mu = Math.exp(logLambda(problem) / (depth + 1));
  const size = termsSize(problem, rank);
  const memory = given ?? openSearchMemory(termsRoom(K, rank, size));
  const [roots, biasScale, share, losses] = [0, 1, 2, 3].map(() => memory.floats(K));
  const [point, slope] = [memory.floats(size), memory.floats(size)];
  const work = memory.floats((4 + 3 * rank) * padded(K));
  problem.counts.forEach((n, k) => {
    roots[k] = Math.sqrt(n);
    biasScale[k] = 1 / Math.sqrt(roots[k]);
    share[k] = n / N;
  });
  const { kernels } = memory;
  const scales = 2 * K * rank;
  return {
    ...{ K, rank, size, scales, free, depth, mu, roots, biasScale, losses },
    bias: size - (free ? K : 0),
    evaluate(x, gradient) {
      const [from, to] = [x, gradient].map(({ buffer }) => buffer === memory.buffer);
      if (!from) point.set(x);
      const value = kernels.evaluate(
        K,
        rank,
        depth,
        Number(free),
        mu,
        roots.byteOffset,
        (from ? x : point).byteOffset,
        (to ? gradient : slope).byteOffset,
        work.byteOffset,
      );
      if (!to) gradient.set(slope);
      return value;
    },
  };
}
