/** A prediction as plain data that can cross from a worker to the page: everything but functions, the geometry worked out. */
import { variationsOf, type PredictedGeometry } from 'collapsar/model';
import { ceBalancedNote, predictionNote, type Minimiser, type Prediction } from 'collapsar/theory';

export interface PredictionFacts extends Omit<Prediction, 'geometry'> {
  readonly geometry: PredictedGeometry;
  /** What the prediction means for a claim in the literature; null where there is nothing to say. */
  readonly note: string | null;
  /** The point itself where it was found numerically or with class weights; null where it can be built from the problem. */
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
    note: variationsOf(problem).length > 0 ? predictionNote(prediction) : ceBalancedNote(prediction),
    minimum: isWithPoint(prediction) ? prediction.minimiser() : null,
  };
}

function isWithPoint(
  prediction: Prediction,
): prediction is Prediction & { readonly minimiser: () => Minimiser } {
  return 'minimiser' in prediction;
}

/** The prediction again, for what takes one. */
export function predictionOf(facts: PredictionFacts): Prediction {
  return { ...facts, geometry: () => facts.geometry };
}
