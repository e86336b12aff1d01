/**
 * `measure` with a target for each sample: neural regression collapse, beside the prediction of the unconstrained-features model
 * for these targets.
 */
import type { Blas } from '../../../core/blas.js';
import { refuse, refuseShape } from '../../../core/errors.js';
import type { Matrix } from '../../../core/matrix.js';
import type { ArrayFile } from '../../../data/index.js';
import {
  classifierOf,
  gram,
  gramDistance,
  measureRegression,
  targetDirections,
  type About,
  type RegressionMeasurement,
  type TargetDirections,
} from '../../../metrics/index.js';
import { describeReduction, lambdaPerDecay, type Head } from '../../../model/index.js';
import { predictDirections, type PredictedDirections } from '../../../theory/index.js';
import type { TrainedWith } from '../posed.js';
import type { Reading } from '../roles.js';
import type { RegressionDirection, RegressionDocument } from './document.js';
import { openRegression, type TargetRows } from './reading.js';

export interface RegressionArguments extends TrainedWith {
  readonly file: ArrayFile;
  readonly names: Reading;
  /** q×N: a column a sample. */
  readonly targets: TargetRows;
  readonly blas: Blas;
}

export async function measureRegressionFile(args: RegressionArguments): Promise<RegressionDocument> {
  const { file, names, targets, blas } = args;
  refuseVariations(args);
  const { batches, T, head, notUsed } = await openRegression(file, names, targets);
  const [q, N] = [T.rows, T.cols];
  const about: About = head !== null && aboutOf(head, args) === 'origin' ? 'origin' : 'mean';
  const directions = targetDirections(T, about, blas);
  const classifier = head === null ? null : classifierOf(head, batches.dimension, q, blas);
  if (classifier !== null && classifier.exponent !== 0)
    refuse('head weights', 'a product between 2^-200 and 2^200', `2^${classifier.exponent}`);
  const product = classifier === null ? null : { P: classifier.P, bias: head?.bias ?? null };
  const measured = await measureRegression(batches, T, { head: product, directions, blas });
  const theory = theoryOf(args, head, measured, { directions, samples: N, outputs: q, blas });
  const rows = product === null ? null : gram(product.P, blas);
  return {
    ...{ file: file.name, samples: N, outputs: q, dimension: batches.dimension, about, notUsed },
    depth: head?.weights.length ?? null,
    nrc1: measured.nrc1,
    nrc2: measured.nrc2,
    nrc3: rows === null ? null : structure(rows, measured, directions, theory.predicted),
    explained: measured.explained,
    headRank: measured.headRank,
    squaredError: measured.squaredError,
    directions: besideTheory(measured, directions, theory.predicted, N),
    objective: head === null ? null : objectives(head, measured, theory),
    weightDecays: theory.decays?.weightDecays ?? null,
    featureDecay: theory.decays?.featureDecay ?? null,
    fittedFeatureDecay: theory.fitted,
    lossConvention: theory.convention,
    predictionNote: theory.note,
  };
}

/** NRC3 beside the predicted PPᵀ. */
function structure(
  rows: Matrix,
  { nrc3 }: RegressionMeasurement,
  directions: TargetDirections,
  predicted: PredictedDirections | null,
): RegressionDocument['nrc3'] {
  if (nrc3 === null) return null;
  const squares = predicted?.directions.map(({ solution }) => solution.weightSquare);
  return {
    ...nrc3,
    predicted: squares === undefined ? null : gramDistance(rows, directions, squares),
    predictedGamma: predicted?.gamma ?? null,
  };
}

/** What the theory of given targets does not cover is refused by name. */
function refuseVariations({ loss, bias, variations = {} }: RegressionArguments): void {
  const why = 'a target for each sample is measured under squared error alone';
  if (loss !== undefined && loss !== 'mse') refuse('loss', 'mse', loss, why);
  if (bias === 'decayed')
    refuse('bias', 'none or free', bias, 'of a decayed bias beside unequal targets no closed form is known');
  const given: readonly [string, boolean][] = [
    ['class-weights', variations.classWeights != null],
    ['label-smoothing', variations.labelSmoothing != null && variations.labelSmoothing !== 0],
    ['feature-sign', variations.featureSign === 'nonnegative'],
    ['logit-adjust', variations.logitAdjustment != null],
    ['bias-decay', variations.biasDecay != null],
  ];
  for (const [name, isGiven] of given)
    if (isGiven) refuse(name, 'to be left out beside a target for each sample', 'given', why);
}

function aboutOf({ bias }: Head, { bias: given }: TrainedWith): About {
  if (given !== undefined && (given === 'none') !== (bias === null))
    refuse('bias', bias === null ? 'none, as the head has no bias' : 'free, as the head has a bias', given);
  return bias === null ? 'origin' : 'mean';
}

