/**
 * Cross-entropy, best of many local minima: where no theorem gives the global one (M ≥ 2, or a narrow bottleneck).
 *
 * The search goes in rounds. Each makes starts of several ranks and kinds (`starts.ts`), follows them while they may still
 * be among the lowest (`descent.ts`), and takes the two lowest on by exchanges of classes and kicks (`improve.ts`). Rounds are
 * independent of each other: when several have ended at one and the same lowest value, or none has come lower for long, the
 * search ends. At last the lowest point is followed to its end on the chain itself. What comes out is the best found: an
 * upper bound of the minimum. Until its time is over everything counts work, so that a search which ends by itself gives the
 * same answer for the same seed.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf, stoppedBy, type Host } from '../../core/host.js';
import type { Matrix } from '../../core/matrix.js';
import type { Pausable } from '../../core/pausable.js';
import type { Random } from '../../core/random.js';
import { bottleneckOf, depthOf, type Problem } from '../../model/index.js';
import { chainFrom, minimiseChain } from './factored.js';
import type { GroupedState } from './groups.js';
import { exchangeClasses, improve } from './improve.js';
import {
  createSearcher,
  HELPS,
  matricesOf,
  pointInto,
  SETTLED,
  stepsFor,
  type Point,
  type Searcher,
} from './searcher.js';
import type { SearchEnd } from '../prediction.js';
import { ranksToTry, startInto, type StartKind } from './starts.js';

export interface SearchOptions {
  readonly blas: Blas;
  readonly random: Random;
  /** Seconds that the search may take. */
  readonly budget: number;
  /** The most starts; none but time by default. */
  readonly restarts?: number | undefined;
  readonly host?: Host<SearchProgress> | undefined;
  /** Size of a logit to start from. */
  readonly logit: number;
  /** Points to begin with. */
  readonly from?: readonly KnownPoint[] | undefined;
  /** Only this rank is searched (M = 1, where the bottleneck alone limits it). */
  readonly rank?: number | undefined;
}

/** A point of the problem: what it gives at the class means. */
export interface KnownPoint {
  /** Z̄ = W_M ⋯ W_1·H̄, K×K, without bias: entry (j, k) is logit j of class mean k. */
  readonly logits: Matrix;
  /** b (K); null without bias. */
  readonly bias: ArrayLike<number> | null;
}

export interface SearchProgress {
  readonly starts: number;
  readonly exchanges: number;
  /** The share of the time that is used, in [0, 1]; it may end before. */
  readonly share: number;
  /** The lowest objective so far, null before the first. */
  readonly best: number | null;
}

export interface SearchResult {
  readonly state: GroupedState;
  readonly rounds: number;
  readonly starts: number;
  readonly exchanges: number;
  readonly kicks: number;
  /** Ranks from which starts were made, ascending. */
  readonly ranks: readonly number[];
  readonly end: SearchEnd;
}

/** Above this many classes starts are first followed a little way only, and the lowest by then go on. */
const FEW_CLASSES = 30;
const FIRST_STEPS = 25;
/** Points of a round that are kept, and of those that exchanges and kicks take on. */
const KEPT = 4;
const TAKEN_ON = 2;
/** The last descent, on the chain: largest entry of the gradient divided by μ, and most steps. */
const POLISH = { tolerance: 1e-12, steps: 1500 };
/** Part of the time that starts alone may take, and that the last descent may take beyond it. */
const START_SHARE = 0.5;
const POLISH_SHARE = 0.1;

/** Rounds that end at the lowest value before it is taken for the last, and rounds without a lower one. */
function enough(K: number): { same: number; idle: number } {
  return { same: 3 + Math.floor(K / 6), idle: 4 + Math.floor(K / 2) };
}

/** Best of restarts; null when it was stopped before the first one began, or nothing can be searched. */
export function* searchCe(problem: Problem, options: SearchOptions): Pausable<SearchResult | null> {
  const { random, budget } = options;
  const { signal, clock, onProgress } = hostOf(options.host);
  const K = problem.counts.length;
  const top = options.rank ?? Math.min(K - 1, bottleneckOf(problem));
  if (top < 1) return null;
  const begun = clock();
  const used = () => (clock() - begun) / (1000 * budget);
  const over = () => signal.aborted || used() >= 1;
  const searcher = createSearcher(problem, { random, top, fixed: options.rank !== undefined, over });
  const { tally } = searcher;
  const ranks = options.rank === undefined ? ranksToTry(K, depthOf(problem), top) : [top];
  const { mu } = searcher.terms(ranks[0]);
  const limit = options.restarts ?? Infinity;
  const agreements = enough(K);
  let best: Point | null = null;
  let [rounds, same, idle] = [0, 0, 0];
  const report = () =>
    onProgress({
      starts: tally.starts,
      exchanges: tally.exchanges,
      share: Math.min(1, used()),
      best: best === null ? null : best.value * mu,
    });
  const consider = (point: Point): void => {
    if (best === null || point.value < best.value * (1 - HELPS)) [best, same, idle] = [point, 1, 0];
    else if (point.value <= best.value * (1 + HELPS)) {
      same++;
      if (point.value < best.value) best = point;
    }
  };
  for (const known of options.from ?? [])
    consider(yield* improve(searcher, yield* settle(searcher, known, options.blas)));
  while (!over() && tally.starts < limit && same < agreements.same && idle <= agreements.idle) {
    rounds++;
    idle++;
    const first = rounds === 1;
    const batch = yield* startRound(searcher, ranks, options, () => first && used() >= START_SHARE);
    for (const point of batch.slice(0, TAKEN_ON)) {
      consider(yield* improve(searcher, point));
      report();
      if (over()) break;
    }
    const lowest = best as Point | null;
    if (idle === 0 || over() || lowest === null) continue;
    // A round in vain: the lowest point gets other kicks than before. Ending at its own value again proves nothing.
    const again = yield* improve(searcher, lowest);
    if (again.value < lowest.value * (1 - HELPS)) consider(again);
    report();
  }
  const chosen = best as Point | null;
  if (chosen === null) return null;
  const settled = !over() && tally.starts < limit;
  const endOf = (): SearchEnd => {
    if (settled) return 'settled';
    if (signal.aborted) return 'stopped';
    return used() >= 1 ? 'budget' : 'starts';
  };
  const last = yield* exchangeClasses(searcher, chosen, true);
  const chain = chainFrom(problem, matricesOf(searcher, last), last.rank, options.blas);
  yield* minimiseChain(chain, {
    blas: options.blas,
    ...POLISH,
    signal: stoppedBy(signal, () => used() >= 1 + POLISH_SHARE),
  });
  return {
    state: chain.state(),
    rounds,
    starts: tally.starts,
    exchanges: tally.exchanges,
    kicks: tally.kicks,
    ranks: [...tally.ranks].sort((a, b) => a - b),
    end: endOf(),
  };
}

