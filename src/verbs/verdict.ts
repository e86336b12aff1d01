/**
 * Whether theory held in a training of the unconstrained-features model, in one plain sentence.
 */
import type { Problem } from '../model/index.js';
import type { ClassComparison, RunStatus, RunSummary } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { describeSurvival, percent, sentence, survival, worstNormError } from './compare.js';

/** Objective and norms within this of the prediction count as agreement: what one reads off a plot as the same. */
const AGREEMENT = 0.01;

export interface Judged {
  readonly problem: Problem;
  readonly prediction: Prediction;
  readonly classes: readonly ClassComparison[];
  readonly objective: number | null;
  readonly status: RunStatus;
  readonly divergence: RunSummary['divergence'] | undefined;
}

export function judge({
  problem,
  prediction,
  classes,
  objective,
  status,
  divergence,
}: Judged): RunSummary['verdict'] {
  if (status === 'diverged' || objective === null) {
    const rate = divergence?.stableLearningRate ?? null;
    const advice = rate === null ? '' : `; a learning rate of ${rate} is stable`;
    const value =
      objective === null ? 'is no longer a finite number' : `has grown to ${objective.toPrecision(4)}`;
    return {
      held: null,
      sentence: `Training diverged at step ${divergence?.step ?? 0}, where the objective ${value}${advice}.`,
    };
  }
  // With every class collapsed the minimum is what is lost, so a relative gap always exists.
  const gap = (objective - prediction.objective) / Math.max(prediction.objective, Number.MIN_VALUE);
  const error = worstNormError(classes);
  const lives = describeSurvival(classes, problem);
  const found = survival(classes);
  const agree = found.deadUnpredicted.length + found.aliveUnpredicted.length === 0;
  const numbers = [
    `the objective is ${percent(Math.max(0, gap))} above the global minimum`,
    ...(error === null ? [] : [`norms are within ${percent(error)} of the prediction`]),
  ];
  const close = gap < AGREEMENT && (error === null || error < AGREEMENT);
  if (agree && close) return { held: true, sentence: sentence('Theory held', [...lives, ...numbers]) };
  if (status === 'interrupted')
    return { held: null, sentence: sentence('Stopped before the end', [...lives, ...numbers]) };
  if (agree)
    return {
      held: null,
      sentence: sentence('Not there yet', [...lives, ...numbers, 'more steps may close the gap']),
    };
  return {
    held: false,
    sentence: sentence('Training did not reach the global minimum', [...lives, ...numbers]),
  };
}
