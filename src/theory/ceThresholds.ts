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
import { runThrough, type Pausable } from '../core/pausable.js';
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
  /** True where the work was stopped: a limit not bisected to the end is null or too low. */
  readonly interrupted: boolean;
}

export interface CeDecayOptions {
  readonly blas?: Blas;
  /** Relative accuracy of the decays. */
  readonly accuracy?: number;
  readonly shouldStop?: (() => boolean) | undefined;
  /** Groups of equal counts done, of all. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Bisects from the decay at which everything is dead down to 1e-12 of it. */
const FLOOR = 1e-12;

/** Throws an argument error unless the loss is CE and M = 1. Cost: some tens of convex solutions per group of counts. */
export function ceLargestDecays(problem: Problem, options: CeDecayOptions = {}): CeDecays {
  return runThrough(ceLargestDecaysPausably(problem, options));
}

/** The same work, which can be paused. */
export function* ceLargestDecaysPausably(problem: Problem, options: CeDecayOptions = {}): Pausable<CeDecays> {
  if (problem.loss !== 'ce') refuse('ceLargestDecays: loss', 'ce', problem.loss);
  if (depthOf(problem) !== 1) refuse('ceLargestDecays: depth', '1', depthOf(problem));
  const blas = options.blas ?? portableBlas;
  const accuracy = options.accuracy ?? 1e-4;
  const groups = groupsByCount(problem.counts);
  const g = groups.counts.length;
  const dead = ceDeadDecay(problem, blas);
  // Everything depends on μ = √(λ_Wλ_H) alone.
  const known = new Map<number, readonly boolean[]>();
  let interrupted = false;
  const shouldStop = () => (interrupted ||= options.shouldStop?.() ?? false);
  /** Null once stopped: a solution on its way says nothing. */
  function* separatedAt(mu: number): Pausable<readonly boolean[] | null> {
    let found = known.get(mu);
    if (found === undefined) {
      const shared = { ...problem, weightDecays: [mu], featureDecay: mu };
      const state = yield* solveConvexCe(groups, mu, problem.bias, { blas, shouldStop });
      if (interrupted) return null;
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
  }
  function* limit(b: number): Pausable<number | null> {
    let [low, high] = [FLOOR * dead, dead];
    for (const [mu, separated] of known) {
      if (separated[b]) low = Math.max(low, mu);
      else high = Math.min(high, mu);
    }
    if (low === FLOOR * dead && (yield* separatedAt(low))?.[b] !== true) return null;
    // Beyond death the bias alone may still separate.
    if ((yield* separatedAt(1.01 * dead))?.[b] !== false) return null;
    while (high > low * (1 + accuracy / 4)) {
      const middle = Math.sqrt(low * high);
      const separated = yield* separatedAt(middle);
      if (separated === null) break;
      if (separated[b]) low = middle;
      else high = middle;
    }
    return low;
  }
  let limits: (number | null)[] = [];
  if (dead === 0) limits = Array.from(groups.sizes, () => null);
  else if (isBalanced(problem)) limits = [dead];
  else
    for (let b = 0; b < g; b++) {
      options.onProgress?.(b, g);
      limits.push(yield* limit(b));
    }
  const perClass = (f: (mu: number) => number) =>
    Array.from(groups.groupOf, (b) => {
      const mu = limits[b];
      return mu === null ? null : f(mu);
    });
  return {
    weightDecay: perClass((mu) => Math.min((mu / problem.featureDecay) * mu, Number.MAX_VALUE)),
    tiedDecay: perClass((mu) => mu),
    interrupted,
  };
}
