/** The `--json` document of `measure`. */
import type {
  ClassVariances,
  Conventions,
  FittedDecay,
  FurtherMeasures,
  GlobalMean,
  MinorityAngles,
  Nc1,
  OutOfDistribution,
  TestMeasurement,
} from '../../metrics/index.js';
import type { MeasuredVerdict } from '../../judge/index.js';
import type { ClassComparison, LayerValues, MeasuresRecord, SeliDistances } from '../../runs/index.js';
import type { PredictionDocument, UniqueUpTo } from '../predict/document.js';
import type { SignedGeometries } from './signs.js';
import type { LogitsCheck } from './logitsCheck.js';

/** K×K matrices by rows. */

/** Null where there are no weights. */
export interface MeasuredGrams {
  readonly weights: readonly (readonly number[])[] | null;
  readonly features: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[] | null;
}

export interface MeasuredClass extends ClassComparison, ClassVariances {}

/**
 * The measures of one layer: of an array that was named, which has no head here, or of a deep head the features and z1 … zM, each
 * with the product above it, beside what theory has there (`predicted`; null where it says nothing).
 */
export interface LayerDocument extends Omit<LayerValues, 'nc1'> {
  readonly name: string;
  readonly dimension: number;
  readonly nc1: Nc1;
  readonly predicted: LayerValues | null;
}

/** Test samples about the means of training. */
export interface TestDocument extends TestMeasurement {
  readonly files: readonly string[];
}

export interface MeasureDocument extends MeasuresRecord, Omit<FurtherMeasures, 'classes' | 'singletons'> {
  readonly file: string;
  /** All files, where several are shards of one snapshot. */
  readonly files: readonly string[];
  readonly samples: number;
  /** n_k of the classes that have samples. */
  readonly counts: readonly number[];
  /** Their labels in the file. */
  readonly classLabels: readonly number[];
  /** The words of labels that are words, or names that were given, by class; null for numbers. */
  readonly classNames: readonly string[] | null;
  /** Labels of outputs, or between others, that no sample has: measured is what is there. */
  readonly absentClasses: readonly number[];
  /** Labels of classes with a single sample, which has no variance. */
  readonly singletons: readonly number[];
  /** How arrays were read where it was not by the documented names, each a sentence. */
  readonly notes: readonly string[];
  /** Arrays of the file that nothing was made of. */
  readonly notUsed: readonly string[];
  /** Head · features beside the stored logits, where the file has them. */
  readonly logitsCheck: LogitsCheck | null;
  readonly dimension: number;
  /** M; null without weights. */
  readonly depth: number | null;
  readonly rank: number;
  readonly conventions: Conventions & { readonly normalized: boolean; readonly globalMean: GlobalMean };
  readonly balancedness: readonly (number | null)[] | null;
  readonly classes: readonly MeasuredClass[];
  /** Measured K×K matrices by rows; null above the limit for dense matrices. Entries beyond the largest number are infinite, in JSON null. */
  readonly geometry: MeasuredGrams | null;
  /** Null without loss, decays and weights, or where this version has no theory: `predictionNote` says which. */
  readonly prediction: Omit<PredictionDocument, 'geometry'> | null;
  readonly predictionNote: string | null;
  /** Whether the predicted frame is the only one, or one of several that an exchange of classes turns into each other. */
  readonly uniqueUpTo: UniqueUpTo | null;
  /** With `--feature-decay fit`. */
  readonly fittedFeatureDecay: FittedDecay | null;
  /** With a prediction for MSE: which loss its decays belong to. */
  readonly lossConvention: string | null;
  readonly verdict: MeasuredVerdict | null;
  /** Features that are all at least 0 beside both predictions; null where some are below, above 100 classes, and without a prediction. */
  readonly geometries: SignedGeometries | null;
  /** Distances from the SELI frames (Thrampoulidis et al. 2022); for cross-entropy on unequal counts, else null. */
  readonly seli: SeliDistances | null;
  /** Angles among small and among large classes (Fang et al. 2021); null on equal counts. */
  readonly minority: MinorityAngles | null;
  readonly layers: readonly LayerDocument[];
  readonly test: TestDocument | null;
  /** NC5, of features of other data. */
  readonly outOfDistribution: OutOfDistribution | null;
}
