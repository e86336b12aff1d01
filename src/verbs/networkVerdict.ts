/** Whether a trained network agrees with the prediction for its head, in one plain sentence. */
import type { ClassComparison, RunStatus, RunSummary } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { describeSurvival, minimumName, percent, sentence, survival, worstNormError } from './compare.js';

/** Norms and frames of a real network within this of the prediction count as its shape. */
const SAME_SHAPE = 0.25;

export interface JudgedNetwork {
  readonly status: RunStatus;
  readonly prediction: Prediction | null;
  readonly classes: readonly ClassComparison[];
  /** ‖Â − F̂‖ of PPᵀ from the predicted frame. */
  readonly distance: number | null;
  /** The same from the simplex ETF. */
  readonly etf: number | null;
  /** tr Σ_W / tr Σ_B on the training set: defined where dead classes leave Σ_B without full rank, as NC1 by pseudo-inverse is not. */
  readonly scatter: number | null;
  readonly step: number;
}

/** Features count as collapsed where the scatter within classes is less than this share of that between them. */
const COLLAPSED = 0.1;

export function judgeNetworkRun(judged: JudgedNetwork): RunSummary['verdict'] {
  const { status, prediction, classes, distance, etf, scatter, step } = judged;
  if (status === 'diverged')
    return {
      held: null,
      sentence: `Training diverged at step ${step}, where the loss is no longer a finite number.`,
    };
  if (prediction === null)
    return {
      held: null,
      sentence:
        'Theory makes no prediction here: it needs positive decays of the head and a feature decay, given or fitted.',
    };
  const lives = describeSurvival(classes, prediction);
  const found = survival(classes);
  const neither = classes.some(({ measured, fit }) => measured === null && fit !== null);
  const agree = !neither && found.deadUnpredicted.length + found.aliveUnpredicted.length === 0;
  const error = worstNormError(classes);
  const numbers = [
    ...(distance === null ? [] : [`PPᵀ is ${percent(distance)} from the predicted frame`]),
    ...(isCollapsedInstead(judged) && etf !== null
      ? [
          `it is nearer to the simplex ETF (${percent(etf)}), the collapsed solution, which is not the best known one`,
        ]
      : []),
    ...(error === null ? [] : [`norms of living classes are within ${percent(error)}`]),
    ...(scatter === null ? [] : [`scatter within classes is ${percent(scatter)} of that between them`]),
  ];
  const clauses = [...lives, ...numbers];
  const near = (error === null || error < SAME_SHAPE) && (distance === null || distance < SAME_SHAPE);
  const collapsed = scatter !== null && scatter < COLLAPSED;
  if (status === 'interrupted') return { held: null, sentence: sentence('Stopped before the end', clauses) };
  if (agree && near && collapsed)
    return { held: true, sentence: sentence('The network is as theory says', clauses) };
  if (!collapsed)
    return { held: null, sentence: sentence('Features have not collapsed onto their means yet', clauses) };
  if (!agree)
    return {
      held: false,
      sentence: sentence(`This network is not at the ${minimumName(prediction.optimality)}`, clauses),
    };
  return {
    held: false,
    sentence: sentence(
      'Classes live and die as theory says, but the frame is not the predicted one',
      clauses,
    ),
  };
}

/** Deep heads under cross-entropy: training tends to the simplex ETF even where something lower is known. */
function isCollapsedInstead({ prediction, distance, etf }: JudgedNetwork): boolean {
  if (prediction?.problem.loss !== 'ce' || prediction.optimality !== 'best-known') return false;
  return etf !== null && distance !== null && etf < distance;
}
