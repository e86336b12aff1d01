/**
 * When a training has settled: what it could still gain does not count, and it gains ever more slowly.
 *
 * Along gradient flow the objective falls by ‖∇F‖² in a unit of time, and the slowest decay takes 1/min λ: going on at the
 * present pace for that long gains ‖∇F‖²/min λ. Near a saddle, as at a small start, that is little too, but there the pace
 * grows: a training whose pace is above the mean pace since it was last looked at is on its way.
 */
import type { Problem } from '../model/index.js';
import type { ClassComparison } from '../runs/index.js';

/** The share of the objective that may still be gained. */
const STILL = 1e-6;
/** A pace whose gain is this small a share is rounding, and may rise and fall. */
const ROUNDING = 1e-12;

/** Whether going on at this pace (fall of the objective in a unit of time) for the slowest decay time gains next to nothing. */
export function gainsNothing(
  pace: number,
  objective: number,
  { weightDecays, featureDecay }: Pick<Problem, 'weightDecays' | 'featureDecay'>,
  share = STILL,
): boolean {
  return Math.abs(pace) <= share * Math.abs(objective) * Math.min(featureDecay, ...weightDecays);
}

export interface Movement {
  /** ‖∇F‖². */
  readonly gradientSquare: number;
  readonly objective: number;
  /** The objective one measurement earlier and the time since, steps·η/(1 − β); null where there is none. */
  readonly earlier: { readonly objective: number; readonly time: number } | null;
}

export function hasSettled({ gradientSquare, objective, earlier }: Movement, problem: Problem): boolean {
  if (!gainsNothing(gradientSquare, objective, problem)) return false;
  if (gainsNothing(gradientSquare, objective, problem, ROUNDING)) return true;
  return earlier !== null && gradientSquare <= (earlier.objective - objective) / earlier.time;
}

/** The classes as a training that has not settled leaves them: one near zero may be on its way, and is not lost. */
export function undecided(classes: readonly ClassComparison[], settled: boolean): readonly ClassComparison[] {
  return settled
    ? classes
    : classes.map((compared) => (compared.measured === 'lost' ? { ...compared, measured: null } : compared));
}
