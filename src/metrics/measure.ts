/**
 * Every measure of a snapshot at once: NC1 … NC4, CDNV, the frames, class by class, and the measured geometry.
 *
 * Nothing is hidden in a convention: the choice of the global mean is an option and is stated in the result, and both
 * weightings of Σ_B are reported. A number that does not exist (Σ_B = 0, one class, no head, …) is null.
 */
import type { Blas } from '../core/blas.js';
import { refuse, refuseShape } from '../core/errors.js';
import { shape, type Matrix } from '../core/matrix.js';
import {
  checkCounts,
  frameSize,
  type Geometry,
  type PredictedGeometry,
  type Snapshot,
} from '../model/index.js';
import { balancedness } from './balancedness.js';
import { betweenClass, type GlobalMean } from './betweenClass.js';
import { classifierOf } from './classifier.js';
import { nc1, type Nc1 } from './nc1.js';
import type { Nc2 } from './nc2.js';
import { dualities, type Nc3 } from './nc3.js';
import { scaledFrame, statisticsInRange, timesPowerOfTwo } from './exponents.js';
import { measurePairs, type MeasuredGeometry } from './pairs.js';

/** Every pair of classes is looked at: 8.6·10⁹ of them here, minutes. */
const MOST_CLASSES = 2 ** 17;

export interface MeasureOptions {
  readonly blas: Blas;
  /** What to compare the geometry with; the `predicted` distances are null without it. */
  readonly predicted?: PredictedGeometry | null | undefined;
  /** λ_1 … λ_M of the head, for the balancedness. */
  readonly weightDecays?: readonly number[] | undefined;
  /** h_G; by default the mean over all samples. */
  readonly globalMean?: GlobalMean | undefined;
}

/** One class, in the user's order. */
export interface ClassMeasure {
  readonly count: number;
  /** ‖p_k‖, the norm of row k of P; null without a head, and where it is beyond the largest number. */
  readonly weightNorm: number | null;
  /** ‖h̄_k‖, not centred. */
  readonly featureNorm: number;
  /** Share of its samples that the classifier names rightly; null where single samples are not at hand. */
  readonly accuracy: number | null;
}

/** What was meant by the global mean and by Σ_B. */
export interface Conventions {
  readonly globalMean: GlobalMean;
  /** Which Σ_B each measure is made with. */
  readonly betweenClass: {
    readonly pinv: 'unweighted';
    readonly pinvWeighted: 'weighted';
    readonly quotient: 'unweighted';
  };
}

export interface Measurement {
  /** N. */
  readonly samples: number;
  /** n_k. */
  readonly counts: readonly number[];
  /** d. */
  readonly dimension: number;
  /** M; null without a head. */
  readonly depth: number | null;
  /** Rank of Σ_B, at most K−1; see betweenClass.ts for the tolerance. */
  readonly rank: number;
  readonly conventions: Conventions;
  readonly nc1: Nc1;
  readonly cdnv: number | null;
  readonly nc2: Nc2;
  readonly nc3: Nc3;
  /** Share of samples where classifier (bias included) and nearest class mean agree; null where it is not known. */
  readonly nc4: number | null;
  readonly accuracy: number | null;
  /** For each pair of consecutive layers; null without a head or weight decays. */
  readonly balancedness: readonly (number | null)[] | null;
  readonly classes: readonly ClassMeasure[];
  readonly geometry: MeasuredGeometry;
  /** The same, each matrix up to a factor, where entries of `geometry` would leave the range of float64. */
  readonly upToScale: MeasuredGeometry;
}

/**
 * Measures a snapshot (means K×d). Throws InputErrors for shapes that do not fit, more than 131 072 classes, and a
 * prediction of another number of classes.
 */
