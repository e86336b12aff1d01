/** What advice for MSE and for cross-entropy shares: the arguments, a problem at another decay, and words on both. */
import type { Blas } from '../../core/blas.js';
import { bottleneckOf, depthOf, isBalanced, type Problem } from '../../model/index.js';
import type { ClassPrediction } from '../../theory/index.js';
import type { AdviseClass, FeatureDecayRule } from './document.js';

export interface AdviseOptions {
  readonly problem: Problem;
  readonly featureDecay: FeatureDecayRule;
  readonly blas: Blas;
  /** True, and then ever after, ends the bisection of cross-entropy: the document holds what is known so far. */
  readonly shouldStop?: (() => boolean) | undefined;
  /** The closed forms of MSE make no reports. */
  readonly onProgress?: ((progress: AdviseProgress) => void) | undefined;
}

/** In turn: the user's problem, groups of equal counts bisected, and weight decays checked. */
export interface AdviseProgress {
  readonly phase: 'predict' | 'bisect' | 'check';
  readonly done: number;
  readonly total: number;
}

/** The same problem at one weight decay for all layers, at any depth; the bottleneck stays. */
export function atDecay(
  problem: Problem,
  depth: number,
  weightDecay: number,
  rule: FeatureDecayRule,
): Problem {
  const narrowest = Math.min(...problem.widths);
  return {
    ...problem,
    widths: new Array<number>(depth).fill(narrowest),
    weightDecays: new Array<number>(depth).fill(weightDecay),
    featureDecay: rule === 'tied' ? weightDecay : problem.featureDecay,
  };
}

export function classOf(one: ClassPrediction, rule: FeatureDecayRule): AdviseClass {
  return {
    count: one.count,
    regime: one.regime,
    separated: one.separated,
    fit: one.fit,
    lost: 1 - one.fit,
    margin: one.margin,
    maxWeightDecay: rule === 'tied' ? one.maxTiedDecay : one.maxWeightDecay,
    share: one.share,
  };
}

/** True where a mode is not one class: a free bias with unequal counts. */
export function mixes(problem: Problem): boolean {
  return problem.bias === 'free' && !isBalanced(problem);
}

/** What must be known to read the numbers, for either loss. */
export function notesOf(problem: Problem, rule: FeatureDecayRule): string[] {
  const notes: string[] = [
    rule === 'tied'
      ? 'λ_H is tied to λ_W: no --feature-decay was given, so both move together.'
      : `λ_H = ${problem.featureDecay} stays where it is while λ_W moves.`,
  ];
  const unequal = problem.weightDecays.some((decay) => decay !== problem.weightDecays[0]);
  if (unequal)
    notes.push('Limits are for one weight decay on all layers; yours enter through their geometric mean.');
  if (problem.widths.some((width) => width !== problem.widths[0]))
    notes.push(
      `Other depths are taken with your narrowest width, ${Math.min(...problem.widths)}, on every layer.`,
    );
  if (problem.loss === 'mse' && mixes(problem))
    notes.push(
      'With a free bias and unequal counts the modes mix classes: each class stands for the mode with the largest share in it.',
    );
  const R = bottleneckOf(problem);
  if (R < problem.counts.length)
    notes.push(
      `The narrowest layer, ${R}, is below the number of classes: classes that are cut have no limit, since no weight decay keeps them.`,
    );
  if (depthOf(problem) > 1)
    notes.push(
      'Limits are those of the global minimum; with two or more layers training may still end without a class that lives there (collapsar basin).',
    );
  return notes;
}