interface Decays {
  readonly weightDecays: readonly number[];
  readonly featureDecay: number;
}

interface Theory {
  readonly predicted: PredictedDirections | null;
  readonly decays: Decays | null;
  readonly fitted: number | null;
  readonly convention: string | null;
  readonly note: string | null;
}

function theoryOf(
  trained: RegressionArguments,
  head: Head | null,
  measured: RegressionMeasurement,
  known: {
    readonly directions: TargetDirections;
    readonly samples: number;
    readonly outputs: number;
    readonly blas: Blas;
  },
): Theory {
  const { loss, weightDecays: wanted, featureDecay: requested, optimizer } = trained;
  const none = (note: string): Theory => ({
    ...{ predicted: null, decays: null, fitted: null, convention: null, note: `no prediction: ${note}` },
  });
  if (loss === undefined && wanted === undefined && requested === undefined)
    return none('it needs a loss, a weight decay and a feature decay');
  if (loss === undefined) refuse('loss', 'mse beside the decays', loss);
  if (optimizer === 'adamw') return none('AdamW decays weights beside the gradient and not through it');
  if (head === null) return none('the file holds no head weights');
  if (wanted === undefined) refuse('weight-decay', 'a value for the prediction', undefined);
  if (requested === undefined) refuse('feature-decay', 'a value for the prediction, or fit', undefined);
  const depth = head.weights.length;
  if (wanted.length !== 1 && wanted.length !== depth)
    refuseShape(
      'weight-decay',
      `one value, or one for each of the ${depth} layers of the head`,
      `${wanted.length} values`,
    );
  const reduction = trained.mseReduction ?? { kind: 'paper' };
  const factor = lambdaPerDecay(reduction, known.outputs);
  const weightDecays = head.weights.map((_, m) => (wanted.length === 1 ? wanted[0] : wanted[m]) * factor);
  const fitted = requested === 'fit' ? fittedDecay(head, measured, weightDecays, known.blas) : null;
  const featureDecay =
    fitted ?? (typeof requested === 'object' ? requested.lambda : Number(requested) * factor);
  const decays = { weightDecays, featureDecay };
  const predicted = predictDirections(known.directions.tau, {
    ...{ samples: known.samples, widths: head.weights.map(({ cols }) => cols), ...decays },
  });
  return { predicted, decays, fitted, convention: describeReduction(reduction, known.outputs), note: null };
}

/** λ_H = (Πλ)^{1/M} Σ s(P)^{2/M} / Σ‖h‖², features about their mean with a bias. */
function fittedDecay(
  head: Head,
  { featureSquares }: RegressionMeasurement,
  weightDecays: readonly number[],
  blas: Blas,
): number {
  const M = weightDecays.length;
  const { P } = classifierOf(head, head.weights[0].cols, head.weights[M - 1].rows, blas);
  const root = Math.exp(weightDecays.reduce((sum, decay) => sum + Math.log(decay), 0) / M);
  const power = blas.svd(P).s.reduce((sum, value) => sum + value ** (2 / M), 0);
  const value = (root * power) / featureSquares.about;
  if (!(value > 0 && value < Infinity))
    refuse('feature-decay fit', 'weights and features that are not zero', value, 'give it as a number');
  return value;
}

/** F of the network, beside the least. */
function objectives(
  { weights }: Head,
  { squaredError, featureSquares }: RegressionMeasurement,
  { predicted, decays }: Theory,
): RegressionDocument['objective'] {
  if (predicted === null || decays === null || squaredError === null) return null;
  let measured = squaredError / 2 + (decays.featureDecay / 2) * featureSquares.raw;
  weights.forEach(({ data }, m) => {
    measured += (decays.weightDecays[m] / 2) * data.reduce((total, value) => total + value * value, 0);
  });
  return { measured, predicted: predicted.objective };
}

function besideTheory(
  { directions: measured }: RegressionMeasurement,
  { tau }: TargetDirections,
  predicted: PredictedDirections | null,
  N: number,
): RegressionDirection[] {
  const total = tau.reduce((sum, value) => sum + value * value, 0);
  return Array.from(tau, (value, j) => {
    const theory = predicted?.directions[j] ?? null;
    return {
      variance: (value * value) / N,
      share: total > 0 ? (value * value) / total : null,
      weightNorm: measured?.[j].weightNorm ?? null,
      predictedWeightNorm: theory === null ? null : Math.sqrt(theory.solution.weightSquare),
      fit: measured?.[j].fit ?? null,
      predictedFit: theory === null || value === 0 ? null : theory.solution.fit,
      regime: theory?.solution.regime ?? null,
      maxWeightDecay: theory?.maxWeightDecay ?? null,
    };
  });
}
