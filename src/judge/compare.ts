/**
 * A measurement beside a prediction, class by class: fits, norms, and which classes live.
 */
import {
  forEachColumn,
  variationsOf,
  type MeasuredFrame,
  type PlainBias,
  type Problem,
  type Vitality,
} from '../model/index.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Measurement } from '../metrics/index.js';
import type { ClassComparison, MeasuresRecord } from '../runs/index.js';
import {
  ALIVE_AT_MOST,
  fitsAt,
  aliveAbove,
  lostUpTo,
  livesInTheory,
  type ClassPrediction,
  type Prediction,
} from '../theory/index.js';

/** NC1 … NC4 under the key names of the command line. */
export function measuresRecord({ nc1, cdnv, nc2, nc3, nc4, accuracy }: Measurement): MeasuresRecord {
  return { nc1, cdnv, nc2, nc3, nc4, accuracy };
}

/**
 * The measured fit of each class, (ZTᵀ)_kk/(TTᵀ)_kk with Z = PH: p_k·h̄_k without bias, p_k·(h̄_k − h_G)/(1 − n_k/N) with a
 * free one. Null without a head, for a single class with bias, whose target is zero, and where logits are beyond the largest number.
 */
export function measuredFits(measurement: Measurement, bias: PlainBias): (number | null)[] {
  const { counts, samples: N, geometry } = measurement;
  const { logits } = geometry;
  if (logits === null) return counts.map(() => null);
  const means = new Float64Array(counts.length);
  const diagonal = new Float64Array(counts.length);
  forEachColumn(logits, (column, j) => {
    diagonal[j] = column[j];
    if (bias === 'free') column.forEach((value, k) => (means[k] += (counts[j] / N) * value));
  });
  return counts.map((n, k) => {
    // With a free bias a single class leaves 0/0: nothing to fit.
    const fit = bias === 'none' ? diagonal[k] : (diagonal[k] - means[k]) / (1 - n / N);
    return Number.isFinite(fit) ? fit : null;
  });
}

/**
 * The same for cross-entropy: (p − p₀)/(1 − p₀), at least 0, with p the softmax probability of its class at the class mean
 * and p₀ that of the zero solution (1/K, or n_k/N with a free bias). Null without a head and for a single class.
 */
export function measuredCeFits(measurement: Measurement, bias: Float64Array | null): (number | null)[] {
  const { counts, samples: N, geometry } = measurement;
  const K = counts.length;
  const fits: (number | null)[] = counts.map(() => null);
  if (geometry.logits === null || K === 1) return fits;
  forEachColumn(geometry.logits, (column, k) => {
    const logit = (j: number) => column[j] + (bias === null ? 0 : bias[j]);
    let top = -Infinity;
    for (let j = 0; j < K; j++) top = Math.max(top, logit(j));
    let sum = 0;
    for (let j = 0; j < K; j++) sum += Math.exp(logit(j) - top);
    const p = Math.exp(logit(k) - top) / sum;
    const none = bias === null ? 1 / K : counts[k] / N;
    if (!Number.isNaN(p)) fits[k] = Math.max(0, (p - none) / (1 - none));
  });
  return fits;
}

/** The same for a problem with variations, by the definition that its prediction has; null without a head. */
function variedFits(
  { counts, geometry }: Measurement,
  problem: Problem,
  bias: Float64Array | null,
): (number | null)[] {
  return geometry.logits === null
    ? counts.map(() => null)
    : fitsAt(problem, formed(geometry.logits, counts.length), bias);
}

/** Z̄ (K×K) of a measured frame. */
function formed(frame: MeasuredFrame, K: number): Matrix {
  const Z = zeros(K, K);
  forEachColumn(frame, (column, k) => {
    for (let j = 0; j < K; j++) Z.data[j * K + k] = column[j];
  });
  return Z;
}

/** The measured fits of a problem's loss; `bias` is the head's. */
export function fitsOf(
  measurement: Measurement,
  problem: Problem,
  bias: Float64Array | null,
): (number | null)[] {
  if (variationsOf(problem).length > 0) return variedFits(measurement, problem, bias);
  return problem.loss === 'mse'
    ? measuredFits(measurement, problem.bias === 'none' ? 'none' : 'free')
    : measuredCeFits(measurement, bias);
}

/**
 * Measured beside predicted, in the user's order. `compared`: the measurement with its features centred, where that is what
 * is held against the prediction (`beside.ts`).
 */
