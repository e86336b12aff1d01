/** What a run's summary keeps of its prediction. */
import type { RunSummary } from '../../runs/index.js';
import { type Prediction, ceNote } from '../../theory/index.js';

export function predictionSummary(prediction: Prediction): NonNullable<RunSummary['prediction']> {
  const { objective, optimality, unique, rank, frame, certificate, alternatives } = prediction;
  return {
    objective,
    optimality,
    unique,
    rank,
    frame,
    certificate,
    alternatives,
    note: ceNote(prediction),
  };
}
