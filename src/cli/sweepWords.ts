/** How large a sweep is, how far, and how long it takes, before it starts. */
import { InputError } from '../core/errors.js';
import { createEstimator } from '../verbs/reproduce/estimate.js';
import { mostBisected } from '../verbs/sweep/bisection.js';
import { specAt, type SweepPlan } from '../verbs/sweep/plan.js';
import type { Context } from './context.js';
import { duration, whole, wrap } from './format.js';
import { giveWay } from './interrupt.js';
import { trainingInput } from './trainingInput.js';

/** How far a sweep is. */
export interface PointsLeft {
  readonly left: number;
  /** With a result that is no failure. */
  readonly done: number;
}

/** "240 points: 20 of weightDecay × 4 of depth × 3 of init.seed". */
export function describePlan(plan: SweepPlan, width: number): string {
  const { axes, points, command } = plan;
  const sizes = axes.map(({ keys, values }) => `${values.length} of ${keys.join(' and ')}`);
  const parts = [
    `${whole(points)} point${points === 1 ? '' : 's'}: ${sizes.join(' × ')}`,
    ...(command === null ? [] : [`each a run of ${command.words[0]}`]),
    ...(plan.bisect === null ? [] : [describeBisection(plan, plan.bisect)]),
  ];
  return wrap(parts.join(', '), Math.min(width, 100));
}

/** "of which bisection of weightDecay runs both ends, then middles: about 51 at most". */
function describeBisection(plan: SweepPlan, axis: number): string {
  const most = mostBisected(plan, axis);
  const bound = most === null ? '' : `: about ${whole(most)} at most`;
  return `of which bisection of ${plan.axes[axis].keys[0]} runs both ends, then the middles between learned and lost${bound}`;
}

/** How far a sweep is that is gone on with; null for one that begins. */
export function describeLeft({ left, done }: PointsLeft, { points, bisect }: SweepPlan): string | null {
  if (left === 0)
    return bisect === null ? `all ${whole(points)} points are done` : 'all that bisection needs is done';
  return done === 0 ? null : `${whole(done)} of ${whole(points)} points are done already`;
}

/** Three points are timed: a sweep of short ones should not wait longer for it than they take. */
const TIMED_MS = 60;

export interface EstimateSweepOptions {
  readonly context: Context;
  readonly data: string | undefined;
  readonly home: string;
  readonly far: PointsLeft;
  /** How many run at once, and what these are. */
  readonly lanes: number;
  readonly of: 'processes' | 'tasks';
}

/** About how long it takes, from a few steps of its first, middle and last point; null where that cannot be known. */
export async function estimateSweep(
  plan: SweepPlan,
  where: string,
  { context, data, home, far: { left, done }, lanes, of }: EstimateSweepOptions,
): Promise<string | null> {
  if (left === 0) return null;
  if (plan.command !== null) return 'how long a point takes shows when the first have run';
  const input = trainingInput(data, home, context, 1);
  const estimate = createEstimator({
    ...{ blas: context.blas(), engine: input.engine, images: input.images },
    host: { clock: () => performance.now(), yield: giveWay },
    timedMs: TIMED_MS,
  });
  const last = plan.points - 1;
  const chosen = [...new Set([0, Math.floor(last / 2), last])].map((point) => specAt(plan, point, where));
  if (chosen.every((spec) => spec.kind === 'ufm' && spec.steps === 0)) return null;
  let seconds = 0;
  try {
    for (const spec of chosen) seconds += await estimate(spec);
  } catch (error) {
    // A file of images that is missing, say, is refused where it is read.
    if (error instanceof InputError) return null;
    throw error;
  }
  // A bisection comes back for more than its first points.
  const most =
    plan.bisect === null ? left : Math.max(left, (mostBisected(plan, plan.bisect) ?? plan.points) - done);
  const total = (seconds / chosen.length) * most;
  const used = Math.max(1, Math.min(lanes, most));
  // Such a training ends before its last step, where it has converged.
  const early = chosen.some((spec) => spec.kind === 'ufm' && spec.optimizer.name === 'lbfgs');
  const about = early ? 'at most about' : 'about';
  const time = total / used < 1 ? 'less than a second' : `${about} ${duration(total / used)}`;
  return `${time} on ${placesOf(used, of)}, judged by a few steps`;
}

function placesOf(count: number, of: EstimateSweepOptions['of']): string {
  switch (of) {
    case 'processes':
      return `${whole(count)} ${count === 1 ? 'process' : 'processes'}`;
    case 'tasks':
      return `${whole(count)} ${count === 1 ? 'task' : 'tasks at once'}`;
    default:
      return of satisfies never;
  }
}
