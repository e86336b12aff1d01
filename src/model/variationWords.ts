/** A bias, and what a problem has beyond the plain one, in words. */
import type { Variations } from './variations.js';
import type { Bias } from './vocabulary.js';

export const BIAS_WORDS: Readonly<Record<Bias, string>> = {
  none: 'no bias',
  free: 'free bias',
  decayed: 'decayed bias',
};

/** One part for each variation; empty for a plain problem. `number` is how numbers are shown. */
export function variationWords(problem: Partial<Variations>, number: (value: number) => string): string[] {
  const { biasDecay, classWeights, labelSmoothing, targets, focal, featureSign, logitAdjustment } = problem;
  const few = (values: readonly number[]) => {
    const shown = values.slice(0, 6).map(number);
    return values.length > 6 ? `${shown.join(', ')} …` : shown.join(', ');
  };
  return [
    ...(biasDecay == null ? [] : [`λ_b = ${number(biasDecay)}`]),
    ...(classWeights == null ? [] : [`class weights ${few(classWeights)}`]),
    ...(labelSmoothing === undefined || labelSmoothing === 0
      ? []
      : [`label smoothing ${number(labelSmoothing)}`]),
    ...(targets == null ? [] : [`targets ${targets.length}×${targets[0].length}`]),
    ...(focal === undefined || focal === 0 ? [] : [`focal γ = ${number(focal)}`]),
    ...(featureSign === 'nonnegative' ? ['features at least 0'] : []),
    ...(logitAdjustment == null ? [] : [`logits adjusted by ${few(logitAdjustment.offsets)}`]),
    ...(logitAdjustment == null || logitAdjustment.scales.every((value) => value === 1)
      ? []
      : [`logits scaled by ${few(logitAdjustment.scales)}`]),
  ];
}
