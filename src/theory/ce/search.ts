/**
 * Cross-entropy, best of many local minima: where no theorem gives the global one (M ≥ 2, or a narrow bottleneck).
 *
 * Starts, for each rank r up to min(K − 1, bottleneck): random codes (Z̄ ∝ A·Aᵀ with rows of A on the unit sphere in R^r,
 * first pushed apart), unrelated random factors, the orthoplex and the simplex with noise. Ranks take turns, those that did
 * best come back more often. Low-rank minima are not found from full-rank random starts, hence the ranks.
 *
 * For few classes every start is followed to its end. For many, each is followed a little way, and those that are lowest
 * by then share the rest of the work: after 25 steps their order is nearly that of their ends. What comes out is the best
 * found: an upper bound of the minimum. All limits count work, not time, so the same seed gives the same answer.
 */
import type { Blas } from '../../core/blas.js';
import type { Pausable } from '../../core/pausable.js';
import type { Random } from '../../core/random.js';
import { bottleneckOf, depthOf, type Problem } from '../../model/index.js';
import { createChain, minimiseChain, placeChain, type FactoredChain } from './factored.js';
import type { GroupedState } from './groups.js';
import { arrangement, ranksToTry, type ArrangementKind } from './starts.js';

export interface SearchOptions {
  readonly blas: Blas;
  readonly random: Random;
  /** The most starts; a default that shrinks as K grows. */
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
  /** The share of all work that is done, in [0, 1]. */
  readonly share: number;
  /** The lowest objective so far, null before the first. */
  readonly best: number | null;
}

export interface SearchResult {
  readonly state: GroupedState;
  readonly objective: number;
  /** Width of the chain that found it; its rank may be lower. */
  readonly rank: number;
  readonly restarts: number;
  /** Ranks that were searched, ascending. */
  readonly ranks: readonly number[];
  /** Whether every rank had its starts, and the best one was followed to its end. */
  readonly complete: boolean;
}

/** Up to here every start is followed to its end. */
const FEW_CLASSES = 30;
/** Logits computed, over all starts; 25 ns each: two to four seconds. */
const WORK = 1.4e8;
const STEPS = 1500;
const TOLERANCE = 1e-7;
const POLISH = 1e-12;
/** Many classes: the first steps of each start, and the share of all work that they may take. */
const SCREEN = { steps: 25, least: 10, share: 0.4 };
/** Then the lowest go on, ever fewer and further, each stage with a part of the work that is left. */
const STAGES = [
  { kept: 8, steps: 150, part: 0.5 },
  { kept: 3, steps: STEPS, part: 0.7 },
] as const;

export function defaultRestarts(K: number): number {
  return K <= 12 ? 72 : K <= 24 ? 48 : K <= FEW_CLASSES ? 24 : 48;
}

/** A start that may be followed further: the chain's variables and what they give. */
interface Kept {
  readonly x: Float64Array;
  readonly rank: number;
  readonly objective: number;
}

