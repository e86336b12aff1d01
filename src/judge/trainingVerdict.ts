/**
 * Whether theory held in a training of the unconstrained-features model, in one plain sentence.
 */
import type { ClassComparison, Divergence, RunStatus, VerdictRecord } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { survival, worstNormError } from './compare.js';
import { aboveClause, describeSurvival, minimumName, normClause, sentence } from './words.js';

/** Objective and norms within this of the prediction count as agreement: what one reads off a plot as the same. */
const AGREEMENT = 0.01;

export interface Judged {
  readonly prediction: Prediction;
  readonly classes: readonly ClassComparison[];
  readonly objective: number | null;
  /** Whether training has come to rest (`settled.ts`): of one that has not, nothing is said that only an end can tell. */
  readonly settled: boolean;
  /** `running`: more steps are being taken, and nothing is said that only an end can tell. */
  readonly status: RunStatus | 'running';
  readonly divergence: Divergence | undefined;
}

export function judge({
  prediction,
  classes,
  objective,
  settled,
  status,
  divergence,
}: Judged): VerdictRecord {
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
  if (status === 'running') {
    // No judgement; and the objective moves on.
    const parts = describeSurvival(classes, prediction, false);
    const off = worstNormError(classes);
    return {
      held: null,
      sentence: sentence('So far', [...parts, ...(off === null ? [] : [normClause('norms', off)])]),
    };
  }
  // A single class has nothing to lose under cross-entropy: its minimum is 0, and the gap an absolute one.
  const gap = (objective - prediction.objective) / (prediction.objective > 0 ? prediction.objective : 1);
  const error = worstNormError(classes);
  const lives = describeSurvival(classes, prediction, settled && status !== 'interrupted');
  const survivors = survival(classes);
  const agree = survivors.lostUnpredicted.length + survivors.aliveUnpredicted.length === 0;
  const minimum = minimumName(prediction.optimality);
  const numbers = [
    aboveClause('the objective', Math.max(objective, prediction.objective), prediction.objective, minimum),
    ...(error === null ? [] : [normClause('norms', error)]),
  ];
  if (prediction.unique === false)
    numbers.push('the prediction is one of several minimisers, so distances from its frame say little');
  const close = gap < AGREEMENT && (error === null || error < AGREEMENT);
  // At the least value with living classes as predicted there is nothing to wait for.
  if (agree && close && (settled || error !== null)) {
    const opening =
      prediction.optimality === 'global' ? 'Theory held' : 'The best known solution was reached';
    return { held: true, sentence: sentence(opening, [...lives, ...numbers]) };
  }
  if (status === 'interrupted')
    return { held: null, sentence: sentence('Stopped before the end', [...lives, ...numbers]) };
  if (!settled)
    return {
      held: null,
      sentence: sentence('Not there yet', [...lives, ...numbers, 'more steps may close the gap']),
    };
  // A plateau that theory knows by name: another stationary solution.
  const elsewhere = prediction.alternatives.find(
    (solution) =>
      solution.objective > prediction.objective * (1 + AGREEMENT) &&
      Math.abs(objective - solution.objective) < AGREEMENT * solution.objective,
  );
  if (elsewhere !== undefined)
    return {
      held: false,
      sentence: sentence(`Training settled at another solution, ${elsewhere.name}`, [...lives, ...numbers]),
    };
  if (agree)
    return {
      held: false,
      sentence: sentence('Training settled at another solution', [...lives, ...numbers]),
    };
  return {
    held: false,
    sentence: sentence(`Training did not reach the ${minimumName(prediction.optimality)}`, [
      ...lives,
      ...numbers,
    ]),
  };
}
