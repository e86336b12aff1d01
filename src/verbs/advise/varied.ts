/**
 * `advise` for problems with variations whose limits have a closed form: class weights, label smoothing and given targets under MSE,
 * a decayed bias under MSE with equal counts, features of at least 0 under cross-entropy without bias. Each class's limit is that of
 * its prediction (the mode of its largest share); the decay up to which the class that is lost first keeps its fit is bisected over
 * predictions. Other variations are refused by name: no limit of theirs is known in closed form.
 */
import { refuse } from '../../core/errors.js';
import {
  BIAS_WORDS,
  depthOf,
  geometricMean,
  isBalanced,
  outputsOf,
  variationsOf,
  type Problem,
} from '../../model/index.js';
import { statementFor, type ClassPrediction, type Prediction, type Statement } from '../../theory/index.js';
import { predictProblem } from '../predict/predict.js';
import { problemDocument } from '../predict/document.js';
import { atDecay, basisOf, classOf, keepFitOf, notesOf, scaledLimit, type AdviseOptions } from './atDecay.js';
import type { AdviseDepth, AdviseDocument, FeatureDecayRule } from './document.js';
import { recommend } from './words.js';

export function adviseVaried(options: AdviseOptions, depths: readonly number[]): AdviseDocument {
  const { problem, featureDecay: rule, blas } = options;
  const keepFit = keepFitOf(options);
  const weightDecay = geometricMean(problem.weightDecays);
  const here = depthOf(problem);
  requireLimits(problem);
  const prediction = predictProblem(problem, blas);
  const answers = depthsOf(problem, depths).map((depth) => {
    const predicted =
      depth === here ? prediction : predictProblem(atDecay(problem, depth, weightDecay, rule), blas);
    return { row: depthRow(options, depth, predicted, keepFit), predicted };
  });
  const answer = answers.find(({ row }) => row.depth === here)?.row;
  const { limitedBy = null, keep = null, keepAtRatio = null } = answer ?? {};
  const document = {
    question: 'free features' as const,
    problem: problemDocument(problem),
    status: 'finished' as const,
    featureDecay: rule,
    featureDecaySource: rule === 'tied' ? ('tied' as const) : ('given' as const),
    basis: basisOf(options),
    keepFit,
    keepClass: limitedBy,
    keep,
    keepAtRatio,
    keepReaches:
      keep === null || limitedBy === null ? null : fitAt(options, here, keep * (1 - 1e-12), rule, limitedBy),
    weightDecay,
    method: 'closed form' as const,
    depths: answers.map(({ row }) => row),
    classes: prediction.classes.map((predicted) => {
      const known = classOf(predicted, rule, here, weightDecay);
      const limitSource = known.maxWeightDecay === null ? null : ('closed form' as const);
      return { ...known, regime: regimeOf(predicted), limitSource, separatedBelow: null, mergesFrom: null };
    }),
    allLostFrom: null,
    monotone: null,
    diagram: null,
    classWeights: null,
  };
  return {
    ...document,
    notes: [...notesOf(problem, rule), ...variedNotes(problem, prediction)],
    recommendation: recommend(document),
  };
}

/** Refuses what has no limit in closed form, by name. */
function requireLimits(problem: Problem): void {
  const [rows, classes] = [outputsOf(problem), problem.counts.length];
  if (rows !== classes)
    refuse(
      'advise: targets',
      `a row for each of the ${classes} classes`,
      `${rows}×${classes}`,
      'predict and measure say which directions of such targets live',
    );
  const statement = statementFor(problem);
  if (statement !== null && WITH_LIMITS.includes(statement)) return;
  refuse(
    'advise',
    'variations whose limits have a closed form (under mse: class weights without bias, label smoothing, targets, a decayed bias with equal counts; under ce: features of at least 0 without bias)',
    `${variationsOf(problem).join(', ')} under ${problem.loss}, ${BIAS_WORDS[problem.bias]}`,
    'ask predict at the decays that matter',
  );
}

/** Statements whose predictions give each class a limit. */
const WITH_LIMITS: readonly Statement[] = ['weights', 'targets', 'decayed bias', 'apart'];

