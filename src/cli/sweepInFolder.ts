/** A sweep and the folder that it is in. */
import { createBisection, type Bisection } from '../verbs/sweep/bisection.js';
import { indexSweep, type SweepIndex } from '../runs/sweepIndex.node.js';
import type { SweepPlan } from '../verbs/sweep/plan.js';

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
}

/** `failed`: whether points that failed are run again. */
export async function openPoints(
  sweep: Sweep,
  index: SweepIndex,
  failed: 'again' | 'left',
): Promise<OpenPoints> {
  const isOpen = (point: number) =>
    index.state(point) === 'none' || (failed === 'again' && index.state(point) === 'failed');
  const bisection = await bisectionOf(sweep, index);
  if (bisection === null) return { count: countOpen(index, isOpen), points: allOpen(index, isOpen) };
  const wanted = bisection.needed();
  if (failed === 'again')
    for (let point = 0; point < index.points; point++)
      if (index.state(point) === 'failed') wanted.push(point);
  const points = [...new Set(wanted)].sort((a, b) => a - b);
  return { count: points.length, points: points.values() as Iterator<number, undefined> };
}

/** What bisection knows from the results there are; null for a sweep that runs all of its points. */
export async function bisectionOf({ plan }: Sweep, index: SweepIndex): Promise<Bisection | null> {
  if (plan.bisect === null) return null;
  const bisection = createBisection(plan, plan.bisect);
  for await (const result of index.results()) bisection.add(result);
  return bisection;
}

function countOpen(index: SweepIndex, isOpen: (point: number) => boolean): number {
  let count = 0;
  for (let point = 0; point < index.points; point++) if (isOpen(point)) count++;
  return count;
}

function* allOpen(index: SweepIndex, isOpen: (point: number) => boolean): Generator<number, undefined> {
  for (let point = 0; point < index.points; point++) if (isOpen(point)) yield point;
}
