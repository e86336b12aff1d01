/** What advice for MSE and for cross-entropy shares: the arguments, a problem at another decay, and words on both. */
import type { Blas } from '../../core/blas.js';
import { bottleneckOf, depthOf, isBalanced, type Problem } from '../../model/index.js';
import type { ClassPrediction } from '../../theory/index.js';
import type { FeatureDecayRule, RecommendationBasis } from './document.js';
import { refuse } from '../../core/errors.js';
import type { Host } from '../../core/host.js';

export interface AdviseOptions {
  readonly problem: Problem;
  readonly featureDecay: FeatureDecayRule;
  /** The fit in (0, 1) that the class that is lost first is to keep; default 0.9, or 1 − 1/(2M) where that is more. */
  readonly keep?: number | undefined;
  /** With `fixed`: recommend for a λ_H that stays where it is, rather than one that scales with λ_W. */
  readonly holdFeatureDecay?: boolean | undefined;
  readonly blas: Blas;
  /** Its signal ends the bisection of cross-entropy: the document holds what is known so far. Closed forms make no reports. */
  readonly host?: Host<AdviseProgress> | undefined;
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

/** Above the fit (M−1)/M at which a mode jumps to nothing, so that what is recommended is not the limit itself. */
export function keepFitOf({ keep, problem }: AdviseOptions): number {
  if (keep === undefined) return Math.max(0.9, 1 - 1 / (2 * depthOf(problem)));
  if (!(keep > 0 && keep < 1)) refuse('keep', 'a fit between 0 and 1', keep, 'for example 0.9');
  return keep;
}

export function basisOf({ featureDecay: rule, holdFeatureDecay }: AdviseOptions): RecommendationBasis {
  if (rule === 'tied') return 'tied';
  return holdFeatureDecay === true ? 'fixed' : 'ratio';
}

/** A limit of λ_W at a fixed λ_H, for a λ_H that keeps its ratio to λ_W: λ_H λ_W^M is the same. */
export function scaledLimit(limit: number | null, depth: number, weightDecay: number): number | null {
  if (limit === null) return null;
  return Math.exp((depth * Math.log(limit) + Math.log(weightDecay)) / (depth + 1));
}

export function classOf(
  predicted: ClassPrediction,
  rule: FeatureDecayRule,
  depth: number,
  weightDecay: number,
) {
  return {
    count: predicted.count,
    regime: predicted.regime,
    separated: predicted.separated,
    fit: predicted.fit,
    lost: 1 - predicted.fit,
    margin: predicted.margin,
    maxWeightDecay: rule === 'tied' ? predicted.maxTiedDecay : predicted.maxWeightDecay,
    maxAtRatio:
      rule === 'tied' ? predicted.maxTiedDecay : scaledLimit(predicted.maxWeightDecay, depth, weightDecay),
    share: predicted.share,
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
      ? 'λ_H is tied to λ_W: none was given, so both move together.'
      : `Limits of the tables hold λ_H = ${problem.featureDecay} while λ_W moves. The λ_H of a network trained with weight decay alone moves with λ_W: the columns “λ_H scaled” keep their ratio.`,
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
      'Limits are those of the global minimum; with two or more layers training may still end without a class that lives there.',
    );
  return notes;
}
