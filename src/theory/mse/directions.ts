/**
 * MSE with a target for each sample (regression), in the principal directions of the targets: what `targets.ts` computes from the
 * q×N array, from its singular values alone. Direction j, of variance τ_j²/N, is one mode; the R = min(q, d_0, …) largest survive a
 * bottleneck. It lives iff M(NΛ)^{1/M} < b_global·τ_j²/N, and PPᵀ = U diag(s²) Uᵀ: with one layer ∝ (Σ^{1/2} − √(NΛ)·I)₊, so that the
 * γ of NRC3 is NΛ where all directions live.
 */
import { refuse, refuseShape } from '../../core/errors.js';
import { constantsOf, cutMode, largestDecay, solveMode, type ModeSolution } from '../mode.js';

export interface DirectionsProblem {
  /** N. */
  readonly samples: number;
  /** d_0 … d_{M−1}. */
  readonly widths: readonly number[];
  /** λ_1 … λ_M. */
  readonly weightDecays: readonly number[];
  readonly featureDecay: number;
}

export interface PredictedDirections {
  readonly directions: readonly {
    readonly solution: ModeSolution;
    /** The largest weight decay (geometric mean over layers, λ_H fixed) at which it lives; null where it is cut or has no variance. */
    readonly maxWeightDecay: number | null;
  }[];
  /** F at the minimum. */
  readonly objective: number;
  /** NΛ for one layer where all directions live; else null. */
  readonly gamma: number | null;
}

/** tau: singular values of the targets (about their mean with a free bias), largest first. */
export function predictDirections(
  tau: ArrayLike<number>,
  { samples, widths, weightDecays, featureDecay }: DirectionsProblem,
): PredictedDirections {
  const bad = [...weightDecays, featureDecay].find((decay) => !(decay > 0 && decay < Infinity));
  if (bad !== undefined) refuse('decays', 'positive numbers', bad);
  if (widths.length !== weightDecays.length)
    refuseShape('weight-decay', `one for each of ${widths.length} layers`, `${weightDecays.length}`);
  const constants = constantsOf({ samples, weightDecays, featureDecay });
  const rank = Math.min(...widths);
  const directions = Array.from(tau, (value, j) => {
    const cut = j >= rank;
    const none = cut || value === 0;
    return {
      solution: (cut ? cutMode : solveMode)(constants, value * value),
      maxWeightDecay: none ? null : largestDecay(constants, value * value).fixedFeatureDecay,
    };
  });
  const live = directions.every(({ solution }) => solution.value > 0);
  return {
    directions,
    objective: directions.reduce((sum, { solution }) => sum + solution.objective, 0),
    gamma: constants.depth === 1 && live ? samples * Math.exp(constants.logLambda) : null,
  };
}
