/**
 * Predictions by problem: points that differ in seeds, rates or steps share theirs. A search is timed by its own work rather
 * than by the clock on the wall, so that it ends the same way on every machine and under any load.
 */
import type { Problem } from '../../model/index.js';
import type { Prediction } from '../../theory/index.js';
import type { Blas } from '../../core/blas.js';
import type { StopSignal } from '../../core/host.js';
import { predictInSlices } from '../predict/predict.js';

export interface PredictionCacheOptions {
  readonly blas: Blas;
  readonly yield: () => Promise<void>;
  readonly signal: StopSignal;
}

/** So many problems are remembered. */
const MOST = 64;

export function predictionCache({
  blas,
  yield: pause,
  signal,
}: PredictionCacheOptions): (problem: Problem) => Promise<Prediction> {
  const known = new Map<string, Prediction>();
  return async (problem) => {
    const key = JSON.stringify(problem);
    const before = known.get(key);
    if (before !== undefined) return before;
    const prediction = await predictInSlices(problem, blas, {
      budget: SEARCH_SECONDS,
      host: { signal, yield: pause, clock: workClock() },
    });
    if (prediction.interrupted) return prediction;
    if (known.size >= MOST) known.delete(known.keys().next().value ?? '');
    known.set(key, prediction);
    return prediction;
  };
}

/** Of the search's own clock: it ends by itself long before where exchanges of classes no longer help. */
const SEARCH_SECONDS = 5;

/** A clock that goes on by a millisecond each time it is looked at. */
function workClock(): () => number {
  let time = 0;
  return () => time++;
}