/** The local minimum below a known point. */
function* settle(searcher: Searcher, known: KnownPoint, blas: Blas): Pausable<Point> {
  const { rank, x } = pointInto(searcher, known, blas);
  yield* searcher.follow(rank, {
    steps: stepsFor(rank),
    tolerance: SETTLED,
    target: Infinity,
    watch: 20,
    hope: 4,
  });
  return { x: x.slice(), rank, value: searcher.descent(rank).value() };
}

/** The lowest ends of a round's starts, lowest first; at least one. */
function* startRound(
  searcher: Searcher,
  ranks: readonly number[],
  { logit, restarts }: SearchOptions,
  late: () => boolean,
): Pausable<Point[]> {
  const { problem, random, tally } = searcher;
  const K = problem.counts.length;
  const kinds: StartKind[] =
    problem.bias === 'free' ? ['random', 'code', 'related', 'sites', 'sites'] : ['random', 'code', 'related'];
  const lowestOf = new Map<number, number>();
  const tried = new Map<number, number>();
  const many = K > FEW_CLASSES;
  let pool: Point[] = [];
  const addToPool = (point: Point) => {
    if (pool.some(({ value }) => Math.abs(value - point.value) <= 1e-6 * point.value)) return;
    pool = [...pool, point].sort((a, b) => a.value - b.value).slice(0, KEPT);
  };
  const here = (rank: number): Point => {
    const { x, value } = searcher.descent(rank);
    return { x: x.slice(), rank, value: value() };
  };
  const total = 2 * ranks.length + 12;
  for (let i = 0; i < total && tally.starts < (restarts ?? Infinity); i++) {
    if (i > 0 && (searcher.over() || late())) break;
    const rank = nextRank(ranks, lowestOf, tried, random);
    tried.set(rank, (tried.get(rank) ?? 0) + 1);
    const kind = kinds[Math.floor(random.uniform() * kinds.length)];
    startInto(searcher.terms(rank), searcher.descent(rank).x, kind, logit * (0.5 + random.uniform()), random);
    tally.starts++;
    tally.ranks.add(rank);
    const target = many ? Infinity : (pool.at(KEPT - 1)?.value ?? Infinity);
    const steps = many ? FIRST_STEPS : stepsFor(rank);
    yield* searcher.follow(rank, { steps, tolerance: SETTLED, target, watch: 20, hope: 4 });
    const point = here(rank);
    lowestOf.set(rank, Math.min(point.value, lowestOf.get(rank) ?? Infinity));
    addToPool(point);
  }
  if (!many) return pool;
  const first = pool;
  pool = [];
  for (const { x, rank } of first) {
    if (pool.length > 0 && searcher.over()) break;
    searcher.descent(rank).x.set(x);
    const target = pool.at(TAKEN_ON - 1)?.value ?? Infinity;
    yield* searcher.follow(rank, { steps: stepsFor(rank), tolerance: SETTLED, target, watch: 20, hope: 4 });
    addToPool(here(rank));
  }
  return pool;
}

/** Each rank twice (many ranks: once), then mostly the ranks that did best. */
function nextRank(
  ranks: readonly number[],
  lowestOf: ReadonlyMap<number, number>,
  tried: ReadonlyMap<number, number>,
  random: Random,
): number {
  for (const least of ranks.length > 11 ? [1] : [1, 2]) {
    const fresh = ranks.find((r) => (tried.get(r) ?? 0) < least);
    if (fresh !== undefined) return fresh;
  }
  const order = [...ranks].sort((a, b) => (lowestOf.get(a) ?? Infinity) - (lowestOf.get(b) ?? Infinity));
  // A geometric choice: the best rank two times of five.
  for (const r of order) if (random.uniform() < 0.4) return r;
  return order[0];
}
