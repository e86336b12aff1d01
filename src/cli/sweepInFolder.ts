/** A sweep and the folder that it is in. */
import { createBisection, type Bisection } from '../verbs/sweep/bisection.js';
import { indexSweep, type SweepIndex } from '../runs/sweepIndex.node.js';
import type { SweepPlan } from '../verbs/sweep/plan.js';
import type { PointsLeft } from './sweepWords.js';

/** A sweep, where it is and how it runs. */
export interface Sweep {
  readonly plan: SweepPlan;
  readonly folder: string;
  /** The text of its `sweep.yaml`. */
  readonly source: string;
}

/** How far a sweep is; `logs`: by the logs whose names begin so. */
export function indexOf({ folder, source, plan }: Sweep, logs = ''): Promise<SweepIndex> {
  return indexSweep(folder, source, plan.points, logs);
}

/** Points that are to be run now: those without a result, of a bisection those that it needs next. */
export interface OpenPoints {
  readonly count: number;
  readonly points: Iterator<number, undefined>;
  /** How many others have under way. */
  readonly elsewhere: number;
}

/** `failed`: whether points that failed are run again; `elsewhere`: points that others have under way. */
export async function openPoints(
  sweep: Sweep,
  index: SweepIndex,
  failed: 'again' | 'left',
  elsewhere: ReadonlySet<number> = new Set(),
): Promise<OpenPoints> {
  const isOpen = (point: number) =>
    index.state(point) === 'none' || (failed === 'again' && index.state(point) === 'failed');
  const bisection = await bisectionOf(sweep, index);
  const wanted = () =>
    bisection === null ? allOpen(index, isOpen) : wantedBy(bisection, index, failed).values();
  let [count, away] = [0, 0];
  for (const point of wanted())
    if (elsewhere.has(point)) away++;
    else count++;
  return { count, points: here(wanted(), elsewhere), elsewhere: away };
}

function wantedBy(bisection: Bisection, index: SweepIndex, failed: 'again' | 'left'): number[] {
  const wanted = bisection.needed();
  if (failed === 'again')
    for (let point = 0; point < index.points; point++)
      if (index.state(point) === 'failed') wanted.push(point);
  return [...new Set(wanted)].sort((a, b) => a - b);
}

function* here(points: Iterable<number>, elsewhere: ReadonlySet<number>): Generator<number, undefined> {
  for (const point of points) if (!elsewhere.has(point)) yield point;
}

/** What bisection knows from the results there are; null for a sweep that runs all of its points. */
export async function bisectionOf({ plan }: Sweep, index: SweepIndex): Promise<Bisection | null> {
  if (plan.bisect === null) return null;
  const bisection = createBisection(plan, plan.bisect);
  for await (const result of index.results()) bisection.add(result);
  return bisection;
}

function* allOpen(index: SweepIndex, isOpen: (point: number) => boolean): Generator<number, undefined> {
  for (let point = 0; point < index.points; point++) if (isOpen(point)) yield point;
}

/** How far a sweep is. */
export async function leftIn(sweep: Sweep): Promise<PointsLeft> {
  const index = await indexOf(sweep);
  const { count } = await openPoints(sweep, index, 'again');
  return { left: count, done: index.done - index.failed };
}

/** Of one that begins. */
export function leftAtFirst(plan: SweepPlan): PointsLeft {
  const left = plan.bisect === null ? plan.points : createBisection(plan, plan.bisect).needed().length;
  return { left, done: 0 };
}
