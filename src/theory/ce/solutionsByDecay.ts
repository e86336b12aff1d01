/**
 * Cross-entropy, M = 1: margins and fits of every group of equal counts at a decay. Everything depends on μ = √(λ_Wλ_H)
 * alone, and one convex solution tells of all groups; solutions are kept, and the next one starts from the nearest.
 */
import type { Blas } from '../../core/blas.js';
import type { NoticedSignal } from '../../core/host.js';
import type { Pausable } from '../../core/pausable.js';
import { samplesOf, type PlainBias, type Problem } from '../../model/index.js';
import { solveConvexCe } from './convex.js';
import type { ClassGroups } from './groups.js';
import { solveState } from './state.js';

/** Of each group at one decay. */
export interface SolvedGroups {
  /** Own logit less the largest other at the group's mean. */
  readonly margins: Float64Array;
  readonly fits: Float64Array;
}

export interface SolutionsByDecay {
  /** What is known so far, by μ. */
  readonly known: ReadonlyMap<number, SolvedGroups>;
  /** Null once stopped: a solution on its way says nothing. */
  at(mu: number): Pausable<SolvedGroups | null>;
}

export interface SolutionsOptions {
  readonly blas: Blas;
  /** Of the convex solution. */
  readonly tolerance: number;
  readonly signal: NoticedSignal;
}

/** Solutions kept to start from: two matrices of as many rows and columns as there are groups each. */
const KEPT = 24;

export function createSolutions(
  problem: Problem & { readonly bias: PlainBias },
  groups: ClassGroups,
  { blas, tolerance, signal }: SolutionsOptions,
): SolutionsByDecay {
  const known = new Map<number, SolvedGroups>();
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
  return {
    known,
    *at(mu) {
      const before = known.get(mu);
      if (before !== undefined) return before;
      const state = yield* solveConvexCe(groups, mu, problem.bias, {
        ...{ blas, tolerance, signal },
        from: startFor(mu),
        onEnd: (x) => remember(mu, x),
      });
      if (signal.noticed()) return null;
      const solved = groupsAt(problem, groups, solveState(atMu(problem, mu), state, blas));
      known.set(mu, solved);
      return solved;
    },
  };
}

function atMu(problem: Problem, mu: number): Problem {
  return { ...problem, weightDecays: [mu], featureDecay: mu };
}

function groupsAt(
  problem: Problem,
  { counts, sizes }: ClassGroups,
  { logits, softmax }: ReturnType<typeof solveState>,
): SolvedGroups {
  const g = counts.length;
  const samples = samplesOf(problem);
  const margins = Float64Array.from(sizes, (m, b) => {
    let rival = -Infinity;
    for (let a = 0; a < g; a++) if (a !== b || m > 1) rival = Math.max(rival, logits.others.data[a * g + b]);
    return logits.own[b] - rival;
  });
  const fits = Float64Array.from(sizes, (_, b) => {
    const chance = problem.bias === 'free' ? counts[b] / samples : 1 / problem.counts.length;
    return 1 - softmax.leak[b] / (1 - chance);
  });
  return { margins, fits };
}
