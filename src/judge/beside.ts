/**
 * A snapshot measured for a comparison with theory. With a free bias the means are compared centred: a constant offset of
 * the features is taken out, which changes no output and which no minimiser has (`centreFeatures`).
 */
import type { Blas } from '../core/blas.js';
import {
  centreFeatures,
  measureSnapshot,
  type FeatureOffset,
  type GlobalMean,
  type Measurement,
} from '../metrics/index.js';
import type { Head, PredictedGeometry, Problem, Snapshot } from '../model/index.js';

export interface Beside {
  /** As measured; its distances from the predicted frame are those of `compared`. */
  readonly measurement: Measurement;
  /** What is held against the prediction, and its head. */
  readonly compared: Measurement;
  readonly head: Head | null;
  /** Null without a bias. */
  readonly offset: FeatureOffset | null;
}

/**
 * Whether an offset of the features is a matter of indifference to a problem, so that means are compared centred: only a free
 * bias takes it up, and only features of any sign can be without it.
 */
export function centresMeans({ bias, featureSign }: Pick<Problem, 'bias' | 'featureSign'>): boolean {
  return bias === 'free' && featureSign === 'free';
}

export interface BesideOptions {
  readonly blas: Blas;
  /** Frames of the prediction; null where they are too large to form. */
  readonly predicted: PredictedGeometry | null;
  /** For the balancedness; left out, there is none. */
  readonly weightDecays?: readonly number[] | undefined;
  /** `centresMeans` of the problem; by default true, which leaves a head without bias as it is. */
  readonly centre?: boolean;
  /** h_G of the measures; the comparison has that over samples, which the gradient of the bias knows. */
  readonly globalMean?: GlobalMean | undefined;
  /** The snapshot as measured, where that is at hand. */
  readonly measured?: Measurement;
}

export function measureBeside(snapshot: Snapshot, options: BesideOptions): Beside {
  const { blas, predicted, weightDecays, globalMean } = options;
  const measure = (input: Snapshot) => measureSnapshot(input, { blas, predicted, weightDecays });
  const centred = options.centre === false ? null : centreFeatures(snapshot, blas);
  if (centred === null) {
    const measurement = measureSnapshot(snapshot, { blas, predicted, weightDecays, globalMean });
    return { measurement, compared: measurement, head: snapshot.head, offset: null };
  }
  const compared = measure(centred.snapshot);
  const measured = options.measured ?? measureSnapshot(snapshot, { blas, globalMean });
  return {
    measurement: withPredicted(measured, compared),
    compared,
    head: centred.snapshot.head,
    offset: centred.offset,
  };
}

function withPredicted(measured: Measurement, compared: Measurement): Measurement {
  const { nc2, nc3 } = measured;
  return {
    ...measured,
    balancedness: compared.balancedness,
    nc2: {
      ...nc2,
      weights: { ...nc2.weights, predicted: compared.nc2.weights.predicted },
      features: { ...nc2.features, predicted: compared.nc2.features.predicted },
    },
    nc3: {
      ...nc3,
      predicted: compared.nc3.predicted,
      dualityPredicted: compared.nc3.dualityPredicted,
    },
  };
}
