/** What a sweep keeps of a point: theory beside measurement, class by class; one line of JSON, checked when it is read back. */
import {
  FRAME_NAMES,
  OPTIMALITIES,
  REGIMES,
  VITALITIES,
  type FrameName,
  type Optimality,
  type Regime,
  type Vitality,
} from '../model/index.js';
import {
  fields,
  finite,
  flag,
  list,
  maybe,
  Misshapen,
  oneOf,
  orNull,
  parseJson,
  text,
  whole,
  type Shape,
} from './jsonShape.js';
import { RUN_STATUSES, type Maybe } from './records.js';

/** `predicted`: theory alone was asked. `measured`: what a command left was. `failed`: a command that ended with another code. */
export const POINT_STATUSES = [...RUN_STATUSES, 'predicted', 'measured', 'failed'] as const;
export type PointStatus = (typeof POINT_STATUSES)[number];

export interface PredictedClass {
  readonly weightNorm: number;
  readonly featureNorm: number;
  readonly fit: number;
  readonly regime: Regime | null;
  /** Whether theory says that it lives. */
  readonly lives: boolean;
}

export interface PredictedPoint {
  readonly objective: number;
  readonly optimality: Optimality;
  readonly rank: number;
  readonly frame: FrameName;
  readonly classes: readonly PredictedClass[];
}

export interface MeasuredClass {
  readonly weightNorm: Maybe;
  readonly featureNorm: Maybe;
  readonly fit: Maybe;
  readonly accuracy: Maybe;
  readonly state: Vitality;
}

export interface MeasuredPoint {
  readonly objective: Maybe;
  readonly nc1: Maybe;
  readonly cdnv: Maybe;
  readonly nc2Weights: Maybe;
  readonly nc2Features: Maybe;
  readonly nc3: Maybe;
  readonly nc4: Maybe;
  readonly accuracy: Maybe;
  readonly testAccuracy: Maybe;
  /** Shares of samples whose class is among the five largest outputs; null of five or fewer, left out by older versions. */
  readonly top5Accuracy?: Maybe;
  readonly testTop5Accuracy?: Maybe;
  readonly classes: readonly MeasuredClass[];
}

export interface PointResult {
  readonly point: number;
  readonly status: PointStatus;
  /** Steps done; null where nothing of ours trained. */
  readonly step: Maybe;
  readonly counts: readonly number[];
  /** λ_H that the prediction is for, where it is one number. */
  readonly featureDecay: Maybe;
  /** Null where theory says nothing. */
  readonly predicted: PredictedPoint | null;
  /** Null where nothing was trained or measured. */
  readonly measured: MeasuredPoint | null;
  /** Why it failed or diverged, in one line. */
  readonly failure: string | null;
  /** Wall clock. */
  readonly seconds: number;
}

const predictedShape: Shape<PredictedPoint> = fields({
  objective: finite,
  optimality: oneOf(OPTIMALITIES),
  rank: whole,
  frame: oneOf(FRAME_NAMES),
  classes: list(
    fields({
      weightNorm: finite,
      featureNorm: finite,
      fit: finite,
      regime: orNull(oneOf(REGIMES)),
      lives: flag,
    }),
  ),
});

const measuredShape: Shape<MeasuredPoint> = fields(
  {
    objective: maybe,
    nc1: maybe,
    cdnv: maybe,
    nc2Weights: maybe,
    nc2Features: maybe,
    nc3: maybe,
    nc4: maybe,
    accuracy: maybe,
    testAccuracy: maybe,
    classes: list(
      fields({
        weightNorm: maybe,
        featureNorm: maybe,
        fit: maybe,
        accuracy: maybe,
        state: orNull(oneOf(VITALITIES)),
      }),
    ),
  },
  { top5Accuracy: maybe, testTop5Accuracy: maybe },
);

const resultShape: Shape<PointResult> = fields({
  point: whole,
  status: oneOf(POINT_STATUSES),
  step: maybe,
  counts: list(whole),
  featureDecay: maybe,
  predicted: orNull(predictedShape),
  measured: orNull(measuredShape),
  failure: orNull(text),
  seconds: finite,
});

/** A line of a log. Throws `Misshapen`. */
export function readResult(line: string): PointResult {
  const result = resultShape(parseJson(line), '');
  const K = result.counts.length;
  const { predicted, measured } = result;
  if (
    (predicted !== null && predicted.classes.length !== K) ||
    (measured !== null && measured.classes.length !== K)
  )
    throw new Misshapen(`it has not ${K} classes throughout`);
  return result;
}
