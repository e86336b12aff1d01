/**
 * `measure`: how collapsed a real network is, next to what theory predicts for its counts, widths and decays.
 */
import type { Blas } from '../../core/blas.js';
import { InputError, refuse, refuseShape } from '../../core/errors.js';
import { hostOf, type Host } from '../../core/host.js';
import type { ArrayFile } from '../../data/index.js';
import {
  classifierOf,
  measuredGeometry,
  type Classifier,
  measureFeatures,
  type Conventions,
  type Measurement,
  type MinorityAngles,
  effectiveFeatureDecay,
  type FittedDecay,
} from '../../metrics/index.js';
import {
  createProblem,
  outputsOf,
  type Bias,
  type Head,
  type Loss,
  type Problem,
  type Snapshot,
  type VariationInput,
  DENSE_LIMIT,
  frameRows,
} from '../../model/index.js';
import type { ClassComparison, GramMatrices, MeasuresRecord, SeliDistances } from '../../runs/index.js';
import type { CeProgress, Prediction } from '../../theory/index.js';
import { openFeatureFile } from './featureFile.js';
import type { ArrayNames } from './roles.js';
import { judgeBeside } from './judged.js';
import { documentOf, predictInSlices } from '../predict/predict.js';
import { type PredictionDocument } from '../predict/document.js';
import {
  anglesOf,
  seliDistances,
  compareClasses,
  measuresRecord,
  type MeasuredVerdict,
} from '../../judge/index.js';

export interface MeasureArguments {
  readonly file: ArrayFile;
  readonly names: ArrayNames;
  readonly loss?: Loss | undefined;
  /** Of the last layer; where it is not given, a bias in the file was free. */
  readonly bias?: Bias | undefined;
  /** What the training had besides. */
  readonly variations?: VariationInput | undefined;
  /** λ_1 … λ_M, or one for all. */
  readonly weightDecays?: readonly number[] | undefined;
  /** λ_H; `fit` estimates it from the measured balance between P and H̄. */
  readonly featureDecay?: number | 'fit' | undefined;
  readonly blas: Blas;
  /** Reports rows as they are read, then a prediction that is solved numerically; stopped, that is the best so far. */
  readonly host?: Host<MeasureProgress> | undefined;
}

/** Rows read so far, of two passes over all; or where the solver is. */
export type MeasureProgress =
  { readonly phase: 'read'; readonly done: number; readonly total: number } | CeProgress;

export interface MeasureDocument extends MeasuresRecord {
  readonly file: string;
  readonly samples: number;
  /** n_k of the classes that have samples. */
  readonly counts: readonly number[];
  /** Their labels in the file. */
  readonly classLabels: readonly number[];
  /** The words of labels that are words, by class; null for numbers. */
  readonly classNames: readonly string[] | null;
  /** Labels of outputs, or between others, that no sample has: measured is what is there. */
  readonly absentClasses: readonly number[];
  /** How arrays were read where it was not by the documented names, each a sentence. */
  readonly notes: readonly string[];
  /** Arrays of the file that nothing was made of. */
  readonly notUsed: readonly string[];
  readonly dimension: number;
  /** M; null without weights. */
  readonly depth: number | null;
  readonly rank: number;
  readonly conventions: Conventions;
  readonly balancedness: readonly (number | null)[] | null;
  readonly classes: readonly ClassComparison[];
  /** Measured K×K matrices by rows; null without weights or above the limit for dense matrices. Entries beyond the largest number are infinite, in JSON null. */
  readonly geometry: GramMatrices | null;
  /** Null without loss, decays and weights, or where this version has no theory: `predictionNote` says which. */
  readonly prediction: Omit<PredictionDocument, 'geometry'> | null;
  readonly predictionNote: string | null;
  /** With `--feature-decay fit`. */
  readonly fittedFeatureDecay: FittedDecay | null;
  /** With a prediction for MSE: which loss its decays belong to. */
  readonly lossConvention: string | null;
  readonly verdict: MeasuredVerdict | null;
  /** Distances from the SELI frames (Thrampoulidis et al. 2022); for cross-entropy on unequal counts, else null. */
  readonly seli: SeliDistances | null;
  /** Angles among small and among large classes (Fang et al. 2021); null on equal counts. */
  readonly minority: MinorityAngles | null;
}

export async function measure(args: MeasureArguments): Promise<MeasureDocument> {
  try {
    return await measureFile(args);
  } catch (error) {
    // What is wrong with the numbers of a file is said with the file's name.
    if (
      !(error instanceof InputError) ||
      !/^(features|labels|dimension|class means|class statistics)/.test(error.where)
    )
      throw error;
    throw new InputError(
      error.code,
      `${args.file.name}: ${error.where}`,
      error.requirement,
      error.got,
      error.hint,
      error.argument,
    );
  }
}

