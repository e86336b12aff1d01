/** `predict`: the geometry that theory predicts. */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { hostOf, type Host } from '../../core/host.js';
import { runInSlices, runThrough, type Pausable } from '../../core/pausable.js';
import { samplesOf, type Problem } from '../../model/index.js';
import { encodeNpz, type ArrayToWrite } from '../../data/index.js';
import {
  buildMinimiser,
  predictMse,
  requireCovered,
  SHORT_SEARCH_SECONDS,
  thresholds,
  type CePrediction,
  type CeProgress,
  type KnownPoint,
  type Minimiser,
  type PointPrediction,
  type Prediction,
  predictCePausably,
  predictVariedPausably,
} from '../../theory/index.js';
import { predictionDocument, type PredictionDocument } from './document.js';

/** Limits of a numeric prediction; closed forms need none. Stopped by the host's signal it keeps the best so far. */
export interface PredictWatch {
  /** Seed of a search. */
  readonly seed?: number | undefined;
  /** Seconds that a search may take, 2 by default: what is fit for a prediction beside something else. */
  readonly budget?: number | undefined;
  /** Points to search from besides, such as a measured one. */
  readonly from?: readonly KnownPoint[] | undefined;
  readonly host?: Host<CeProgress> | undefined;
}

/** Theory for a problem, whatever its loss: closed form for MSE, closed or numeric for cross-entropy. */
export function predictProblem(problem: Problem, blas: Blas, watch: PredictWatch = {}): Prediction {
  return runThrough(predictPausably(problem, blas, watch));
}

/** The same in slices: the host's `yield` lets other work run, such as the handler of an interrupt. */
export function predictInSlices(problem: Problem, blas: Blas, watch: PredictWatch = {}): Promise<Prediction> {
  return runInSlices(predictPausably(problem, blas, watch), hostOf(watch.host).yield);
}

/** The work of both. */
export function* predictPausably(
  problem: Problem,
  blas: Blas,
  watch: PredictWatch = {},
): Pausable<Prediction> {
  if (requireCovered('predict', problem) !== 'plain')
    return yield* predictVariedPausably(problem, {
      blas,
      ...watch,
      budget: watch.budget ?? SHORT_SEARCH_SECONDS,
    });
  switch (problem.loss) {
    case 'mse':
      return predictMse(problem, blas);
    case 'ce':
      return yield* predictCePausably(problem, {
        blas,
        ...watch,
        budget: watch.budget ?? SHORT_SEARCH_SECONDS,
      });
    default:
      return problem.loss satisfies never;
  }
}

/** W_1 … W_M, H̄ and b that attain a prediction. */
export function minimiserOf(prediction: Prediction, blas: Blas): Minimiser {
  return hasPoint(prediction) ? prediction.minimiser() : buildMinimiser(prediction.problem, blas);
}

/** Explicit points near which `verify` starts too: other solutions that theory knows. */
export function alternativesOf(prediction: Prediction): readonly Minimiser[] {
  return 'alternativeMinimisers' in prediction ? (prediction as CePrediction).alternativeMinimisers() : [];
}

/** The closed form of the plain squared error builds its point anew; every other prediction holds one. */
function hasPoint(prediction: Prediction): prediction is PointPrediction | CePrediction {
  return 'minimiser' in prediction;
}

export function predict(problem: Problem, blas: Blas, watch: PredictWatch = {}): PredictionDocument {
  return documentOf(predictProblem(problem, blas, watch));
}

/** The document of a prediction. */
export function documentOf(prediction: Prediction): PredictionDocument {
  return predictionDocument(prediction, thresholds(prediction.problem.widths.length));
}

/** Numbers that a minimiser file may hold: 1 GiB as float64. */
const MOST_NUMBERS = 2 ** 27;

/**
 * A prediction's minimiser as npz: `features` (N×d, rows are samples), `labels`, `W1` … `WM`, and `b`. `measure` reads it, and
 * `train` starts from it.
 */
export function minimiserFile(prediction: Prediction, blas: Blas): Uint8Array {
  return solutionFile(prediction.problem, minimiserOf(prediction, blas));
}

/** A solution whose features coincide within each class, as npz. Throws an argument error where N×d is too large. */
export function solutionFile(problem: Problem, { head, classFeatures }: Minimiser): Uint8Array {
  const N = samplesOf(problem);
  const d = problem.widths[0];
  if (N * d > MOST_NUMBERS)
    refuse(
      'out',
      `at most ${MOST_NUMBERS} numbers of features to write`,
      N * d,
      'N×d is too large for an explicit file',
    );
  const features = new Float64Array(N * d);
  const labels = new Int32Array(N);
  let i = 0;
  problem.counts.forEach((n, k) => {
    for (let sample = 0; sample < n; sample++, i++) {
      labels[i] = k;
      for (let r = 0; r < d; r++) features[i * d + r] = classFeatures.data[r * classFeatures.cols + k];
    }
  });
  const arrays: ArrayToWrite[] = [
    { name: 'features', shape: [N, d], dtype: 'float64', values: features },
    { name: 'labels', shape: [N], dtype: 'int32', values: labels },
    ...head.weights.map((W, m): ArrayToWrite => ({
      name: `W${m + 1}`,
      shape: [W.rows, W.cols],
      dtype: 'float64',
      values: W.data,
    })),
  ];
  if (head.bias !== null)
    arrays.push({ name: 'b', shape: [head.bias.length], dtype: 'float64', values: head.bias });
  return encodeNpz(arrays);
}
