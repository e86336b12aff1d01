/**
 * Features that are all at least 0, as after a ReLU, beside two predictions: that of features of any sign, and that of features
 * which must not be negative. Neither is known to be what a network follows: both are shown, and which is nearer.
 */
import type { FeatureBatches } from '../../metrics/index.js';
import type { FeatureSign } from '../../model/index.js';
import type { JudgedMeasurement } from './judged.js';

/** Distances of the measured frames from those of one prediction, and its objective. */
export interface GeometryDistances {
  /** Of PPᵀ, H̄ᵀH̄ and PH̄; with a free bias and features of any sign without the offset of the features. */
  readonly weights: number | null;
  readonly features: number | null;
  readonly logits: number | null;
  readonly objective: number;
}

export interface SignedGeometries {
  readonly free: GeometryDistances;
  readonly nonnegative: GeometryDistances;
  /** By the mean of the three distances; `alike` where both predictions are one, null where a distance does not exist. */
  readonly nearer: FeatureSign | 'alike' | null;
}

/** The same source, and whether a number below 0 has come by. Looking ends at the first. */
export function watchSigns(source: FeatureBatches): {
  readonly source: FeatureBatches;
  readonly negative: () => boolean;
} {
  let [negative, done] = [false, false];
  return {
    negative: () => negative,
    source: {
      ...source,
      async *batches() {
        for await (const batch of source.batches()) {
          if (!negative && !done) negative = hasNegative(batch.features.data);
          yield batch;
        }
        done = true;
      },
    },
  };
}

function hasNegative(values: Float32Array | Float64Array): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] < 0) return true;
  return false;
}

export function compareGeometries(free: JudgedMeasurement, nonnegative: JudgedMeasurement): SignedGeometries {
  const both = { free: distancesOf(free), nonnegative: distancesOf(nonnegative) };
  return { ...both, nearer: nearerOf(both) };
}

function distancesOf({ measurement: { nc2, nc3 }, prediction }: JudgedMeasurement): GeometryDistances {
  return {
    weights: nc2.weights.predicted,
    features: nc2.features.predicted,
    logits: nc3.predicted,
    objective: prediction.objective,
  };
}

/** Two numbers that differ by their last digits alone. */
const SAME = 1e-9;

function nearerOf({ free, nonnegative }: Omit<SignedGeometries, 'nearer'>): SignedGeometries['nearer'] {
  const [any, least] = [meanOf(free), meanOf(nonnegative)];
  if (any === null || least === null) return null;
  const alike = Math.abs(any - least) <= SAME * Math.max(any, least, SAME);
  if (alike && Math.abs(free.objective - nonnegative.objective) <= SAME * free.objective) return 'alike';
  return any <= least ? 'free' : 'nonnegative';
}

function meanOf({ weights, features, logits }: GeometryDistances): number | null {
  return weights === null || features === null || logits === null ? null : (weights + features + logits) / 3;
}