export function compareClasses(
  measurement: Measurement,
  prediction: Prediction | null,
  fits: readonly (number | null)[],
  compared: Measurement = measurement,
): ClassComparison[] {
  return measurement.classes.map(({ count, weightNorm, featureNorm, accuracy }, k) => {
    const predicted = prediction?.classes[k];
    const fit = fits[k] ?? null;
    const comparedNorm = compared.classes[k].featureNorm;
    return {
      count,
      weightNorm,
      featureNorm,
      ...(compared === measurement ? {} : { centredFeatureNorm: comparedNorm }),
      fit,
      accuracy,
      predictedWeightNorm: predicted?.weightNorm ?? null,
      predictedFeatureNorm: predicted?.featureNorm ?? null,
      predictedFit: predicted?.fit ?? null,
      regime: predicted?.regime ?? null,
      measured:
        prediction === null
          ? null
          : vitality(fit, (weightNorm ?? Infinity) * comparedNorm, predicted, prediction.problem),
    };
  });
}

/** The predicted side alone: for a run whose end was not measured. */
export function predictedClasses({ classes }: Prediction): ClassComparison[] {
  return classes.map(({ count, weightNorm, featureNorm, fit, regime }) => ({
    count,
    weightNorm: null,
    featureNorm: null,
    fit: null,
    accuracy: null,
    predictedWeightNorm: weightNorm,
    predictedFeatureNorm: featureNorm,
    predictedFit: fit,
    regime,
    measured: null,
  }));
}

/**
 * `alive` above the yardstick of theory; `lost` where even ‖p‖·‖h̄‖, which bounds the class's own logit, is next to nothing (under
 * cross-entropy, whose logits have no target: at most 1, and next to nothing of the fit); null between the two, and where outputs
 * overshoot: neither.
 */
function vitality(
  fit: number | null,
  size: number,
  predicted: ClassPrediction | undefined,
  { loss, widths }: Problem,
): Vitality {
  if (fit === null || predicted === undefined) return null;
  const depth = widths.length;
  if (fit > aliveAbove(predicted, depth)) return fit <= ALIVE_AT_MOST ? 'alive' : null;
  const nothing = lostUpTo(predicted, depth);
  const lost = loss === 'mse' ? size <= nothing : size <= 1 && fit <= nothing;
  return lost ? 'lost' : null;
}

function lives({ regime, predictedFit }: ClassComparison): boolean {
  return livesInTheory(regime, predictedFit ?? 0);
}

/** Where measurement and theory agree and disagree on life and death; class numbers are labels: they start at 0. */
export interface Survival {
  readonly alive: readonly number[];
  readonly lostAsPredicted: readonly number[];
  /** Lost, though they live at the global minimum. */
  readonly lostUnpredicted: readonly number[];
  /** Alive, though they are zero at the global minimum. */
  readonly aliveUnpredicted: readonly number[];
  /** Those of `aliveUnpredicted` that sit at a local minimum theory knows of. */
  readonly metastable: readonly number[];
}

export function survival(classes: readonly ClassComparison[]): Survival {
  const where = (test: (compared: ClassComparison) => boolean) =>
    classes.flatMap((compared, k) => (compared.measured !== null && test(compared) ? [k] : []));
  return {
    alive: where((compared) => compared.measured === 'alive'),
    lostAsPredicted: where((compared) => compared.measured === 'lost' && !lives(compared)),
    lostUnpredicted: where((compared) => compared.measured === 'lost' && lives(compared)),
    aliveUnpredicted: where((compared) => compared.measured === 'alive' && !lives(compared)),
    metastable: where((compared) => compared.measured === 'alive' && compared.regime === 'metastable'),
  };
}

/** ‖h̄_k‖, or ‖h̄_k − h_G‖ where means are compared centred. */
export function comparedFeatureNorm({ featureNorm, centredFeatureNorm }: ClassComparison): number | null {
  return centredFeatureNorm ?? featureNorm;
}

/**
 * Largest relative difference of a measured norm from its prediction, over classes that live in both; Infinity where a row of P is
 * beyond the largest number, as its norm is null beside one of the features.
 */
export function worstNormError(classes: readonly ClassComparison[]): number | null {
  let worst: number | null = null;
  for (const compared of classes) {
    if (!lives(compared) || compared.measured === 'lost') continue;
    for (const [measured, predicted] of [
      [
        compared.weightNorm ?? (compared.featureNorm === null ? null : Infinity),
        compared.predictedWeightNorm,
      ],
      [comparedFeatureNorm(compared), compared.predictedFeatureNorm],
    ])
      if (measured !== null && predicted !== null && predicted > 0)
        worst = Math.max(worst ?? 0, Math.abs(measured - predicted) / predicted);
  }
  return worst;
}
