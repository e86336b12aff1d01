/** What a run's summary keeps of its prediction. */
import type { PredictionRecord } from '../../runs/index.js';
import { type Prediction, predictionNote } from '../../theory/index.js';

export function predictionSummary(prediction: Prediction): PredictionRecord {
  const { objective, optimality, unique, rank, frame, certificate, alternatives } = prediction;
  return {
    objective,
    optimality,
    unique,
    rank,
    frame,
    certificate,
    alternatives,
    note: predictionNote(prediction),
  };
}
