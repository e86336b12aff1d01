/**
 * What the search for low cross-entropy solutions works with: descents of every rank, made once and used again, points that
 * are kept, and the limits of its work.
 */
import type { Blas } from '../../core/blas.js';
import type { Matrix } from '../../core/matrix.js';
import type { Pausable } from '../../core/pausable.js';
import type { Random } from '../../core/random.js';
import { depthOf, type Problem } from '../../model/index.js';
import { createDescent, descentRoom, type Descent, type DescentEnd, type DescentOptions } from './descent.js';
import { openSearchMemory } from './searchMemory.js';
import { createTerms, termsRoom, termsSize, type Terms } from './terms.js';

/** A point of `terms(rank)`, and its objective divided by μ. */
export interface Point {
  readonly x: Float64Array;
  readonly rank: number;
  readonly value: number;
}

/** What has been done so far. */
export interface Tally {
  starts: number;
  exchanges: number;
  kicks: number;
  readonly ranks: Set<number>;
}

export interface Searcher {
  readonly problem: Problem;
  readonly random: Random;
  readonly tally: Tally;
  /** The largest rank; 1 ≤ rank ≤ top, or only `top` where `fixed`. */
  readonly top: number;
  readonly fixed: boolean;
  readonly terms: (rank: number) => Terms;
  readonly descent: (rank: number) => Descent;
  /** Follows `descent(rank)` from its x to an end; out of time it is left where it is. */
  readonly follow: (rank: number, options: DescentOptions) => Pausable<DescentEnd>;
  /** Out of time, or asked to stop. */
  readonly over: () => boolean;
}

/** ‖∇F‖ ≤ 1e-5·F: the objective is then right to about 1e-9. */
export const SETTLED = 1e-5;
/** Improvements of less than this part are none. */
export const HELPS = 1e-7;

/** Along one or two directions classes settle slowly. */
export function stepsFor(rank: number): number {
  return rank <= 2 ? 4000 : 1500;
}

/** A pause after about so many multiplications, some milliseconds. */
const SLICE = 4e6;

export function createSearcher(
  problem: Problem,
  settings: Pick<Searcher, 'random' | 'top' | 'fixed' | 'over'>,
): Searcher {
  const K = problem.counts.length;
  const byRank = new Map<number, { terms: Terms; descent: Descent }>();
  const at = (rank: number) => {
    let known = byRank.get(rank);
    if (known === undefined) {
      const size = termsSize(problem, rank);
      const memory = openSearchMemory(termsRoom(K, rank, size) + descentRoom(size));
      const terms = createTerms(problem, rank, memory);
      known = { terms, descent: createDescent(size, (x, gradient) => terms.evaluate(x, gradient), memory) };
      byRank.set(rank, known);
    }
    return known;
  };
  return {
    ...settings,
    problem,
    tally: { starts: 0, exchanges: 0, kicks: 0, ranks: new Set() },
    terms: (rank) => at(rank).terms,
    descent: (rank) => at(rank).descent,
    *follow(rank, options) {
      const { descent } = at(rank);
      const slice = Math.max(1, Math.floor(SLICE / (K * K * (4 * rank + 8))));
      descent.begin(options);
      for (;;) {
        const end = descent.advance(slice);
        if (end !== null) return end;
        if (settings.over()) return 'left';
        yield;
      }
    },
  };
}

/** Z = Σ_i d_i^{M−1} a_i v_iᵀ and b of a point, K×K and K. */
export function matricesOf(
  searcher: Searcher,
  { x, rank }: Point,
): { Z: Float64Array; b: Float64Array | null } {
  const { K, scales, bias, free, biasScale } = searcher.terms(rank);
  const M = depthOf(searcher.problem);
  const Z = new Float64Array(K * K);
  for (let i = 0; i < rank; i++) {
    const strength = M > 1 ? (x[scales + i] / Math.sqrt(M - 1)) ** (M - 1) : 1;
    for (let j = 0; j < K; j++) {
      const c = strength * x[i * K + j];
      for (let k = 0; k < K; k++) Z[j * K + k] += c * x[(rank + i) * K + k];
    }
  }
  return { Z, b: free ? Float64Array.from({ length: K }, (_, k) => biasScale[k] * x[bias + k]) : null };
}

/** A singular value below this part of the largest gets no term of its own. */
const SMALL_PART = 1e-3;

/** Places the descent of the fitting rank at the balanced terms of a point: a_i, d_i and v_i share σ_i. */
export function pointInto(
  searcher: Searcher,
  { logits, bias }: { logits: Matrix; bias: ArrayLike<number> | null },
  blas: Blas,
): { rank: number; x: Float64Array } {
  const K = logits.rows;
  const M = depthOf(searcher.problem);
  const { roots } = searcher.terms(searcher.top);
  const Z = { data: logits.data.map((value, i) => value * roots[i % K]), rows: K, cols: K };
  const { U, s, Vt } = blas.svd(Z);
  const living = s.filter((value) => value > SMALL_PART * s[0]).length;
  const rank = searcher.fixed ? searcher.top : Math.max(1, Math.min(searcher.top, living));
  const { x } = searcher.descent(rank);
  const terms = searcher.terms(rank);
  x.fill(0);
  for (let i = 0; i < rank; i++) {
    const share = Math.pow(s[i], 1 / (M + 1));
    for (let k = 0; k < K; k++) {
      x[i * K + k] = share * U.data[k * U.cols + i];
      x[(rank + i) * K + k] = share * Vt.data[i * K + k];
    }
    if (M > 1) x[terms.scales + i] = share * Math.sqrt(M - 1);
  }
  if (terms.free && bias !== null)
    for (let k = 0; k < K; k++) x[terms.bias + k] = bias[k] / terms.biasScale[k];
  return { rank, x };
}