/** Best of restarts; null when `shouldStop` said so before the first one began, or nothing can be searched. */
export function* searchCe(problem: Problem, options: SearchOptions): Pausable<SearchResult | null> {
  const { blas, random, shouldStop, onProgress } = options;
  const K = problem.counts.length;
  const M = depthOf(problem);
  const top = Math.min(K - 1, bottleneckOf(problem));
  if (top < 1) return null;
  const many = K > FEW_CLASSES;
  const total = options.restarts ?? defaultRestarts(K);
  const ranks = options.rank === undefined ? ranksToTry(K, M, top) : [options.rank];
  const bestOf = new Map<number, number>();
  const tried = new Map<number, number>();
  let kept: Kept[] = [];
  let [done, work] = [0, 0];
  // K² exponentials, their products with K×r factors, and the vectors that L-BFGS keeps.
  const perStep = (r: number) => K * K * (1 + r / 64) + 8 * K * r + M * 4 * K;
  const stepsLeft = (r: number, share = 1) =>
    Math.max(0, Math.min(STEPS, Math.floor((share * WORK - work) / perStep(r))));
  const best = () => kept.at(0);
  const report = () =>
    onProgress?.({
      done,
      total,
      share: Math.min(1, many ? work / WORK : done / total),
      best: best()?.objective ?? null,
    });
  /** Follows the chain where it stands; its objective is then that of its x. */
  function* follow(chain: FactoredChain, r: number, tolerance: number, steps: number): Pausable<number> {
    const taken = yield* minimiseChain(chain, { blas, tolerance, steps, shouldStop });
    work += perStep(r) * (1 + taken);
    // The last evaluation may have been a trial that was not taken.
    chain.evaluate(new Float64Array(chain.x.length));
    return taken;
  }
  /** Keeps the lowest; true for a new lowest one. Within rounding the earlier is the better one. */
  const keep = (chain: FactoredChain, rank: number): boolean => {
    const objective = chain.objective();
    bestOf.set(rank, Math.min(objective, bestOf.get(rank) ?? Infinity));
    const lowest = best()?.objective ?? Infinity;
    const first = objective < lowest - 1e-12 * Math.abs(objective) || lowest === Infinity;
    const at = first ? 0 : kept.findIndex((one, i) => i > 0 && objective < one.objective);
    const one = { x: chain.x.slice(), rank, objective };
    kept = (at < 0 ? [...kept, one] : [...kept.slice(0, at), one, ...kept.slice(at)]).slice(
      0,
      STAGES[0].kept,
    );
    return first;
  };

  let ended = false;
  const screening = many ? SCREEN.share : 1;
  while (done < total && stepsLeft(1, screening) > 0 && shouldStop?.() !== true) {
    const r = nextRank(ranks, bestOf, tried, random);
    const round = tried.get(r) ?? 0;
    tried.set(r, round + 1);
    const chain = createChain(problem, r, blas);
    startChain(chain, problem, r, round, options);
    // However long a step is, the first few starts must share the work.
    const fair = Math.max(SCREEN.least, Math.ceil(stepsLeft(r, screening) / Math.min(4, total - done)));
    yield* follow(chain, r, TOLERANCE, many ? Math.min(SCREEN.steps, fair) : STEPS);
    done++;
    if (keep(chain, r) && !many) {
      const steps = stepsLeft(r);
      ended = (yield* follow(chain, r, POLISH, steps)) < steps;
      kept = [{ x: chain.x.slice(), rank: r, objective: chain.objective() }];
    }
    report();
  }
  if (many) {
    for (const { kept: most, steps, part } of STAGES) {
      const chosen = kept.slice(0, most);
      const until = work + part * (WORK - work);
      for (const [i, one] of chosen.entries()) {
        const fair = Math.floor((until - work) / (chosen.length - i) / perStep(one.rank));
        if (fair < 1 || shouldStop?.() === true) break;
        const chain = chainAt(problem, one, blas);
        yield* follow(chain, one.rank, TOLERANCE, Math.min(steps, fair));
        kept = kept.filter((other) => other !== one);
        keep(chain, one.rank);
        report();
      }
    }
    const lowest = best();
    if (lowest !== undefined && shouldStop?.() !== true) {
      const chain = chainAt(problem, lowest, blas);
      const steps = stepsLeft(lowest.rank);
      ended = (yield* follow(chain, lowest.rank, POLISH, steps)) < steps;
      keep(chain, lowest.rank);
      report();
    }
  }
  const found = best();
  if (found === undefined) return null;
  return {
    state: chainAt(problem, found, blas).state(),
    objective: found.objective,
    rank: found.rank,
    restarts: done,
    ranks: [...tried.keys()].sort((a, b) => a - b),
    complete: ended && done >= Math.min(defaultRestarts(K), 2 * ranks.length) && shouldStop?.() !== true,
  };
}

function chainAt(problem: Problem, { x, rank }: Kept, blas: Blas): FactoredChain {
  const chain = createChain(problem, rank, blas);
  chain.x.set(x);
  return chain;
}

/** Places a fresh chain of rank r at its `round`-th start. */
function startChain(
  chain: FactoredChain,
  problem: Problem,
  r: number,
  round: number,
  { random, logit }: SearchOptions,
): void {
  const kind: ArrangementKind = round % 4 === 1 ? 'structured' : round % 4 === 3 ? 'random' : 'code';
  const A = arrangement(kind, problem.counts.length, r, round, random);
  if (kind !== 'random') {
    placeChain(chain, problem, A, A, logit * (0.7 + random.uniform()));
    return;
  }
  random.normalsInto(chain.x, 0.2 + random.uniform());
  // The bias starts at zero.
  chain.x.fill(
    0,
    chain.factors.reduce((sum, X) => sum + X.data.length, 0),
  );
}

/** Each rank twice (many classes: once), then mostly the ranks that did best. */
function nextRank(
  ranks: readonly number[],
  bestOf: ReadonlyMap<number, number>,
  tried: ReadonlyMap<number, number>,
  random: Random,
): number {
  for (const least of ranks.length > 11 ? [1] : [1, 2]) {
    const fresh = ranks.find((r) => (tried.get(r) ?? 0) < least);
    if (fresh !== undefined) return fresh;
  }
  const order = [...ranks].sort((a, b) => (bestOf.get(a) ?? Infinity) - (bestOf.get(b) ?? Infinity));
  // A geometric choice: the best rank half of the time.
  for (const r of order) if (random.uniform() < 0.5) return r;
  return order[0];
}