/** Cross-entropy has one layer; squared error is asked at every depth. */
function depthsOf(problem: Problem, depths: readonly number[]): readonly number[] {
  if (problem.loss !== 'mse') return [1];
  const here = depthOf(problem);
  return depths.includes(here) ? depths : [...depths, here];
}

function depthRow(
  options: AdviseOptions,
  depth: number,
  { classes }: Prediction,
  keepFit: number,
): AdviseDepth {
  const { problem, featureDecay: rule } = options;
  const weightDecay = geometricMean(problem.weightDecays);
  const limits = classes.map(({ maxTiedDecay, maxWeightDecay }) =>
    rule === 'tied' ? maxTiedDecay : maxWeightDecay,
  );
  let weakest: { readonly k: number; readonly limit: number } | null = null;
  for (const [k, limit] of limits.entries())
    if (limit !== null && (weakest === null || limit < weakest.limit)) weakest = { k, limit };
  const keepAlong = (path: FeatureDecayRule | 'ratio') =>
    weakest === null
      ? null
      : keepDecay(options, { depth, k: weakest.k, limit: weakest.limit, keepFit, path });
  const most = weakest?.limit ?? null;
  return {
    depth,
    maxWeightDecay: limits.includes(null) ? null : most,
    maxOfUncut: most,
    maxAtRatio: rule === 'tied' ? most : scaledLimit(most, depth, weightDecay),
    separatedBelow: null,
    keep: keepAlong(rule),
    keepAtRatio: keepAlong(rule === 'tied' ? 'tied' : 'ratio'),
    limitedBy: weakest?.k ?? null,
    alive: classes.filter((each) => regimeOf(each) === 'alive').length,
  };
}

/** Where classes fall apart under cross-entropy there are no modes, and a class either lives or is zero. */
function regimeOf({ regime, fit, maxWeightDecay }: ClassPrediction): ClassPrediction['regime'] {
  if (regime !== null || maxWeightDecay === null) return regime;
  return fit > 0 ? 'alive' : 'lost';
}

/** The largest decay at which a class has a fit, to a part in 1e12; null where it has it at none. */
function keepDecay(
  options: AdviseOptions,
  wanted: {
    readonly depth: number;
    readonly k: number;
    readonly limit: number;
    readonly keepFit: number;
    readonly path: FeatureDecayRule | 'ratio';
  },
): number | null {
  const { depth, k, limit, keepFit, path } = wanted;
  const weightDecay = geometricMean(options.problem.weightDecays);
  const most = path === 'ratio' ? (scaledLimit(limit, depth, weightDecay) ?? limit) : limit;
  const reaches = (decay: number) => fitAt(options, depth, decay, path, k) >= keepFit;
  if (reaches(most * (1 - 1e-12))) return most;
  let [low, high] = [Math.log(most) - 60, Math.log(most)];
  if (!reaches(Math.exp(low))) return null;
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (reaches(Math.exp(middle))) low = middle;
    else high = middle;
  }
  return Math.exp(low);
}

function fitAt(
  { problem, blas }: AdviseOptions,
  depth: number,
  decay: number,
  path: FeatureDecayRule | 'ratio',
  k: number,
): number {
  const moved = atDecay(problem, depth, decay, path === 'tied' ? 'tied' : 'fixed');
  const ratio = problem.featureDecay / geometricMean(problem.weightDecays);
  const at = path === 'ratio' ? { ...moved, featureDecay: ratio * decay } : moved;
  return predictProblem(at, blas).classes[k].fit;
}

function variedNotes(problem: Problem, { optimality }: Prediction): string[] {
  const notes: string[] = [];
  if (problem.classWeights !== null && problem.loss === 'mse')
    notes.push('Class weights stay as they are at every depth.');
  if (problem.bias === 'decayed') notes.push(`λ_b stays ${problem.biasDecay} while λ_W moves.`);
  const mixed = problem.targets !== null || (problem.labelSmoothing > 0 && !isBalanced(problem));
  if (mixed && problem.loss === 'mse')
    notes.push(
      'Modes of such targets mix classes: each class stands for the mode with the largest share in it.',
    );
  if (optimality !== 'global')
    notes.push('That the predicted point is the global minimum is checked, not proved, for these weights.');
  return notes;
}
