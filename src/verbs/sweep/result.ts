/** From what was trained, predicted or measured to what a sweep keeps of a point. */
import type {
  ClassComparison,
  MeasuredPoint,
  MeasuresRecord,
  PointResult,
  PredictedClass,
  RunSummary,
} from '../../runs/index.js';
import { livesInTheory, type Prediction } from '../../theory/index.js';
import type { MeasureDocument } from '../measure/document.js';

/** Of a run of ours. */
export function resultOfRun(point: number, summary: RunSummary, seconds: number): PointResult {
  const { status, step, objective, classes, prediction, problem } = summary;
  return {
    ...{ point, status, step, counts: problem.counts, featureDecay: problem.featureDecay },
    predicted: predictedPoint(prediction, classes),
    measured:
      status === 'diverged'
        ? null
        : measuredPoint(summary, classes, {
            objective,
            ...accuraciesOf(summary),
          }),
    failure: status === 'diverged' || status === 'stalled' ? summary.verdict.sentence : null,
    seconds,
  };
}

/** Of the network's own outputs, of samples and test images; the unconstrained-features model counts no places and has no test. */
function accuraciesOf(
  summary: RunSummary,
): Pick<MeasuredPoint, 'testAccuracy' | 'top5Accuracy' | 'testTop5Accuracy'> {
  if (summary.kind !== 'network') return { testAccuracy: null, top5Accuracy: null, testTop5Accuracy: null };
  const { testAccuracy, top5Accuracy = null, testTop5Accuracy = null } = summary.network;
  return { testAccuracy, top5Accuracy, testTop5Accuracy };
}

/** Of theory alone. */
export function resultOfPrediction(point: number, prediction: Prediction, seconds: number): PointResult {
  const { problem, objective, optimality, rank, frame, classes } = prediction;
  return {
    ...{ point, status: 'predicted', step: null, counts: problem.counts, measured: null, failure: null },
    featureDecay: problem.featureDecay,
    predicted: {
      ...{ objective, optimality, rank, frame },
      classes: classes.map(({ weightNorm, featureNorm, fit, regime }) => ({
        ...{ weightNorm, featureNorm, fit, regime },
        lives: livesInTheory(regime, fit),
      })),
    },
    seconds,
  };
}

export interface LeftByCommand {
  readonly document: MeasureDocument;
  /** Why there is no prediction although one was asked for; null where there is one, or none was. */
  readonly unpredicted: string | null;
}

/** Of what a command left. */
export function resultOfMeasurement(
  point: number,
  { document, unpredicted }: LeftByCommand,
  seconds: number,
): PointResult {
  const { counts, classes, prediction, top5Accuracy, test } = document;
  return {
    ...{ point, status: 'measured', step: null, counts, failure: unpredicted },
    featureDecay: prediction?.problem.featureDecay ?? null,
    predicted: predictedPoint(prediction, classes),
    measured: measuredPoint(document, classes, {
      objective: null,
      testAccuracy: test?.accuracy ?? null,
      ...{ top5Accuracy, testTop5Accuracy: test?.top5Accuracy ?? null },
    }),
    seconds,
  };
}

type PredictedPoint = NonNullable<PointResult['predicted']>;

function predictedPoint(
  prediction: Omit<PredictedPoint, 'classes'> | null,
  classes: readonly ClassComparison[],
): PredictedPoint | null {
  if (prediction === null) return null;
  const { objective, optimality, rank, frame } = prediction;
  return { objective, optimality, rank, frame, classes: classes.flatMap(predictedClass) };
}

export function failedResult(point: number, failure: string, seconds: number): PointResult {
  return {
    ...{ point, status: 'failed', step: null, counts: [], featureDecay: null },
    ...{ predicted: null, measured: null, failure, seconds },
  };
}

function predictedClass(given: ClassComparison): PredictedClass[] {
  const { predictedWeightNorm, predictedFeatureNorm, predictedFit, regime } = given;
  if (predictedWeightNorm === null || predictedFeatureNorm === null || predictedFit === null) return [];
  return [
    {
      weightNorm: predictedWeightNorm,
      featureNorm: predictedFeatureNorm,
      fit: predictedFit,
      regime,
      lives: livesInTheory(regime, predictedFit),
    },
  ];
}

function measuredPoint(
  { nc1, cdnv, nc2, nc3, nc4, accuracy }: MeasuresRecord,
  classes: readonly ClassComparison[],
  rest: Pick<MeasuredPoint, 'objective' | 'testAccuracy' | 'top5Accuracy' | 'testTop5Accuracy'>,
): MeasuredPoint {
  const nothing = haveVanished(classes);
  return {
    ...rest,
    ...{ nc1: nothing ? null : nc1Of(nc1.pinv), cdnv: nothing ? null : cdnv, nc4, accuracy },
    nc2Weights: nothing ? null : nc2.weights.predicted,
    nc2Features: nothing ? null : nc2.features.predicted,
    nc3: nothing ? null : nc3.predicted,
    classes: classes.map(
      ({ weightNorm, featureNorm, centredFeatureNorm, fit, accuracy: right, measured }) => ({
        ...{ weightNorm, fit, accuracy: right, state: measured },
        featureNorm: centredFeatureNorm ?? featureNorm,
      }),
    ),
  };
}

/** Up to here ‖p_k‖·‖h̄_k‖, which bounds a class's own output, is rounding beside a target of 1. */
const NOTHING = Math.sqrt(Number.EPSILON);

/** Whether every class is lost and what is left of its outputs is rounding: measures of its shape would be those of noise. */
function haveVanished(classes: readonly ClassComparison[]): boolean {
  return classes.every(
    ({ measured, weightNorm, featureNorm, centredFeatureNorm }) =>
      measured === 'lost' &&
      (weightNorm ?? Infinity) * (centredFeatureNorm ?? featureNorm ?? Infinity) <= NOTHING,
  );
}

/** NC1 is a ratio of traces, at least 0: so little below is rounding. */
const ROUNDING = 1e-12;

function nc1Of(value: number | null): number | null {
  return value !== null && value < 0 && value > -ROUNDING ? 0 : value;
}
