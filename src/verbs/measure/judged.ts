/**
 * A measurement beside its prediction, judged. Where the prediction is only the best known and the measured point lies lower,
 * the search is taken on from that point, and what it gives is the comparison.
 */
import type { Blas } from '../../core/blas.js';
import { zeros } from '../../core/matrix.js';
import {
  centresMeans,
  compareClasses,
  fitsOf,
  judgeMeasured,
  liesBelow,
  measureBeside,
  objectiveAtMeans,
  undecided,
  type MeasuredVerdict,
} from '../../judge/index.js';
import type { GlobalMean, Measurement } from '../../metrics/index.js';
import {
  forEachColumn,
  variationsOf,
  type PredictedGeometry,
  type Problem,
  type Snapshot,
} from '../../model/index.js';
import type { ClassComparison } from '../../runs/index.js';
import type { KnownPoint, Prediction } from '../../theory/index.js';

export interface JudgedMeasurement {
  readonly prediction: Prediction;
  readonly measurement: Measurement;
  /** What was held against the prediction: with a free bias without the offset of the features. */
  readonly compared: Measurement;
  readonly classes: readonly ClassComparison[];
  readonly verdict: MeasuredVerdict;
}

export interface JudgeOptions {
  readonly problem: Problem;
  readonly snapshot: Snapshot;
  /** The snapshot as measured, without a prediction. */
  readonly measured: Measurement;
  readonly blas: Blas;
  readonly globalMean?: GlobalMean | undefined;
  /** False of a training that may go on. */
  readonly settled?: boolean | undefined;
  /** Whether it was recorded how the bias was decayed. */
  readonly biasKnown?: boolean | undefined;
  readonly predict: (from: readonly KnownPoint[]) => Promise<Prediction>;
}

export async function judgeBeside(options: JudgeOptions): Promise<JudgedMeasurement> {
  const { problem, snapshot, measured, blas, globalMean, settled = true, biasKnown, predict } = options;
  const besides = (prediction: Prediction) =>
    measureBeside(snapshot, {
      blas,
      measured,
      globalMean,
      predicted: framesToCompare(prediction),
      weightDecays: problem.weightDecays,
      centre: centresMeans(problem),
    });
  let prediction = await predict([]);
  let beside = besides(prediction);
  let beaten: number | null = null;
  if (liesBelow(objectiveAtMeans(beside.compared, beside.head, problem), prediction)) {
    const from = pointOf(beside.compared, beside.head?.bias ?? null);
    const further = from === null ? prediction : await predict([from]);
    if (further.objective < prediction.objective) {
      beaten = prediction.objective;
      prediction = further;
      beside = besides(prediction);
    }
  }
  const { measurement, compared, head } = beside;
  const fits = fitsOf(compared, problem, head?.bias ?? null);
  const classes = undecided(compareClasses(measurement, prediction, fits, compared), settled);
  const verdict = judgeMeasured({ ...beside, prediction, classes, blas, beaten, settled, biasKnown });
  return { prediction, measurement, compared, classes, verdict };
}

/** More classes than this are not searched. */
const MOST_SEARCHED = 2000;

/** The measured point at its class means; null where it has no head or too many classes. */
function pointOf({ geometry, counts }: Measurement, bias: Float64Array | null): KnownPoint | null {
  const K = counts.length;
  if (geometry.logits === null || K > MOST_SEARCHED) return null;
  const logits = zeros(K, K);
  forEachColumn(geometry.logits, (column, k) =>
    column.forEach((value, j) => (logits.data[j * K + k] = value)),
  );
  return { logits, bias };
}

/** At this many classes a dense frame takes 200 MB; diagonal ones cost nothing. */
const MOST_IN_DENSE_FRAMES = 5000;

/** The predicted frames, null where they would be dense and too large to form. */
export function framesToCompare(prediction: Prediction): PredictedGeometry | null {
  const { counts, loss, bias } = prediction.problem;
  const isDiagonal = loss === 'mse' && bias === 'none' && variationsOf(prediction.problem).length === 0;
  return isDiagonal || counts.length <= MOST_IN_DENSE_FRAMES ? prediction.geometry() : null;
}
