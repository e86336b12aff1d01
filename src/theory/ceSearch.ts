/**
 * Cross-entropy, best of many local minima: where no theorem gives the global one (M ≥ 2, or a narrow bottleneck).
 *
 * Starts, for each rank r up to min(K − 1, bottleneck): random codes (Z̄ ∝ A·Aᵀ with rows of A on the unit sphere in R^r,
 * first pushed apart), unrelated random factors, the orthoplex and the simplex with noise, and starts that the caller
 * gives. Ranks take turns, those that did best come back more often. Low-rank minima are not found from full-rank random
 * starts, hence the ranks. What comes out is the best found: an upper bound of the minimum.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Pausable } from '../core/pausable.js';
import type { Random } from '../core/random.js';
import { bottleneckOf, depthOf, type Problem } from '../model/index.js';
import { createChain, minimiseChain, placeChain } from './ceFactored.js';
import type { GroupedState } from './ceGroups.js';

export interface SearchOptions {
  readonly blas: Blas;
  readonly random: Random;
  /** The most starts; a small default that shrinks as K grows. */
  readonly restarts?: number | undefined;
  readonly shouldStop?: (() => boolean) | undefined;
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined;
  /** Size of a logit to start from. */
  readonly logit: number;
  /** Only this rank is searched (M = 1, where the bottleneck alone limits it). */
  readonly rank?: number | undefined;
}

export interface SearchProgress {
  readonly done: number;
  readonly total: number;
  /** The lowest objective so far, null before the first. */
  readonly best: number | null;
}

export interface SearchResult {
  readonly state: GroupedState;
  readonly objective: number;
  /** Width of the chain that found it; its rank may be lower. */
  readonly rank: number;
  readonly restarts: number;
}

/** The kinds of starts, in the order in which a rank meets them. */
type Kind = 'code' | 'random' | 'structured';

/** Entries of K×K matrices times steps, over all starts: about ten seconds. */
const WORK = 1e8;
const STEPS = 1500;
const TOLERANCE = 1e-7;
const POLISH = 1e-12;

export function defaultRestarts(K: number): number {
  return K <= 12 ? 72 : K <= 24 ? 48 : K <= 100 ? 16 : 6;
}

/** Best of restarts; null when `shouldStop` said so before the first one began, or nothing can be searched. */
export function* searchCe(problem: Problem, options: SearchOptions): Pausable<SearchResult | null> {
  const { blas, random, shouldStop, onProgress, logit } = options;
  const K = problem.counts.length;
  const top = Math.min(K - 1, bottleneckOf(problem));
  if (top < 1) return null;
  const total = options.restarts ?? defaultRestarts(K);
  const ranks = options.rank === undefined ? ranksToTry(K, top) : [options.rank];
  const bestOf = new Map<number, number>();
  const tried = new Map<number, number>();
  let best: SearchResult | null = null;
  let [done, work] = [0, 0];
  const perStep = K * K + depthOf(problem) * 4 * K;
  const stepsLeft = () => Math.max(0, Math.min(STEPS, Math.floor((WORK - work) / perStep)));
  while (done < total && stepsLeft() > 0 && shouldStop?.() !== true) {
    const r = nextRank(ranks, bestOf, tried, random);
    const round = tried.get(r) ?? 0;
    tried.set(r, round + 1);
    const chain = createChain(problem, r, blas);
    const kind: Kind = round % 4 === 1 ? 'structured' : round % 4 === 3 ? 'random' : 'code';
    const A = arrangement(kind, K, r, round, random);
    if (kind === 'random') {
      random.normalsInto(chain.x, 0.2 + random.uniform());
      // The bias starts at zero.
      chain.x.fill(
        0,
        chain.factors.reduce((sum, X) => sum + X.data.length, 0),
      );
    } else placeChain(chain, problem, A, A, logit * (0.7 + random.uniform()));
    // With many classes the first start must not use up all the work.
    const share = Math.ceil(stepsLeft() / Math.min(4, total - done));
    const first = { blas, tolerance: TOLERANCE, steps: K > 24 ? share : STEPS, shouldStop };
    work += perStep * (1 + (yield* minimiseChain(chain, first)));
    done++;
    // The last evaluation may have been a trial that was not taken.
    chain.evaluate(new Float64Array(chain.x.length));
    const objective = chain.objective();
    bestOf.set(r, Math.min(objective, bestOf.get(r) ?? Infinity));
    if (best === null || objective < best.objective - 1e-12 * Math.abs(objective)) {
      const polish = { blas, tolerance: POLISH, steps: stepsLeft(), shouldStop };
      work += perStep * (yield* minimiseChain(chain, polish));
      chain.evaluate(new Float64Array(chain.x.length));
      best = { state: chain.state(), objective: chain.objective(), rank: r, restarts: done };
    }
    onProgress?.({ done, total, best: best.objective });
  }
  return best === null ? null : { ...best, restarts: done };
}

