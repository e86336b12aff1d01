/** What a problem has beyond the plain one, in words, one line for all of it. */
import type { Variations } from '../model/index.js';
import { number } from './format.js';

/** No line for a plain problem. */
export function variationLines(problem: Partial<Variations>): string[] {
  const parts = [
    ...(problem.biasDecay == null ? [] : [`λ_b = ${number(problem.biasDecay)}`]),
    ...(problem.classWeights == null ? [] : [`class weights ${few(problem.classWeights)}`]),
    ...(problem.labelSmoothing === undefined ? [] : [`label smoothing ${number(problem.labelSmoothing)}`]),
    ...(problem.targets == null ? [] : [`targets ${problem.targets.length}×${problem.targets[0].length}`]),
    ...(problem.focal === undefined ? [] : [`focal γ = ${number(problem.focal)}`]),
    ...(problem.featureSign === undefined ? [] : ['features at least 0']),
    ...(problem.logitAdjustment == null
      ? []
      : [
          `logits adjusted by ${few(problem.logitAdjustment.offsets)}`,
          ...(problem.logitAdjustment.scales.every((value) => value === 1)
            ? []
            : [`scaled by ${few(problem.logitAdjustment.scales)}`]),
        ]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

function few(values: readonly number[]): string {
  const shown = values.slice(0, 6).map((value) => number(value));
  return values.length > 6 ? `${shown.join(', ')} …` : shown.join(', ');
}
