/** How large a sweep is and how long it takes, before it starts. */
import { InputError } from '../core/errors.js';
import { createEstimator } from '../verbs/reproduce/estimate.js';
import { specAt, type SweepPlan } from '../verbs/sweep/plan.js';
import type { Context } from './context.js';
import { duration, whole, wrap } from './format.js';
import { giveWay } from './interrupt.js';
import { trainingInput } from './trainingInput.js';

/** "240 points: 20 of weightDecay × 4 of depth × 3 of init.seed". */
export function describePlan({ axes, points, command }: SweepPlan, width: number): string {
  const sizes = axes.map(({ keys, values }) => `${values.length} of ${keys.join(' and ')}`);
  const what = command === null ? '' : `, each a run of ${command.words[0]}`;
  return wrap(
    `${whole(points)} point${points === 1 ? '' : 's'}: ${sizes.join(' × ')}${what}`,
    Math.min(width, 100),
  );
}

export interface EstimateSweepOptions {
  readonly context: Context;
  readonly data: string | undefined;
  readonly home: string;
  readonly jobs: number;
}

/** About how long it takes, from a few steps of its first, middle and last point; null for what cannot be timed so. */
export async function estimateSweep(
  plan: SweepPlan,
  where: string,
  { context, data, home, jobs }: EstimateSweepOptions,
): Promise<string | null> {
  if (plan.command !== null) return null;
  const input = trainingInput(data, home, context, 1);
  const estimate = createEstimator({
    ...{ blas: context.blas(), engine: input.engine, images: input.images },
    host: { clock: () => performance.now(), yield: giveWay },
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
  const total = (seconds / chosen.length) * plan.points;
  const lanes = Math.max(1, Math.min(jobs, plan.points));
  const time = total / lanes < 1 ? 'less than a second' : `about ${duration(total / lanes)}`;
  return `${time} on ${lanes} ${lanes === 1 ? 'process' : 'processes'}, judged by a few steps`;
}
