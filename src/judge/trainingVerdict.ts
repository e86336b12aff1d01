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

export function judge(judged: Judged): VerdictRecord {
  const { objective, status } = judged;
  if (status === 'diverged' || objective === null) return diverged(judged);
  return status === 'running' ? underWay(judged) : atEnd(judged, objective, status);
}

function diverged({ objective, divergence }: Judged): VerdictRecord {
  const rate = divergence?.stableLearningRate ?? null;
  const advice = rate === null ? '' : `; a learning rate of ${rate} is stable`;
  const value =
    objective === null ? 'is no longer a finite number' : `has grown to ${objective.toPrecision(4)}`;
  return {
    held: null,
    sentence: `Training diverged at step ${divergence?.step ?? 0}, where the objective ${value}${advice}.`,
  };
}

/** No judgement; and the objective moves on. */
function underWay({ classes, prediction }: Judged): VerdictRecord {
  const off = worstNormError(classes);
  const norms = off === null ? [] : [normClause('norms', off)];
  return {
    held: null,
    sentence: sentence('So far', [...describeSurvival(classes, prediction, false), ...norms]),
  };
}

function atEnd(
  { prediction, classes, settled }: Judged,
  objective: number,
  status: Exclude<RunStatus, 'diverged'>,
): VerdictRecord {
  const lives = describeSurvival(classes, prediction, settled && status !== 'interrupted');
  const clauses = [...lives, ...numbersOf(prediction, objective, classes)];
  const say = (held: boolean | null, opening: string, ...more: readonly string[]): VerdictRecord => ({
    held,
    sentence: sentence(opening, [...clauses, ...more]),
  });
  const survivors = survival(classes);
  const agree = survivors.lostUnpredicted.length + survivors.aliveUnpredicted.length === 0;
  const error = worstNormError(classes);
  // At the least value with living classes as predicted there is nothing to wait for.
  if (agree && isClose(prediction, objective, error) && (settled || error !== null))
    return say(
      true,
      prediction.optimality === 'global' ? 'Theory held' : 'The best known solution was reached',
    );
  if (status === 'interrupted') return say(null, 'Stopped before the end');
  if (!settled) return say(null, 'Not there yet', 'more steps may close the gap');
  const elsewhere = knownPlateau(prediction, objective);
  if (elsewhere !== undefined) return say(false, `Training settled at another solution, ${elsewhere.name}`);
  if (agree) return say(false, 'Training settled at another solution');
  return say(false, `Training did not reach the ${minimumName(prediction.optimality)}`);
}

function numbersOf(
  prediction: Prediction,
  objective: number,
  classes: readonly ClassComparison[],
): readonly string[] {
  const error = worstNormError(classes);
  const minimum = minimumName(prediction.optimality);
  return [
    aboveClause('the objective', Math.max(objective, prediction.objective), prediction.objective, minimum),
    ...(error === null ? [] : [normClause('norms', error)]),
    ...(prediction.unique === false
      ? ['the prediction is one of several minimisers, so distances from its frame say little']
      : []),
  ];
}

function isClose(prediction: Prediction, objective: number, error: number | null): boolean {
  // A single class has nothing to lose under cross-entropy: its minimum is 0, and the gap an absolute one.
  const gap = (objective - prediction.objective) / (prediction.objective > 0 ? prediction.objective : 1);
  return gap < AGREEMENT && (error === null || error < AGREEMENT);
}

/** A plateau that theory knows by name: another stationary solution. */
function knownPlateau(prediction: Prediction, objective: number) {
  return prediction.alternatives.find(
    (solution) =>
      solution.objective > prediction.objective * (1 + AGREEMENT) &&
      Math.abs(objective - solution.objective) < AGREEMENT * solution.objective,
  );
}