export function measureSnapshot(snapshot: Snapshot, options: MeasureOptions): Measurement {
  const { head, agreement } = snapshot;
  const { blas } = options;
  const predicted = options.predicted ?? null;
  checkSnapshot(snapshot, predicted);
  const statistics = statisticsInRange(snapshot.statistics);
  const { counts, means, variances } = statistics;
  const [K, d] = [means.rows, means.cols];
  const globalMean = options.globalMean ?? 'samples';
  const classifier = head === null ? null : classifierOf(head, d, K, blas);
  const P = classifier === null ? null : classifier.P;

  const between = betweenClass(statistics, blas, globalMean);
  const exponents = { weights: classifier?.exponent ?? 0, features: statistics.exponent };
  const { measures, geometry } = measurePairs({
    means,
    centred: between.centred,
    centre: between.centre,
    P,
    variances,
    predicted,
    blas,
  });

  return {
    samples: counts.reduce((sum, n) => sum + n, 0),
    counts,
    dimension: d,
    depth: head === null ? null : head.weights.length,
    rank: between.rank,
    conventions: {
      globalMean,
      betweenClass: { pinv: 'unweighted', pinvWeighted: 'weighted', quotient: 'unweighted' },
    },
    nc1: nc1(statistics, between, blas),
    cdnv: measures.cdnv,
    nc2: { ...measures.angles, weights: measures.weights, features: measures.features },
    nc3: {
      ...measures.logits,
      ...(P === null
        ? { duality: null, dualityCentred: null, dualityPredicted: null }
        : dualities(P, means, between.centred, predicted?.duality ?? null, blas)),
    },
    nc4: agreement === null ? null : agreement.nc4,
    accuracy: agreement === null ? null : agreement.accuracy,
    balancedness:
      head === null || options.weightDecays === undefined
        ? null
        : balancedness(head.weights, options.weightDecays, blas),
    classes: counts.map((count, k) => ({
      count,
      weightNorm: P === null ? null : finiteNorm(P, k, exponents.weights),
      featureNorm: normOfMean(means, k, exponents.features),
      accuracy: agreement === null ? null : agreement.classAccuracy[k],
    })),
    geometry: multiplied(geometry, exponents),
    upToScale: geometry,
  };
}

/** The measured geometry as one to compare, or null where there was no head or the classes are too many to form it. */
export function measuredGeometry({ geometry }: Measurement): Geometry | null {
  const { weights, features, logits } = geometry;
  if (weights === null || logits === null) return null;
  return weights.kind === 'product' || features.kind === 'product' || logits.kind === 'product'
    ? null
    : { weights, features, logits };
}

function checkSnapshot({ statistics, agreement }: Snapshot, predicted: PredictedGeometry | null): void {
  const { counts, means, variances } = statistics;
  const K = means.rows;
  checkCounts(counts);
  if (K > MOST_CLASSES)
    refuse('measure', `at most ${MOST_CLASSES} classes, as every pair of them is compared`, K);
  if (counts.length !== K)
    refuseShape('class statistics', `${K} counts for means of ${shape(means)}`, `${counts.length}`);
  if (means.cols < 1) refuseShape('class statistics', 'at least one feature', shape(means));
  if (variances !== null && variances.length !== K)
    refuseShape('class statistics', `${K} variances`, `${variances.length}`);
  if (agreement !== null && agreement.classAccuracy.length !== K)
    refuseShape('agreement', `${K} accuracies`, `${agreement.classAccuracy.length}`);
  if (!means.data.every(Number.isFinite)) refuse('class means', 'finite numbers', 'NaN or Infinity');
  if (predicted !== null)
    for (const frame of [predicted.weights, predicted.features, predicted.logits, predicted.duality])
      if (frameSize(frame) !== K)
        refuseShape('predicted geometry', `frames of ${K} classes`, `one of ${frameSize(frame)}`);
}

/** Each matrix times the powers of two that its factors were divided by; ±Infinity or 0 where that is beyond float64. */
function multiplied(
  geometry: MeasuredGeometry,
  exponents: { readonly weights: number; readonly features: number },
): MeasuredGeometry {
  const [w, f] = [exponents.weights, exponents.features];
  if (w === 0 && f === 0) return geometry;
  const { weights, features, logits } = geometry;
  return {
    weights: weights === null ? null : scaledFrame(weights, w, w),
    features: scaledFrame(features, f, f),
    logits: logits === null ? null : scaledFrame(logits, w, f),
  };
}

/** ‖row i of A‖·2^e; null beyond the largest number. */
function finiteNorm(A: Matrix, i: number, e: number): number | null {
  const norm = timesPowerOfTwo(rowNorm(A, i), e);
  return norm === Infinity ? null : norm;
}

function normOfMean(means: Matrix, k: number, e: number): number {
  return (
    finiteNorm(means, k, e) ??
    refuse(
      'features',
      'class means of finite length',
      `a longer one for class ${k}`,
      'divide them all by a number',
    )
  );
}

function rowNorm(A: Matrix, i: number): number {
  const row = A.data.subarray(i * A.cols, (i + 1) * A.cols);
  let largest = 0;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  let sum = 0;
  for (const value of row) sum += (value / largest) ** 2;
  return largest * Math.sqrt(sum);
}
