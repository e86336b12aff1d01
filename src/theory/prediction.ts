/**
 * What theory says of a problem: plain data, one shape for every loss.
 */
import type { Matrix } from '../core/matrix.js';
import type {
  FrameName,
  Head,
  Optimality,
  PredictedGeometry,
  Problem,
  Regime,
  SolutionKind,
} from '../model/index.js';
import type { ModeSolution } from './mode.js';

/** A margin below this is a tie: the class is not separated from another. */
export const SEPARATION = 1e-9;

/** An explicit point that a prediction stands for. */
export interface Minimiser {
  readonly head: Head;
  /** H̄, d×K: column k is the feature that every sample of class k has. */
  readonly classFeatures: Matrix;
}

/** Equal modes are listed once, with their number; `modes` of the command line repeats them. */
export interface ModeLevel {
  readonly solution: ModeSolution;
  readonly multiplicity: number;
}

export interface ClassPrediction {
  /** n_k. */
  readonly count: number;
  /** Norm of the k-th row of P, and of the class mean h̄_k (not centred). */
  readonly weightNorm: number;
  readonly featureNorm: number;
  /** The least and the largest norms among all minimisers, where a bottleneck splits a tie; null where they are unique. */
  readonly weightNormRange: readonly [number, number] | null;
  readonly featureNormRange: readonly [number, number] | null;
  /** The regime of the mode with the largest share in this class; null for cross-entropy and for a single class with bias. */
  readonly regime: Regime | null;
  /** That share, in (0, 1]; 1 without bias. */
  readonly share: number;
  /** Σ_j share_kj f_j ∈ [0, 1): how much of its target the class reaches. */
  readonly fit: number;
  /** Logit of the class mean for its own class minus the largest other one, bias included; null for K = 1. */
  readonly margin: number | null;
  /** margin > 1e-9. */
  readonly separated: boolean | null;
  /** Largest weight decay (λ_H as given) at which the class's main mode lives; null when cut or for τ = 0. */
  readonly maxWeightDecay: number | null;
  /** The same when λ_H is tied to the weight decay. */
  readonly maxTiedDecay: number | null;
}

/** A lower bound of the minimum and how far the prediction is from it. */
export interface Certificate {
  readonly lowerBound: number;
  readonly gap: number;
  readonly relativeGap: number;
}

/** The kinds in words. */
export const SOLUTION_NAMES: Readonly<Record<SolutionKind, string>> = {
  simplex: 'simplex ETF (neural collapse)',
  orthoplex: 'orthoplex (antipodal pairs)',
  convex: 'convex solution',
  search: 'best of restarts',
  lost: 'every class lost (P = 0, H = 0)',
};

/** Another stationary solution worth knowing. */
export interface Alternative {
  readonly kind: SolutionKind;
  /** For people: the kind in words, with the rank of what a search found. */
  readonly name: string;
  readonly objective: number;
}

/**
 * Why a search ended: `settled`, further starts and exchanges no longer helped; `budget`, its time was over; `starts`, the given
 * number of starts was made; `stopped`, by the user; `none`, there was nothing to search, or it is too large.
 */
export type SearchEnd = 'settled' | 'budget' | 'starts' | 'stopped' | 'none';

/** How far a numeric prediction was searched for. */
export interface SearchSummary {
  readonly starts: number;
  /** Ranks from which starts were made, ascending. */
  readonly ranks: readonly number[];
  /** Rounds of starts, of which the lowest were taken on. */
  readonly rounds: number;
  /** Exchanges of two classes of different counts that were followed. */
  readonly exchanges: number;
  /** Other changes of a low point that were followed. */
  readonly kicks: number;
  /** Seconds that it might have taken; null where nothing was searched. */
  readonly budget: number | null;
  readonly end: SearchEnd;
  /** Whether it ended because further starts and exchanges no longer helped. */
  readonly complete: boolean;
}

export interface Prediction {
  readonly problem: Problem;
  readonly objective: number;
  readonly optimality: Optimality;
  /** True where a numeric solution was stopped early: it is the best so far. */
  readonly interrupted: boolean;
  /**
   * False when there are other minimisers, as where a bottleneck splits a tie: the classes below are one representative.
   * Null where nothing proves it: a best known solution that is its own mirror image may still have others beside it.
   */
  readonly unique: boolean | null;
  /** Rank of PH. */
  readonly rank: number;
  readonly levels: readonly ModeLevel[];
  readonly classes: readonly ClassPrediction[];
  readonly frame: FrameName;
  /** b*, K numbers; null without bias. */
  readonly bias: Float64Array | null;
  /** The K×K matrices; diagonal without bias, otherwise built when called, O(K²) memory. */
  readonly geometry: () => PredictedGeometry;
  readonly certificate: Certificate | null;
  readonly alternatives: readonly Alternative[];
  /** Null where nothing was searched: a closed form, or a convex problem. */
  readonly search: SearchSummary | null;
}
