/**
 * What a run leaves behind: one record per measurement, and a summary when it stops. Both are plain JSON.
 */
import type {
  Bias,
  FrameName,
  Loss,
  Optimality,
  Regime,
  SolutionKind,
  Survival,
  Variations,
  Vitality,
} from '../model/index.js';

/** Per-class series in records: for up to this many classes. */
export const SERIES_LIMIT = 100;

/** Gram matrices in summaries: for up to this many classes. */
export const GRAM_LIMIT = 50;

/** Of what a summary holds: 1 is the first that says its kind. */
export const SUMMARY_SCHEMA = 1;

/** A number that exists, or null. */
export type Maybe = number | null;

export interface FrameDistancesRecord {
  readonly orthogonal: Maybe;
  readonly etf: Maybe;
  readonly predicted: Maybe;
}

/** NC1 … NC4 under the key names of the command line. */
export interface MeasuresRecord {
  readonly nc1: { readonly pinv: Maybe; readonly pinvWeighted: Maybe; readonly quotient: Maybe };
  readonly cdnv: Maybe;
  readonly nc2: {
    readonly equinorm: Maybe;
    readonly equiangular: Maybe;
    readonly cosineMean: Maybe;
    readonly cosineSd: Maybe;
    readonly weights: FrameDistancesRecord;
    readonly features: FrameDistancesRecord;
  };
  readonly nc3: FrameDistancesRecord & {
    readonly duality: Maybe;
    readonly dualityCentred: Maybe;
    readonly dualityPredicted: Maybe;
  };
  readonly nc4: Maybe;
  readonly accuracy: Maybe;
}

/** One line of `records.jsonl`, taken before the update of its step. */
export interface TrainRecord extends MeasuresRecord {
  readonly step: number;
  readonly objective: Maybe;
  /** Per class, in the user's order; left out above `SERIES_LIMIT` classes. */
  readonly weightNorms?: readonly (number | null)[];
  readonly featureNorms?: readonly number[];
  readonly fits?: readonly number[];
  /** Seconds of training so far: a wall-clock field, not reproduced by a resumed run. */
  readonly seconds: number;
  /** Of the unconstrained-features model: the features and every layer of the head, up to `DENSE_LIMIT` classes. */
  readonly layers?: readonly LayerRecord[];
  /** Only for networks. */
  readonly network?: NetworkRecord;
}

/** What a network's record says beside the measures, which are those of its features on the training set. */
export interface NetworkRecord {
  readonly epoch: number;
  /** Of the steps of the epoch before, in training mode: their mean loss, in the network's own scale; null at the start. */
  readonly trainingLoss: Maybe;
  /** Null where it is not known. */
  readonly learningRate: Maybe;
  /** Share of test samples that are named rightly; null without a test set. */
  readonly testAccuracy: Maybe;
  /** Share of training samples whose class is among the five largest outputs, and of test samples; left out of five classes or fewer. */
  readonly top5Accuracy?: Maybe;
  readonly testTop5Accuracy?: Maybe;
  /** λ_H in force, or as fitted to this state; null where it could not be fitted. */
  readonly featureDecay: Maybe;
  /** Collapse through depth: backbone layers that were asked for, then every layer of the head. */
  readonly layers: readonly LayerRecord[];
}

/** What is measured of one layer, and what those measures are at the predicted minimum. */
export interface LayerValues extends Pick<MeasuresRecord, 'cdnv' | 'nc2' | 'nc3'> {
  readonly nc1: { readonly pinv: Maybe; readonly quotient: Maybe };
}

/**
 * The collapse of one layer: `nc2.features` of its outputs, `nc2.weights` of the product W_M … W_{m+1} above it, `nc3` between
 * the two; `predicted` distances are from the frames that theory has at this layer. Versions before had NC1 and CDNV alone.
 */
export interface LayerRecord
  extends Pick<LayerValues, 'nc1' | 'cdnv'>, Partial<Pick<LayerValues, 'nc2' | 'nc3'>> {
  readonly name: string;
  readonly place: 'backbone' | 'features' | 'head';
  /** The same measures at the predicted minimum; in summaries and documents, null where theory says nothing. */
  readonly predicted?: LayerValues | null;
}