/** All ranks for few classes; for many, small ones, and those of the orthoplex and the simplex. */
function ranksToTry(K: number, top: number): number[] {
  if (top <= 11) return Array.from({ length: top }, (_, i) => i + 1);
  const some = new Set([2, 3, 4, 5, 6, 8, Math.round(2 * Math.log2(K)), Math.round(Math.sqrt(K))]);
  if (K <= 1000) for (const r of [K >> 1, top]) some.add(r);
  return [...some].filter((r) => r <= top).sort((a, b) => a - b);
}

/** Each rank twice, then mostly the ranks that did best. */
function nextRank(
  ranks: readonly number[],
  bestOf: ReadonlyMap<number, number>,
  tried: ReadonlyMap<number, number>,
  random: Random,
): number {
  for (const least of [1, 2]) {
    const fresh = ranks.find((r) => (tried.get(r) ?? 0) < least);
    if (fresh !== undefined) return fresh;
  }
  const order = [...ranks].sort((a, b) => (bestOf.get(a) ?? Infinity) - (bestOf.get(b) ?? Infinity));
  // A geometric choice: the best rank half of the time.
  for (const r of order) if (random.uniform() < 0.5) return r;
  return order[0];
}

/** K rows in R^r. */
function arrangement(kind: Kind, K: number, r: number, round: number, random: Random): Matrix {
  const A = zeros(K, r);
  if (kind === 'structured') {
    // Orthoplex-like: class k on axis ±(k/2 mod r); every second time coordinates of the simplex. With noise.
    const noise = 0.02 * (1 + round);
    random.normalsInto(A.data, noise);
    for (let k = 0; k < K; k++) {
      if (round % 8 === 1) A.data[k * r + ((k >> 1) % r)] += k % 2 === 0 ? 1 : -1;
      else if (k < r) A.data[k * r + k] += 1;
      else for (let j = 0; j < r; j++) A.data[k * r + j] -= 1 / Math.sqrt(r);
    }
  } else random.normalsInto(A.data, 1);
  normaliseRows(A);
  if (kind === 'code' && K <= 200) for (let i = 0; i < 30; i++) pushApart(A, 8 + i);
  return A;
}

function normaliseRows(A: Matrix): void {
  for (let k = 0; k < A.rows; k++) {
    const row = A.data.subarray(k * A.cols, (k + 1) * A.cols);
    const norm = Math.hypot(...row);
    if (norm > 0) for (let j = 0; j < row.length; j++) row[j] /= norm;
  }
}

/** One step of repulsion on the sphere with weights e^{sharpness·cosine}: nearest neighbours count most. */
function pushApart(A: Matrix, sharpness: number): void {
  const { rows: K, cols: r, data } = A;
  const force = zeros(K, r);
  for (let k = 0; k < K; k++) {
    let total = 0;
    for (let l = 0; l < K; l++) {
      if (l === k) continue;
      let cosine = 0;
      for (let j = 0; j < r; j++) cosine += data[k * r + j] * data[l * r + j];
      const weight = Math.exp(sharpness * (cosine - 1));
      total += weight;
      for (let j = 0; j < r; j++) force.data[k * r + j] -= weight * data[l * r + j];
    }
    if (total > 0) for (let j = 0; j < r; j++) force.data[k * r + j] /= total;
  }
  for (let i = 0; i < data.length; i++) data[i] += 0.2 * force.data[i];
  normaliseRows(A);
}
