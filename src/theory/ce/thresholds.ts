/**
 * Cross-entropy, M = 1: the largest weight decay at which each class is still separated, by bisection.
 *
 * No closed form is known to us for unequal counts: a class counts as separated where its margin at the convex solution
 * exceeds 1e-9 (its own logit is the largest at its own mean). Bisection takes for granted that a class once lost stays lost
 * as the decay grows; it was not seen to fail, and is not proved. For equal counts all classes die together, at
 * √(λ_Wλ_H) = 1/(K√n). Widths are taken to be wide enough.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { runThrough, type Pausable } from '../../core/pausable.js';
import { portableBlas } from '../../core/portableBlas.js';
import { depthOf, isBalanced, type Problem } from '../../model/index.js';
import { solveConvexCe } from './convex.js';
import { groupsByCount } from './groups.js';
import { solveState } from './state.js';
import { SEPARATION } from '../prediction.js';
import { ceDeadDecay } from './predict.js';

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
  /** Groups of equal counts done, of all; one under way counts in part. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Bisects from the decay at which everything is dead down to 1e-12 of it. */
const FLOOR = 1e-12;
/** Relative gradient of a solution: within `accuracy` of an edge margins are some thousand times this. */
const SOLVED = 1e-9;
/** Solutions kept to start from: two matrices of as many rows and columns as there are groups each. */
const KEPT = 24;

/** Throws an argument error unless the loss is CE and M = 1. Cost: about ten convex solutions per group of counts. */
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
  // Everything depends on μ = √(λ_Wλ_H) alone; one solution tells the margins of all groups.
  const known = new Map<number, Float64Array>();
  // Solutions to start others from, the latest ones.
  const points = new Map<number, Float64Array>();
  /** The nearest from below, where all that lives at μ lives too (as bisection takes for granted). */
  const startFor = (mu: number): Float64Array | null => {
    let nearest = mu / 2;
    for (const at of points.keys()) if (at <= mu && at > nearest) nearest = at;
    return points.get(nearest) ?? null;
  };
  const remember = (mu: number, x: Float64Array) => {
    points.set(mu, x);
    const oldest = points.size > KEPT ? points.keys().next().value : undefined;
    if (oldest !== undefined) points.delete(oldest);
  };
  let interrupted = false;
  const shouldStop = () => (interrupted ||= options.shouldStop?.() ?? false);
  /** Null once stopped: a solution on its way says nothing. */
  function* marginsAt(mu: number): Pausable<Float64Array | null> {
    let found = known.get(mu);
    if (found === undefined) {
      const shared = { ...problem, weightDecays: [mu], featureDecay: mu };
      const state = yield* solveConvexCe(groups, mu, problem.bias, {
        blas,
        tolerance: SOLVED,
        shouldStop,
        from: startFor(mu),
        onEnd: (x) => remember(mu, x),
      });
      if (interrupted) return null;
      const { logits } = solveState(shared, state, blas);
      found = Float64Array.from(groups.sizes, (m, b) => {
        let rival = -Infinity;
        for (let a = 0; a < g; a++)
          if (a !== b || m > 1) rival = Math.max(rival, logits.others.data[a * g + b]);
        return logits.own[b] - rival;
      });
      known.set(mu, found);
    }
    return found;
  }
  const excess = (margins: Float64Array | null, b: number) =>
    margins === null ? null : margins[b] - SEPARATION;
  /**
   * The edge of group b, between decays where it is separated and where it is not: by the secant of the margin, which
   * crosses 0 like a straight line or stays there, and by halves where the secant falls short (Illinois).
   */
  function* limit(b: number, report: (share: number) => void): Pausable<number | null> {
    let [low, high] = [FLOOR * dead, 1.01 * dead];
    for (const [mu, margins] of known) {
      if (margins[b] > SEPARATION) low = Math.max(low, mu);
      else high = Math.min(high, mu);
    }
    let atLow = excess(yield* marginsAt(low), b);
    if (atLow === null || atLow <= 0) return null;
    // Beyond death the bias alone may still separate.
    let atHigh = excess(yield* marginsAt(high), b);
    if (atHigh === null) return low;
    if (atHigh > 0) return null;
    const width = Math.log(high / low);
    const narrow = Math.log1p(accuracy / 4);
    let kept: 'low' | 'high' | null = null;
    for (let step = 0; high > low * (1 + accuracy / 4); step++) {
      const gap = Math.log(high / low);
      // By halves until the edge is near, and now and then; else a little beyond the secant's root: both ends close in.
      const secant: number = atLow / (atLow - atHigh);
      const inside = Math.min(narrow / gap / 3, 0.5);
      const share: number = gap > 1 || step % 5 === 4 ? 0.5 : Math.min(Math.max(secant, inside), 1 - inside);
      const middle: number = low * Math.exp(share * gap);
      if (!(middle > low && middle < high)) break;
      const value = excess(yield* marginsAt(middle), b);
      if (value === null) break;
      if (value > 0) {
        [low, atLow] = [middle, value];
        if (kept === 'high') atHigh /= 2;
        kept = 'high';
      } else {
        [high, atHigh] = [middle, value];
        if (kept === 'low') atLow /= 2;
        kept = 'low';
      }
      report(Math.min(1, 1 - Math.log(high / low / (1 + accuracy / 4)) / width));
    }
    return low;
  }
  let limits: (number | null)[] = [];
  if (dead === 0) limits = Array.from(groups.sizes, () => null);
  else if (isBalanced(problem)) limits = [dead];
  else
    for (let b = 0; b < g; b++) {
      options.onProgress?.(b, g);
      limits.push(yield* limit(b, (share) => options.onProgress?.(b + Math.max(0, share), g)));
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