/** The layers that were measured, of either kind of run. */
export function layersOfRecord({
  layers,
  network,
}: Pick<TrainRecord, 'layers' | 'network'>): readonly LayerRecord[] {
  return layers ?? network?.layers ?? [];
}

/** How a run ended. */
export const RUN_STATUSES = ['finished', 'converged', 'stalled', 'diverged', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A class as measured beside what theory says of it. */
export interface ClassComparison {
  readonly count: number;
  readonly weightNorm: Maybe;
  readonly featureNorm: Maybe;
  /** ‖h̄_k − h_G‖, where that is what is held against theory: with a free bias. */
  readonly centredFeatureNorm?: Maybe;
  readonly fit: Maybe;
  readonly accuracy: Maybe;
  readonly predictedWeightNorm: Maybe;
  readonly predictedFeatureNorm: Maybe;
  readonly predictedFit: Maybe;
  readonly regime: Regime | null;
  readonly measured: Vitality;
}

/** Distances from the SELI frames (Thrampoulidis et al. 2022). */
export interface SeliDistances {
  readonly weights: Maybe;
  readonly features: Maybe;
  readonly logits: Maybe;
}

/** Mean angles between the directions of the classes of a group (Fang et al. 2021). */
export interface AnglesRecord {
  readonly classes: readonly number[];
  readonly weights: Maybe;
  readonly features: Maybe;
}

/** The K×K matrices by rows. */
export interface GramMatrices {
  readonly weights: readonly (readonly number[])[];
  readonly features: readonly (readonly number[])[];
  readonly logits: readonly (readonly number[])[];
}

/** How a run that diverged did so. */
export interface Divergence {
  readonly step: number;
  readonly objective: Maybe;
  /** Null for a network: none is known. */
  readonly stableLearningRate: Maybe;
  /** Steps from the same start that were run at that rate. Left out by older versions, null without a rate. */
  readonly confirmedSteps?: Maybe;
  /** Of a network: the mean loss of the epoch, where it had grown too far but is a finite number. */
  readonly loss?: Maybe;
}

/** What theory says of the problem of a run. */
export interface PredictionRecord {
  readonly objective: number;
  readonly optimality: Optimality;
  readonly unique: boolean | null;
  readonly rank: number;
  readonly frame: FrameName;
  readonly certificate: {
    readonly lowerBound: number;
    readonly gap: number;
    readonly relativeGap: number;
  } | null;
  readonly alternatives: readonly {
    readonly kind: SolutionKind;
    readonly name: string;
    readonly objective: number;
  }[];
  /** What the prediction means for a claim in the literature; null where there is nothing to say. */
  readonly note: string | null;
}

/** The problem that theory was asked about, with the variations that it has. */
export interface ProblemRecord<FeatureDecay extends Maybe> extends Partial<Variations> {
  readonly counts: readonly number[];
  readonly depth: number;
  readonly widths: readonly number[];
  readonly loss: Loss;
  readonly bias: Bias;
  readonly weightDecays: readonly number[];
  readonly featureDecay: FeatureDecay;
}

/** Whether theory held, in one plain sentence; `held` is null where the run does not let one say. */
export interface VerdictRecord {
  readonly held: boolean | null;
  readonly sentence: string;
}

/** What the summaries of both kinds of run hold. */
export interface SummaryBase extends MeasuresRecord {
  readonly schema: typeof SUMMARY_SCHEMA;
  readonly collapsar: string;
  /** The command line that made the run. */
  readonly command: string;
  readonly status: RunStatus;
  readonly step: number;
  readonly objective: Maybe;
  /** The step of the measures and classes below: that of the last good state, for a run that diverged. */
  readonly measuredAtStep: number;
  readonly seconds: number;
  readonly stepsPerSecond: Maybe;
  readonly blas: { readonly name: string; readonly threads: number | null };
  /** For cross-entropy on unequal counts, else null. */
  readonly seli: SeliDistances | null;
  /** Mean angles in degrees among small and among large classes; null on equal counts. */
  readonly minority: { readonly minority: AnglesRecord; readonly majority: AnglesRecord } | null;
  readonly classes: readonly ClassComparison[];
  /** Null above `GRAM_LIMIT` classes. */
  readonly geometry: { readonly measured: GramMatrices; readonly predicted: GramMatrices } | null;
  readonly verdict: VerdictRecord;
  /** Only for `diverged`. */
  readonly divergence?: Divergence;
}

/** `summary.json` of the unconstrained-features model: theory always says something. */
export interface UfmSummary extends SummaryBase {
  readonly kind: 'ufm';
  readonly problem: ProblemRecord<number>;
  readonly prediction: PredictionRecord;
  /** The features and z1 … zM beside theory. Left out by older versions, and for many classes. */
  readonly layers?: readonly LayerRecord[];
  /** How it was trained, and from where. Left out by older versions. */
  readonly training?: {
    readonly optimizer:
      | { readonly name: 'sgd'; readonly learningRate: number; readonly momentum: number }
      | { readonly name: 'lbfgs'; readonly memory: number; readonly tolerance: number };
    readonly init: { readonly std: number; readonly seed: number } | { readonly file: string };
  };
}

/** `summary.json` of a network: its spec says how it was trained. */
export interface NetworkSummary extends SummaryBase {
  readonly kind: 'network';
  /** The decays are the effective ones, in theory's units; no λ_H where none could be fitted. */
  readonly problem: ProblemRecord<Maybe>;
  /** Null where theory says nothing: a decay of zero. */
  readonly prediction: PredictionRecord | null;
  readonly network: NetworkDetails;
}

/** `summary.json`. */
export type RunSummary = UfmSummary | NetworkSummary;

/** Up to which weight decay of everything each class should be learned, in the units of the spec. */
export interface SurvivalRecord {
  readonly weightDecay: number;
  /** Every layer with weights. */
  readonly weightLayers: number;
  readonly classes: readonly {
    readonly estimate: Maybe;
    /** Learned below `low`, lost above `high`. */
    readonly low: Maybe;
    readonly high: Maybe;
    readonly atDecay: Survival | null;
  }[];
}

/** What a network's summary says of its training. */
export interface NetworkDetails {
  /** As in the spec: name and sizes. */
  readonly architecture: Readonly<Record<string, string | number | boolean>>;
  readonly parameters: number;
  readonly data: {
    readonly set: string;
    /** SHA-256 of the unpacked files. */
    readonly checksum: string;
    readonly classNames: readonly string[];
    readonly testSamples: number;
    /** Files of the published set were missing. Left out by older versions, as the next. */
    readonly incomplete?: boolean;
    /** What of the set is missing, and classes that are unequal although nobody asked for it, in sentences. */
    readonly notes?: readonly string[];
  };
  readonly epoch: number;
  readonly batch: number;
  readonly imagesPerSecond: Maybe;
  /** Threads of the engine. */
  readonly threads: Maybe;
  readonly testAccuracy: Maybe;
  readonly testClassAccuracy: readonly Maybe[] | null;
  /** As in the records; left out of five classes or fewer, and by older versions. */
  readonly top5Accuracy?: Maybe;
  readonly testTop5Accuracy?: Maybe;
  /** Where λ_H of the prediction comes from: the setting itself, or one number fitted to the balance between P and H̄. */
  readonly featureDecay: {
    readonly source: 'exact' | 'fitted';
    /** Smallest and largest over the classes that carry the balance; null where it is exact. */
    readonly range: readonly [number, number] | null;
  };
  /** Parts of the objective in the network's own scale. */
  readonly objective: Readonly<Record<'data' | 'head' | 'features' | 'backbone' | 'bias' | 'total', number>>;
  readonly layers: readonly LayerRecord[];
  /** For one decay of everything, where something can be said; left out by older versions, as the next. */
  readonly survival?: SurvivalRecord | null;
  /** Why nothing is said of a network with one decay of everything; null where something is, and for other decays. */
  readonly survivalNote?: string | null;
}
