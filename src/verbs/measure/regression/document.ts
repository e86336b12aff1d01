/** The `--json` document of `measure` where there is a target for each sample. */
import type { About, BothWays } from '../../../metrics/index.js';
import type { Regime } from '../../../model/index.js';

/** One principal direction of the targets. */
export interface RegressionDirection {
  /** Of the targets along it, about the mean with a bias. */
  readonly variance: number;
  /** Its part of all variance; null where there is none. */
  readonly share: number | null;
  /** ‖Pᵀu‖; null without a head. */
  readonly weightNorm: number | null;
  readonly predictedWeightNorm: number | null;
  /** The part of the target that the outputs reach; null without a head or variance. */
  readonly fit: number | null;
  readonly predictedFit: number | null;
  readonly regime: Regime | null;
  /** λ_H as it is. */
  readonly maxWeightDecay: number | null;
}

export interface RegressionDocument {
  readonly file: string;
  readonly samples: number;
  /** q. */
  readonly outputs: number;
  readonly dimension: number;
  /** M; null without a head. */
  readonly depth: number | null;
  /** What principal components and covariances are about: the mean with a bias, the origin without. */
  readonly about: About;
  readonly nrc1: BothWays;
  readonly nrc2: BothWays | null;
  /** `distance` at the best `gamma`; `predicted` the squared distance from the predicted PPᵀ, `predictedGamma` NΛ. */
  readonly nrc3: {
    readonly distance: number;
    readonly gamma: number;
    readonly predicted: number | null;
    readonly predictedGamma: number | null;
  } | null;
  readonly explained: number | null;
  readonly headRank: number | null;
  /** 1/N Σ of the squared error, summed over outputs; null without a head. */
  readonly squaredError: number | null;
  readonly directions: readonly RegressionDirection[];
  /** F of the network and at the predicted minimum; null without a prediction. */
  readonly objective: { readonly measured: number; readonly predicted: number } | null;
  readonly weightDecays: readonly number[] | null;
  readonly featureDecay: number | null;
  /** λ_H from the balance between P and H, where it was asked for. */
  readonly fittedFeatureDecay: number | null;
  readonly lossConvention: string | null;
  /** Why there is no prediction. */
  readonly predictionNote: string | null;
  /** Arrays of the file that nothing was made of. */
  readonly notUsed: readonly string[];
}
