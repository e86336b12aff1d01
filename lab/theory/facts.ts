/** A prediction as plain data that can cross from a worker to the page: everything but functions, the geometry worked out. */
import type { PredictedGeometry } from 'collapsar/model';
import { ceBalancedNote, type CePrediction, type Minimiser, type Prediction } from 'collapsar/theory';

export interface PredictionFacts extends Omit<Prediction, 'geometry'> {
  readonly geometry: PredictedGeometry;
  /** What the prediction means for a claim in the literature; null where there is nothing to say. */
  readonly note: string | null;
  /** The point itself where it was found numerically; null where it can be built from the problem (MSE). */
  readonly minimum: Minimiser | null;
}

export function factsOf(prediction: Prediction): PredictionFacts {
  const { problem, objective, optimality, interrupted, unique, rank, levels, classes, frame } = prediction;
  const { bias, certificate, alternatives, search } = prediction;
  return {
    problem,
    objective,
    optimality,
    interrupted,
    unique,
    rank,
    levels,
    classes,
    frame,
    bias,
    certificate,
    alternatives,
    search,
    geometry: prediction.geometry(),
    note: ceBalancedNote(prediction),
    minimum: isNumeric(prediction) ? prediction.minimiser() : null,
  };
}

function isNumeric(prediction: Prediction): prediction is CePrediction {
  return prediction.problem.loss === 'ce';
}

/** The prediction again, for what takes one. */
export function predictionOf(facts: PredictionFacts): Prediction {
  return { ...facts, geometry: () => facts.geometry };
}
