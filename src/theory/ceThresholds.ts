/**
 * Cross-entropy, M = 1: the largest weight decay at which each class is still separated, by bisection.
 *
 * No closed form is known to us for unequal counts: a class counts as separated where its margin at the convex solution
 * exceeds 1e-9 (its own logit is the largest at its own mean). Bisection takes for granted that a class once lost stays lost
 * as the decay grows; it was not seen to fail, and is not proved. For equal counts all classes die together, at
 * √(λ_Wλ_H) = 1/(K√n). Widths are taken to be wide enough.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { portableBlas } from '../core/portableBlas.js';
import { depthOf, isBalanced, type Problem } from '../model/index.js';
import { solveConvexCe } from './ceConvex.js';
import { groupsByCount } from './ceGroups.js';
import { solveState } from './ceState.js';
import { SEPARATION } from './mse.js';
import { ceDeadDecay } from './predictCe.js';

export interface CeDecays {
  /**
   * Largest λ_W with λ_H as given, per class. Null where there is no such edge: the class is separated at no decay, or, as
   * the single largest class with a free bias, at every one.
   */
  readonly weightDecay: readonly (number | null)[];
  /** The same with λ_H tied to λ_W. */
  readonly tiedDecay: readonly (number | null)[];
}

export interface CeDecayOptions {
  readonly blas?: Blas;
  /** Relative accuracy of the decays. */
  readonly accuracy?: number;
  readonly shouldStop?: () => boolean;
}

/** Bisects from the decay at which everything is dead down to 1e-12 of it. */
const FLOOR = 1e-12;

/** Throws an argument error unless the loss is CE and M = 1. Cost: some tens of convex solutions per group of counts. */
export function ceLargestDecays(problem: Problem, options: CeDecayOptions = {}): CeDecays {
  if (problem.loss !== 'ce') refuse('ceLargestDecays: loss', 'ce', problem.loss);
  if (depthOf(problem) !== 1) refuse('ceLargestDecays: depth', '1', depthOf(problem));
  const blas = options.blas ?? portableBlas;
  const accuracy = options.accuracy ?? 1e-4;
  const groups = groupsByCount(problem.counts);
  const g = groups.counts.length;
  const dead = ceDeadDecay(problem, blas);
  // Everything depends on μ = √(λ_Wλ_H) alone.
  const known = new Map<number, readonly boolean[]>();
  const separatedAt = (mu: number): readonly boolean[] => {
    let found = known.get(mu);
    if (found === undefined) {
      const shared = { ...problem, weightDecays: [mu], featureDecay: mu };
      const state = solveConvexCe(groups, mu, problem.bias, {
        blas,
        ...(options.shouldStop === undefined ? {} : { shouldStop: options.shouldStop }),
      });
      const { logits } = solveState(shared, state, blas);
      found = Array.from(groups.sizes, (m, b) => {
        let rival = -Infinity;
        for (let a = 0; a < g; a++)
          if (a !== b || m > 1) rival = Math.max(rival, logits.others.data[a * g + b]);
        return logits.own[b] - rival > SEPARATION;
      });
      known.set(mu, found);
    }
    return found;
  };
  const limit = (b: number): number | null => {
    let [low, high] = [FLOOR * dead, dead];
    for (const [mu, separated] of known) {
      if (separated[b]) low = Math.max(low, mu);
      else high = Math.min(high, mu);
    }
    if (low === FLOOR * dead && !separatedAt(low)[b]) return null;
    // Beyond death the bias alone may still separate.
    if (separatedAt(1.01 * dead)[b]) return null;
    while (high > low * (1 + accuracy / 4) && options.shouldStop?.() !== true) {
      const middle = Math.sqrt(low * high);
      if (separatedAt(middle)[b]) low = middle;
      else high = middle;
    }
    return low;
  };
  const limits =
    dead === 0
      ? Array.from(groups.sizes, () => null)
      : isBalanced(problem)
        ? [dead]
        : Array.from(groups.sizes, (_, b) => limit(b));
  const perClass = (f: (mu: number) => number) =>
    Array.from(groups.groupOf, (b) => {
      const mu = limits[b];
      return mu === null ? null : f(mu);
    });
  return {
    weightDecay: perClass((mu) => Math.min((mu / problem.featureDecay) * mu, Number.MAX_VALUE)),
    tiedDecay: perClass((mu) => mu),
  };
}