async function measureFile(args: MeasureArguments): Promise<MeasureDocument> {
  const { file, blas } = args;
  const host = hostOf(args.host);
  const opened = await openFeatureFile(file, args.names);
  const { snapshot, measurement: bare } = await measureFeatures(opened.batches, {
    blas,
    head: opened.head,
    all: opened.all,
    classes: opened.counts.length,
    onProgress: (done, total) => host.onProgress({ phase: 'read', done, total }),
  });
  const posed = problemAsked(args, snapshot, opened.head === null ? [] : opened.absentClasses);
  const { problem, note, fitted } = posed;
  const judged =
    problem === null
      ? null
      : await judgeBeside({
          ...{ problem, snapshot, measured: bare, blas },
          predict: (from) => predictInSlices(problem, blas, { from, host }),
        });
  const prediction = judged?.prediction ?? null;
  const measurement = judged?.measurement ?? bare;
  const classes = judged?.classes ?? compareClasses(bare, null, []);
  const { samples, counts, dimension, depth, rank, conventions, balancedness } = measurement;
  return {
    file: file.name,
    samples,
    counts,
    classLabels: opened.classLabels,
    classNames: opened.classNames,
    absentClasses: opened.absentClasses,
    notes: opened.notes,
    notUsed: opened.notUsed,
    dimension,
    depth,
    rank,
    conventions,
    ...measuresRecord(measurement),
    balancedness,
    classes,
    geometry: gramsOf(measurement),
    prediction: prediction === null ? null : withoutGeometry(prediction),
    predictionNote:
      prediction?.interrupted === true ? 'the prediction was interrupted: it is the best so far' : note,
    fittedFeatureDecay: fitted,
    lossConvention: problem?.loss === 'mse' ? mseConvention(counts.length) : null,
    verdict: judged?.verdict ?? null,
    seli:
      args.loss === 'ce'
        ? seliDistances(measurement, opened.head?.bias == null ? 'none' : 'free', blas)
        : null,
    minority: withLabels(anglesOf(measurement), opened.classLabels),
  };
}

function problemAsked(
  args: MeasureArguments,
  { statistics, head }: Snapshot,
  absent: readonly number[],
): { problem: Problem | null; note: string | null; fitted: FittedDecay | null } {
  const { loss, weightDecays, featureDecay } = args;
  const none = (note: string) => ({ problem: null, note, fitted: null });
  if (loss === undefined && weightDecays === undefined && featureDecay === undefined)
    return none('no prediction: it needs a loss, a weight decay and a feature decay');
  if (loss === undefined) refuse('loss', 'mse or ce beside the decays', loss);
  if (head === null) return none('no prediction: the file holds no head weights');
  if (absent.length > 0)
    return none('no prediction: theory needs samples of every output of the head, as in training');
  // What a user typed is checked even where no prediction follows from it.
  const depth = head.weights.length;
  if (weightDecays !== undefined && weightDecays.length !== 1 && weightDecays.length !== depth)
    refuseShape(
      'weight-decay',
      `one value, or one for each of the ${depth} layers of the head`,
      `${weightDecays.length} values`,
    );
  const fitted =
    featureDecay === 'fit'
      ? fit(
          statistics,
          classifierOf(head, statistics.means.cols, statistics.counts.length, args.blas),
          weightDecays,
          depth,
          // Only a free bias makes an offset of the features a matter of indifference.
          args.bias === 'decayed' || args.variations?.featureSign === 'nonnegative'
            ? 'as they are'
            : 'by the bias',
          args.blas,
        )
      : null;
  const decay = featureDecay === 'fit' ? fitted?.value : featureDecay;
  if (weightDecays === undefined || decay === undefined) {
    return refuse(
      weightDecays === undefined ? 'weight-decay' : 'feature-decay',
      'a value for the prediction',
      undefined,
      'give it, or leave out the loss for the measures alone',
    );
  }
  const problem = createProblem({
    counts: statistics.counts,
    depth,
    widths: head.weights.map((W) => W.cols),
    loss,
    bias: biasOf(head, args.bias),
    ...args.variations,
    weightDecays,
    featureDecay: decay,
  });
  if (outputsOf(problem) !== problem.counts.length)
    refuse(
      'measure: targets',
      `as many rows as there are classes, ${problem.counts.length}`,
      outputsOf(problem),
    );
  return { problem, note: null, fitted };
}

/** What a user says of the bias must fit the file. */
function biasOf({ bias }: Head, given: Bias | undefined): Bias {
  if (given !== undefined && (given === 'none') !== (bias === null))
    refuse(
      'bias',
      bias === null ? 'none, as the head has no bias' : 'free or decayed, as the head has a bias',
      given,
    );
  return given ?? (bias === null ? 'none' : 'free');
}

function fit(
  statistics: Snapshot['statistics'],
  { P, exponent, bias }: Classifier,
  weightDecays: readonly number[] | undefined,
  depth: number,
  centre: 'by the bias' | 'as they are',
  blas: Blas,
): FittedDecay {
  if (weightDecays === undefined) refuse('feature-decay fit', 'a weight decay to balance against', undefined);
  const decays = weightDecays.length === 1 ? new Array<number>(depth).fill(weightDecays[0]) : weightDecays;
  return effectiveFeatureDecay({
    means: statistics.means,
    counts: statistics.counts,
    P,
    weightDecays: decays,
    bias: bias === null || centre === 'as they are' ? 'none' : 'free',
    blas,
    exponents: { features: statistics.exponent ?? 0, weights: exponent },
  });
}

/** Groups of classes by their labels in the file. */
function withLabels(angles: MinorityAngles | null, labels: readonly number[]): MinorityAngles | null {
  if (angles === null) return null;
  const relabelled = (group: MinorityAngles['minority']) => ({
    ...group,
    classes: group.classes.map((k) => labels[k]),
  });
  return { minority: relabelled(angles.minority), majority: relabelled(angles.majority) };
}

/** What λ means under MSE: another loss than PyTorch's by a factor. */
function mseConvention(K: number): string {
  return `λ belongs to the loss 1/(2N)·Σ‖·‖²: nn.MSELoss() with weight_decay wd is λ = wd·K/2 (here ${K / 2}·wd)`;
}

function gramsOf(measurement: Measurement): GramMatrices | null {
  const formed = measuredGeometry(measurement);
  if (formed === null || measurement.counts.length > DENSE_LIMIT) return null;
  const { weights, features, logits } = formed;
  return { weights: frameRows(weights), features: frameRows(features), logits: frameRows(logits) };
}

function withoutGeometry(prediction: Prediction): Omit<PredictionDocument, 'geometry'> {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  const { geometry, ...rest } = documentOf(prediction);
  return rest;
}
