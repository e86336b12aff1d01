/** The weight decay at which theory loses each class of a point, in closed form. */
import { problemOf } from '../../runs/index.js';
import { predictMse } from '../../theory/index.js';
import type { LimitsOf } from './gather.js';
import { specAt, type SweepPlan } from './plan.js';

/** For squared error over a weight decay that is one number for all layers; elsewhere there is no closed form to draw. */
export function decayLimits(plan: SweepPlan, where: string): LimitsOf {
  return (point, key) => {
    if (key !== 'weightDecay' || plan.command !== null) return null;
    const spec = specAt(plan, point, where);
    if (spec.kind !== 'ufm' || spec.loss !== 'mse') return null;
    const { classes } = predictMse(problemOf(spec));
    return classes.flatMap(({ maxWeightDecay }) => maxWeightDecay ?? []);
  };
}
