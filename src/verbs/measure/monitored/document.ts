/** The `--json` document of `measure` for a monitored run. */
import type { Conventions, Nc1, Nc2 } from '../../../metrics/index.js';
import type { MeasuredVerdict } from '../../../judge/index.js';
import type {
  ClassComparison,
  GramMatrices,
  LayerValues,
  MeasuresRecord,
  MonitoredEnd,
  MonitoredLayer,
  MonitorManifest,
} from '../../../runs/index.js';
import type { PredictionDocument } from '../../predict/document.js';
import type { HeadCheck } from './headCheck.js';
import type { TestRecord } from './testSamples.js';

/** One layer at one epoch. */
export interface LayerMeasures {
  readonly name: string;
  readonly place: MonitoredLayer['place'];
  readonly dimension: number;
  readonly pooling: string | null;
  readonly nc1: Nc1;
  readonly cdnv: number | null;
  readonly nc2: Nc2;
  readonly nc3: MeasuresRecord['nc3'];
  readonly nc4: number | null;
  /** Share of samples whose nearest class mean is their class. */
  readonly nccAccuracy: number;
  /** The measures at the predicted minimum; null where theory says nothing of this layer. */
  readonly predicted: LayerValues | null;
  /** Test samples about the training means of this layer; null without. */
  readonly test: Pick<TestRecord, 'nc1' | 'nc4' | 'nccAccuracy'> | null;
}

/** One epoch: the measures of its features on the training samples. */
export interface SeriesPoint extends MeasuresRecord {
  readonly epoch: number;
  readonly samples: number;
  readonly counts: readonly number[];
  readonly nccAccuracy: number;
  /** Share of samples whose class is among the five largest outputs; null where it was not counted. */
  readonly top5Accuracy: number | null;
  readonly rank: number;
  readonly balancedness: readonly (number | null)[] | null;
  /** Of the optimiser's first group. */
  readonly learningRate: number | null;
  readonly classes: readonly ClassComparison[];
  readonly layers: readonly LayerMeasures[];
  /** About the training means; null without test samples. */
  readonly test: TestRecord | null;
  /** What was not as it should be at this epoch. */
  readonly notes: readonly string[];
}

export interface MonitorDocument {
  readonly runDirectory: string;
  /** Of this measuring. */
  readonly status: 'finished' | 'interrupted';
  /** Whether training had; null where the folder is of a version that does not say. */
  readonly ended: boolean | null;
  /** How, and after which epoch; null where its folder does not say. */
  readonly end: MonitoredEnd | null;
  /** As the companion wrote it. */
  readonly network: MonitorManifest;
  readonly classLabels: readonly number[];
  readonly classNames: readonly string[] | null;
  readonly absentClasses: readonly number[];
  readonly dimension: number;
  /** The layer whose outputs count as the features. */
  readonly features: string;
  /** M. */
  readonly depth: number;
  readonly conventions: Conventions;
  /** Head · features + bias beside the network's own logits, at the last epoch. */
  readonly headCheck: HeadCheck;
  /** No number of the kept samples' features is negative, as after a ReLU. */
  readonly nonNegative: boolean;
  /** Epochs whose features were not finite, and which have no measures. */
  readonly notFinite: readonly number[];
  readonly series: readonly SeriesPoint[];
  /** One for all epochs; null where `predictionNote` says why. */
  readonly prediction: Omit<PredictionDocument, 'geometry'> | null;
  readonly predictionNote: string | null;
  /** λ_H of it where it was fitted, to which epoch, and smallest and largest over classes. */
  readonly fittedFeatureDecay: {
    readonly value: number;
    readonly epoch: number;
    readonly range: readonly [number, number];
  } | null;
  readonly lossConvention: string | null;
  /** Of the last epoch. */
  readonly verdict: MeasuredVerdict | null;
  /** Of the last epoch, up to 50 classes. */
  readonly geometry: { readonly measured: GramMatrices; readonly predicted: GramMatrices } | null;
  /** Where what the user says is not what the folder recorded, in sentences. */
  readonly contradictions: readonly string[];
  /** What else is to be said, in sentences. */
  readonly notes: readonly string[];
}
