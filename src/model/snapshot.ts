/**
 * What a trainer or a file hands to the measures: the head, and what is known of the features class by class.
 */
import type { Matrix } from '../core/matrix.js';

/** The deep linear head: W_1 … W_M (W_m: d_m × d_{m−1}, W_1 nearest the features) and its last bias, K, or null. */
export interface Head {
  readonly weights: readonly Matrix[];
  readonly bias: Float64Array | null;
}

/**
 * The within-class covariance Σ_W = 1/N Σ_i (h_i − h̄_{y_i})(h_i − h̄_{y_i})ᵀ, in the form in which it is known:
 * `factor` as X (r×d) with Σ_W = XᵀX; `full` as the d×d matrix; `projected` as S = BΣ_WBᵀ (q×q), where the rows of the
 * basis B (q×d) are orthonormal and span the centred class means, which is all that NC1 asks for.
 */
export type WithinScatter =
  | { readonly kind: 'factor'; readonly X: Matrix }
  | { readonly kind: 'full'; readonly S: Matrix }
  | { readonly kind: 'projected'; readonly basis: Matrix; readonly S: Matrix };

export interface ClassStatistics {
  /** n_k, K of them. */
  readonly counts: readonly number[];
  /** Class means, K×d: row k is h̄_k. */
  readonly means: Matrix;
  /** v_k = 1/n_k Σ_{i in k} ‖h_i − h̄_k‖², K of them; null where only their sum is known. */
  readonly variances: Float64Array | null;
  /** tr Σ_W = Σ_k (n_k/N) v_k. */
  readonly withinTrace: number;
  /** Σ_W, or null where only its trace was gathered. */
  readonly within: WithinScatter | null;
  /** Where squares would leave the range of numbers: all this is of the features times 2^−exponent. Else 0 or absent. */
  readonly exponent?: number | undefined;
}

/** What only the single samples can tell. */
export interface SampleAgreement {
  /** Share of samples where the classifier (bias included) and the nearest class mean name the same class (NC4). */
  readonly nc4: number;
  /** Share of samples that the classifier names rightly, and the same for each class. */
  readonly accuracy: number;
  readonly classAccuracy: Float64Array;
  /** Share of samples whose class is among the five outputs that are largest; absent where there are no more than five. */
  readonly top5Accuracy?: number;
  /** Share of samples whose nearest class mean is that of their class, and the same for each class; absent where not counted. */
  readonly nccAccuracy?: number;
  readonly classNccAccuracy?: Float64Array;
  /** NC4 among the samples of each class. */
  readonly classAgreement?: Float64Array;
}

export interface Snapshot {
  readonly statistics: ClassStatistics;
  /** Null when only features were given. */
  readonly head: Head | null;
  /** Null without a head, or where single samples are not at hand. */
  readonly agreement: SampleAgreement | null;
}
