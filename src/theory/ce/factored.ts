/**
 * Cross-entropy with M linear layers, reduced to class means and to a rank: local minimisation on a chain of factors.
 *
 * After scaling each factor, all decays are equal: F = f(Z, b) + (μ/2)Σ‖X_i‖², Z = X_M ⋯ X_0, μ = Λ^{1/L}, where X_M is K×r,
 * X_0 r×K and the others r×r. A local minimum among chains of width r is one of the whole problem for M ≥ 2 (a new singular
 * value costs σ^{2/L}, more than any gain of order σ), so small ranks are searched at small cost. Found is a local minimum,
 * no more.
 */
import type { Blas } from '../../core/blas.js';
import type { StopSignal } from '../../core/host.js';
import { createLbfgs, type Smooth } from '../../core/lbfgs.js';
import { matrix, zeros, type Matrix } from '../../core/matrix.js';
import type { Pausable } from '../../core/pausable.js';
import { portableBlas } from '../../core/portableBlas.js';
import { depthOf, type Problem } from '../../model/index.js';
import {
  createGradient,
  createSoftmax,
  gradientInto,
  logitsInto,
  singletonGroups,
  softmaxInto,
  type GroupedState,
} from './groups.js';
import { logLambda } from './scalar.js';

/** Below this many entries of a factor a call into a native library costs more than the product. */
const SMALL = 1024;
/** A singular value below this part of the largest is on its way to zero. */
const GONE = 1e-6;

export interface FactoredChain extends Smooth {
  /** X_M, …, X_0, views into x. */
  readonly factors: readonly Matrix[];
  /** F at the last evaluated x. */
  objective(): number;
  state(): GroupedState;
}

/** The problem of rank at most r, every class its own group. Values and gradients are divided by μ. */
export function createChain(problem: Problem, r: number, blasForLarge: Blas): FactoredChain {
  const K = problem.counts.length;
  const M = depthOf(problem);
  const blas = K * r <= SMALL ? portableBlas : blasForLarge;
  const mu = Math.exp(logLambda(problem) / (M + 1));
  const free = problem.bias === 'free';
  const groups = singletonGroups(problem.counts);
  const middle = (M - 1) * r * r;
  const x = new Float64Array(2 * K * r + middle + (free ? K : 0));
  const lay = (flat: Float64Array): Matrix[] => {
    let offset = 0;
    return Array.from({ length: M + 1 }, (_, i) => {
      const [rows, cols] = [i === 0 ? K : r, i === M ? K : r];
      offset += rows * cols;
      return matrix(flat.subarray(offset - rows * cols, offset), rows, cols);
    });
  };
  const factors = lay(x);
  const beta = x.subarray(2 * K * r + middle);
  const scale = Float64Array.from(problem.counts, (n) => 1 / Math.sqrt(Math.sqrt(n)));
  const none = new Float64Array(K);
  const bias = free ? new Float64Array(K) : null;
  const Z = zeros(K, K);
  // right[i] = X_i ⋯ X_0 (r×K), pulled[i] the gradient by that product.
  const inner = (i: number) => (i === M ? factors[M] : zeros(r, K));
  const right = factors.map((_, i) => (i === 0 ? Z : inner(i)));
  const pulled = factors.map(() => zeros(r, K));
  const logits = { others: zeros(K, K), own: new Float64Array(K) };
  const softmax = createSoftmax(K);
  const G = createGradient(K);
  let objective = 0;

  const forward = () => {
    for (let i = M - 1; i >= 0; i--) blas.gemm('N', 'N', 1, factors[i], right[i + 1], 0, right[i]);
    if (bias !== null) for (let a = 0; a < K; a++) bias[a] = scale[a] * beta[a];
  };
  return {
    x,
    factors,
    evaluate(gradient) {
      forward();
      logitsInto(groups, Z, none, bias, logits);
      const data = softmaxInto(groups, logits, softmax);
      gradientInto(groups, softmax, G);
      gradient.set(x);
      if (free) gradient.fill(0, 2 * K * r + middle);
      let squares = 0;
      for (const entry of gradient) squares += entry * entry;
      const out = lay(gradient);
      let pull = G.between;
      for (let i = 0; i < M; i++) {
        blas.gemm('N', 'T', 1 / mu, pull, right[i + 1], 1, out[i]);
        blas.gemm('T', 'N', 1, factors[i], pull, 0, pulled[i + 1]);
        pull = pulled[i + 1];
      }
      for (let i = 0; i < pull.data.length; i++) out[M].data[i] += pull.data[i] / mu;
      if (free) for (let a = 0; a < K; a++) gradient[2 * K * r + middle + a] = (scale[a] * G.bias[a]) / mu;
      objective = data + (mu / 2) * squares;
      return objective / mu;
    },
    objective: () => objective,
    state() {
      forward();
      return {
        groups,
        between: { data: Z.data.slice(), rows: K, cols: K },
        contrasts: new Float64Array(K),
        bias: bias === null ? null : bias.slice(),
      };
    },
  };
}

/** The chain of rank at most r at the balanced factors of Z (K×K) and b: Z = U·diag(σ)·Vᵀ, every factor has σ^{1/L}. */
export function chainFrom(
  problem: Problem,
  { Z, b }: { Z: Float64Array; b: Float64Array | null },
  r: number,
  blas: Blas,
): FactoredChain {
  const K = problem.counts.length;
  const { U, s, Vt } = blas.svd({ data: Z, rows: K, cols: K });
  const rank = Math.max(1, Math.min(r, s.filter((value) => value > GONE * s[0]).length));
  const chain = createChain(problem, rank, blas);
  const last = chain.factors.length - 1;
  const share = s.map((value) => Math.pow(value, 1 / chain.factors.length));
  chain.factors.forEach((X, m) => {
    X.data.fill(0);
    if (m === 0)
      for (let j = 0; j < K; j++)
        for (let i = 0; i < rank; i++) X.data[j * rank + i] = share[i] * U.data[j * U.cols + i];
    else if (m === last)
      for (let i = 0; i < rank; i++)
        for (let k = 0; k < K; k++) X.data[i * K + k] = share[i] * Vt.data[i * K + k];
    else for (let i = 0; i < rank; i++) X.data[i * rank + i] = share[i];
  });
  if (b !== null) {
    const beta = chain.x.subarray(chain.x.length - K);
    for (let k = 0; k < K; k++) beta[k] = b[k] * Math.sqrt(Math.sqrt(problem.counts[k]));
  }
  return chain;
}

export interface LocalOptions {
  readonly blas: Blas;
  /** Bounds the largest entry of the gradient, divided by μ. */
  readonly tolerance: number;
  readonly steps: number;
  /** Read after each step. */
  readonly signal?: StopSignal | undefined;
}

/** L-BFGS from where the chain is, pausing after each step; returns the number of steps. */
export function* minimiseChain(chain: FactoredChain, options: LocalOptions): Pausable<number> {
  const { tolerance, steps, signal } = options;
  const blas = chain.x.length <= 4 * SMALL ? portableBlas : options.blas;
  const lbfgs = createLbfgs(chain, { memory: 12, tolerance, blas });
  for (let i = 0; i < steps; i++) {
    if (lbfgs.iterate() !== 'moved' || signal?.aborted === true) return i;
    yield;
  }
  return steps;
}
