/**
 * From a low point of the search to a lower one: classes of different counts exchange their places, and when no exchange
 * helps any more the point is kicked, until kicks do not help either.
 */
import type { Pausable } from '../../core/pausable.js';
import { isBalanced } from '../../model/index.js';
import { exchangeInto, kickInto, pairsToExchange, type Kick } from './moves.js';
import { HELPS, SETTLED, stepsFor, type Point, type Searcher } from './searcher.js';

/** When a descent from a changed point is left: of the exchanges that help this finds two of three at a third of the work. */
const HASTY = { watch: 8, hope: 4 };
/** For the last word on a point. */
const PATIENT = { watch: 20, hope: 6 };

/** The lowest point that exchanges and kicks lead to from here. */
export function* improve(searcher: Searcher, start: Point): Pausable<Point> {
  const K = searcher.problem.counts.length;
  const kicks: Kick[] = ['place', 'places', 'shake', 'place', 'places', 'shake'];
  if (!searcher.fixed) kicks.push('more', 'less');
  let point = yield* exchangeClasses(searcher, start);
  for (let failures = 0; failures < 1.5 * K && !searcher.over();) {
    const kick = kicks[Math.floor(searcher.random.uniform() * kicks.length)];
    const rank = point.rank + Number(kick === 'more') - Number(kick === 'less');
    if (rank < 1 || rank > searcher.top) continue;
    const { x } = searcher.descent(rank);
    kickInto(kick, searcher.terms(point.rank), point.x, searcher.terms(rank), x, searcher.random);
    searcher.tally.kicks++;
    const lower = yield* descend(searcher, rank, point, HASTY);
    if (lower === null) failures++;
    else {
      failures = 0;
      point = yield* exchangeClasses(searcher, lower);
    }
  }
  return point;
}

/** Exchanges pairs of classes until none helps; `patient` where a miss would cost more than time. */
export function* exchangeClasses(searcher: Searcher, start: Point, patient = false): Pausable<Point> {
  const { problem, tally } = searcher;
  if (isBalanced(problem)) return start;
  const K = problem.counts.length;
  const terms = searcher.terms(start.rank);
  const { x } = searcher.descent(start.rank);
  const unused = new Float64Array(terms.size);
  let point = start;
  for (;;) {
    const tried = new Set<number>();
    let helped = false;
    const pairs = () => {
      terms.evaluate(point.x, unused);
      return pairsToExchange(terms, point.x, problem.counts)
        .filter(({ j, k }) => !tried.has(j * K + k))
        .reverse();
    };
    let left = pairs();
    for (let pair = left.pop(); pair !== undefined; pair = left.pop()) {
      if (searcher.over()) return point;
      const { j, k } = pair;
      tried.add(j * K + k);
      tally.exchanges++;
      x.set(point.x);
      exchangeInto(terms, x, j, k);
      const lower = yield* descend(searcher, point.rank, point, patient ? PATIENT : HASTY);
      if (lower === null) continue;
      [point, helped] = [lower, true];
      left = pairs();
    }
    if (!helped) return point;
  }
}

/** Descends from where `descent(rank)` is; null where that does not lead below `point`. */
function* descend(
  searcher: Searcher,
  rank: number,
  point: Point,
  patience: { watch: number; hope: number },
): Pausable<Point | null> {
  const target = point.value * (1 - HELPS);
  yield* searcher.follow(rank, { steps: stepsFor(rank), tolerance: SETTLED, target, ...patience });
  const { x, value } = searcher.descent(rank);
  return value() < target ? { x: x.slice(), rank, value: value() } : null;
}
