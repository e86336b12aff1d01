/**
 * A prediction as the `--json` document of `predict`: the key names of the command line, numbers or null throughout.
 */
import {
  depthOf,
  samplesOf,
  DENSE_LIMIT,
  frameRows,
  type Bias,
  type FrameName,
  type Loss,
  type Optimality,
  type Problem,
  type Regime,
  type Variations,
  variationFields,
  variationsOf,
} from '../../model/index.js';
import {
  type Alternative,
  type Certificate,
  type ClassPrediction,
  type Prediction,
  type SearchSummary,
  ceMergeDecays,
  growthTime,
  predictionNote,
} from '../../theory/index.js';

/** The plain problem, and the variations that it has. */
export interface ProblemDocument extends Partial<Variations> {
  readonly counts: readonly number[];
  readonly samples: number;
  readonly depth: number;
  readonly widths: readonly number[];
  readonly loss: Loss;
  readonly bias: Bias;
  readonly weightDecays: readonly number[];
  readonly featureDecay: number;
}

export interface ModeDocument {
  readonly target: number;
  readonly value: number;
  readonly b: number | null;
  readonly bGlobal: number;
  readonly bExist: number;
  readonly regime: Regime | null;
}

export interface ClassDocument {
  readonly count: number;
  readonly weightNorm: number;
  readonly featureNorm: number;
  readonly weightNormRange?: readonly [number, number];
  readonly featureNormRange?: readonly [number, number];
  readonly regime: Regime | null;
  readonly share: number;
  readonly fit: number;
  readonly margin: number | null;
  readonly separated: boolean | null;
  readonly maxWeightDecay: number | null;
  readonly maxTiedDecay: number | null;
  /** MSE, M = 1, no bias, λ_W = λ_H: the time of gradient flow in which a small class grows by e; left out elsewhere. */
  readonly growthTime?: number;
}

/** `diagonal`: the K diagonal entries; `dense`: K rows of K; `omitted`: dense and larger than the limit. */
export type GeometryDocument =
  | {
      readonly kind: 'diagonal';
      readonly weights: readonly number[];
      readonly features: readonly number[];
      readonly logits: readonly number[];
    }
  | {
      readonly kind: 'dense';
      readonly weights: readonly (readonly number[])[];
      readonly features: readonly (readonly number[])[];
      readonly logits: readonly (readonly number[])[];
    }
  | { readonly kind: 'omitted' };

/** Classes of one count, which are one class from a decay on (minority collapse). */
export interface MergingDocument {
  readonly count: number;
  readonly classes: number;
  /** √(λ_Wλ_H) from which their rows and means coincide: √n/N. */
  readonly from: number;
  readonly merged: boolean;
}

export interface PredictionDocument {
  readonly problem: ProblemDocument;
  readonly objective: number;
  readonly optimality: Optimality;
  /** True where a numeric solution was stopped early: it is the best so far. */
  readonly interrupted: boolean;
  /** Null where nothing proves it either way. */
  readonly unique: boolean | null;
  /** `exchange` where classes can be exchanged at the same objective, as far as is proved. */
  readonly uniqueUpTo: UniqueUpTo;
  readonly rank: number;
  readonly modes: readonly ModeDocument[];
  readonly classes: readonly ClassDocument[];
  readonly frame: FrameName;
  readonly bias: readonly number[] | null;
  readonly geometry: GeometryDocument;
  readonly certificate: Certificate | null;
  readonly alternatives: readonly Alternative[];
  /** Cross-entropy, one layer: counts that several classes share, and where these become one; null otherwise. */
  readonly merging: readonly MergingDocument[] | null;
  /** How far a numeric prediction was searched for; null where nothing had to be. */
  readonly search: SearchSummary | null;
  /** What the prediction means for a claim in the literature, in a sentence; null where there is nothing to say. */
  readonly note: string | null;
}

/** Up to what a prediction is proved to be the only one of its objective. */
export type UniqueUpTo = 'none' | 'exchange';

export function uniqueUpTo({ unique }: Prediction): UniqueUpTo {
  return unique === true ? 'none' : 'exchange';
}

export function problemDocument(problem: Problem): ProblemDocument {
  const { counts, widths, loss, bias, weightDecays, featureDecay } = problem;
  return {
    counts,
    samples: samplesOf(problem),
    depth: depthOf(problem),
    widths,
    loss,
    bias,
    weightDecays,
    featureDecay,
    ...variationFields(problem),
  };
}

export function predictionDocument(
  prediction: Prediction,
  limits: { bGlobal: number; bExist: number },
): PredictionDocument {
  const { problem, objective, optimality, interrupted, unique, rank, frame, certificate, alternatives } =
    prediction;
  const modes = prediction.levels.flatMap(({ solution, multiplicity }) => {
    const { target, value, b, regime } = solution;
    return new Array<ModeDocument>(multiplicity).fill({ target, value, b, ...limits, regime });
  });
  return {
    problem: problemDocument(problem),
    objective,
    optimality,
    interrupted,
    unique,
    uniqueUpTo: uniqueUpTo(prediction),
    rank,
    modes,
    classes: classDocuments(prediction),
    frame,
    bias: prediction.bias === null ? null : Array.from(prediction.bias),
    geometry: geometryDocument(prediction),
    certificate,
    alternatives,
    merging: mergingOf(problem),
    search: prediction.search,
    note: predictionNote(prediction),
  };
}

function mergingOf(problem: Problem): MergingDocument[] | null {
  if (problem.loss !== 'ce' || depthOf(problem) !== 1 || variationsOf(problem).length > 0) return null;
  const mu = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  const merges = ceMergeDecays(problem);
  const documents = new Map<number, MergingDocument>();
  problem.counts.forEach((count, k) => {
    const from = merges[k];
    if (from === null) return;
    const classes = (documents.get(count)?.classes ?? 0) + 1;
    documents.set(count, { count, classes, from, merged: mu >= from });
  });
  return [...documents.values()].sort((a, b) => b.count - a.count);
}

/** Classes that share their prediction, as those of one size do, share their document. */
function classDocuments({ classes, problem }: Prediction): ClassDocument[] {
  const documents = new Map<ClassPrediction, ClassDocument>();
  return classes.map((predicted, k) => {
    let document = documents.get(predicted);
    if (document === undefined) {
      const time = growthTime(problem, k);
      document = { ...classDocument(predicted), ...(time === null ? {} : { growthTime: time }) };
      documents.set(predicted, document);
    }
    return document;
  });
}

function classDocument({ weightNormRange, featureNormRange, ...rest }: ClassPrediction): ClassDocument {
  return {
    ...rest,
    ...(weightNormRange === null ? {} : { weightNormRange }),
    ...(featureNormRange === null ? {} : { featureNormRange }),
  };
}

function geometryDocument({ problem, geometry }: Prediction): GeometryDocument {
  // Without bias and with one-hot targets the matrices of MSE are diagonal; others are dense, and beyond the limit not even formed.
  const diagonal =
    problem.loss === 'mse' &&
    problem.bias === 'none' &&
    problem.targets === null &&
    problem.labelSmoothing === 0;
  if (!diagonal && problem.counts.length > DENSE_LIMIT) return { kind: 'omitted' };
  const { weights, features, logits } = geometry();
  if (weights.kind === 'diagonal' && features.kind === 'diagonal' && logits.kind === 'diagonal')
    return {
      kind: 'diagonal',
      weights: Array.from(weights.entries),
      features: Array.from(features.entries),
      logits: Array.from(logits.entries),
    };
  return {
    kind: 'dense',
    weights: frameRows(weights),
    features: frameRows(features),
    logits: frameRows(logits),
  };
}
