/**
 * The largest plain weight decay (one decay of all weights and biases, as PyTorch's `weight_decay`) at which each class of a
 * ReLU network is still learned: estimates, and how far off they may be.
 *
 *   from means   λ_k = 0.72 ω_k ρ_k^{2/L} max_a a^{1−2/L} e(a): isolatedClass.ts with the distances of distanceOfMeans.ts. The factor
 *                is fitted, to trainings of multilayer perceptrons; nothing else is.
 *   from counts  the same with one distance for all classes, that of images normalised as usual; no statement for other inputs.
 *   from moments ridgePath.ts and oneAgainstRest.ts, nothing fitted.
 *
 * L counts every weight layer. Status: estimates. Derived are the scaling and the constants; heuristic are one class against the
 * rest and ReLU taken as linear. Their errors are those that trainings have shown, see docs/survival.md.
 */
import type { Blas } from '../../core/blas.js';
import type { Matrix } from '../../core/matrix.js';
import { refuse } from '../../core/errors.js';
import { lossShares, type Loss, type Survival } from '../../model/index.js';
import { distancesOfMeans } from './distanceOfMeans.js';
import { isolatedReach, smoothedReach, type ClassTarget, type LastBias } from './isolatedClass.js';
import { squaredLimits, type RidgeBasis } from './ridgePath.js';
import { crossEntropyLimit } from './oneAgainstRest.js';
import type { ScoreBins } from './scoreBins.js';

/** What is trained, as far as the estimates ask. */
export interface SurvivalProblem {
  /** n_k. */
  readonly counts: readonly number[];
  /** L ≥ 2: hidden, features and head, every weight layer. */
  readonly layers: number;
  readonly loss: Loss;
  readonly bias: LastBias;
  /** w_k: under MSE w_k/(2N) times the square, under cross-entropy divided by their sum over samples; null: all 1. */
  readonly classWeights?: readonly number[] | null | undefined;
  /** ε in [0, 1). */
  readonly labelSmoothing?: number | undefined;
}

/** What an estimate rests on. */
export type SurvivalSource = 'means' | 'moments' | 'counts';

export interface LargestDecay {
  /** Null where there is none: a class mean in the span of others, and no second moments. */
  readonly estimate: number | null;
  /** Alive below. */
  readonly low: number | null;
  /** Lost above. */
  readonly high: number | null;
  readonly from: SurvivalSource;
}

const FITTED = 0.72;
/** Length of what tells a class from larger ones, in images of 28×28 to 32×32 that are normalised to variance one. */
const USUAL_DISTANCE = 7;
/** 95 % of the thresholds of trained networks lie within the first two; 99 % within the last, where counts are all there is. */
const SPREAD: Readonly<Record<SurvivalSource, number>> = { means: 2, moments: 2, counts: 3 };

/** Throws an argument error for fewer than two layers or classes. */
export function checkSurvivalProblem({ counts, layers }: SurvivalProblem): void {
  if (!Number.isInteger(layers) || layers < 2)
    refuse('weight layers', 'a whole number of at least 2, every layer with weights counted', layers);
  if (counts.length < 2) refuse('counts', 'at least two classes', counts.length);
}

/** means: K×D class means as the network sees them. K estimates; null where a mean lies in the span of larger classes'. */
export function estimatesFromMeans(problem: SurvivalProblem, means: Matrix, blas: Blas): (number | null)[] {
  checkSurvivalProblem(problem);
  const shares = survivalShares(problem);
  const distances = distancesOfMeans(means, shares, blas);
  return shares.map((share, k) => (distances[k] > 0 ? scaled(problem, share, distances[k]) : null));
}

/** For images normalised as usual. */
export function estimatesFromCounts(problem: SurvivalProblem): number[] {
  checkSurvivalProblem(problem);
  return survivalShares(problem).map((share) => scaled(problem, share, USUAL_DISTANCE));
}

/** From second moments alone under MSE. Cross-entropy needs the scores of the samples too. */
export function estimatesFromMoments(
  problem: SurvivalProblem,
  basis: RidgeBasis,
  bins: ScoreBins | null,
): number[] {
  checkSurvivalProblem(problem);
  const { layers, loss } = problem;
  return basis.shares.map((share, k) => {
    const target = targetOf(problem, share);
    switch (loss) {
      case 'mse':
        return massOf(problem) * smoothedReach(layers, target) * squaredLimits(basis, k, layers).exists;
      case 'ce':
        if (bins === null) return refuse('survival', 'the scores of the samples for cross-entropy', bins);
        return crossEntropyLimit({ directions: bins.of(k), target, layers });
      default:
        return loss satisfies never;
    }
  });
}

/** The estimate with its interval. */
export function largestPlainDecay(estimate: number | null, from: SurvivalSource): LargestDecay {
  const factor = SPREAD[from];
  return {
    estimate,
    low: estimate === null ? null : estimate / factor,
    high: estimate === null ? null : estimate * factor,
    from,
  };
}

/** Null where there is no interval. */
export function survivalAt({ low, high }: LargestDecay, decay: number): Survival | null {
  if (low === null || high === null) return null;
  if (decay < low) return 'alive';
  return decay > high ? 'lost' : 'open';
}

/** ω_k, the part of the loss that each class has: n_kw_k/Σ_j n_jw_j. */
export function survivalShares({ counts, classWeights }: SurvivalProblem): number[] {
  return lossShares({ counts, classWeights: classWeights ?? null });
}

/** Under MSE weights need not average to one, and the whole loss is as much larger. */
function massOf({ counts, classWeights, loss }: SurvivalProblem): number {
  if (loss === 'ce' || classWeights === null || classWeights === undefined) return 1;
  const N = counts.reduce((sum, n) => sum + n, 0);
  return counts.reduce((sum, n, k) => sum + n * classWeights[k], 0) / N;
}

function targetOf({ counts, labelSmoothing = 0 }: SurvivalProblem, share: number): ClassTarget {
  return { share, smoothing: labelSmoothing, classes: counts.length };
}

function scaled(problem: SurvivalProblem, share: number, distance: number): number {
  const { layers, loss, bias } = problem;
  const reach = isolatedReach(layers, loss, bias, targetOf(problem, share));
  return FITTED * massOf(problem) * share * distance ** (2 / layers) * reach;
}
