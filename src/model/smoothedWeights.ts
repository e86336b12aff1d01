/**
 * What `nn.CrossEntropyLoss(weight=w, label_smoothing=ε)` minimises. PyTorch weighs every class's part of a smoothed target by the
 * weight of that class, and divides by the weights of the labels:
 *   [Σ_i (1−ε)·w_{y_i}·(−log p_{y_i}) + (ε/K)·Σ_c w_c·(−log p_c)] / Σ_i w_{y_i}.
 * So the loss of class k has the weights of s_k = (1−ε)w_k + (ε/K)·Σ_c w_c with the soft target
 *   t_k = [(1−ε)w_k e_k + (ε/K)·w]/s_k,
 * and it is Σ_k n_k s_k/Σ_k n_k w_k times the average that theory has.
 */
import type { VariationInput } from './checkVariations.js';
import { namedClassWeights } from './variations.js';
import type { Loss } from './vocabulary.js';

export interface SmoothedWeights {
  /** s, K numbers. */
  readonly classWeights: readonly number[];
  /** K rows of K numbers: column k is t_k. */
  readonly targets: readonly (readonly number[])[];
}

/** weights: K positive numbers. */
export function smoothedWeights(weights: readonly number[], labelSmoothing: number): SmoothedWeights {
  const share = labelSmoothing / weights.length;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const classWeights = weights.map((w) => (1 - labelSmoothing) * w + share * total);
  const targets = weights.map((w, j) =>
    classWeights.map((s, k) => ((j === k ? (1 - labelSmoothing) * w : 0) + share * w) / s),
  );
  return { classWeights, targets };
}

/** A loss of PyTorch as theory has it. */
export interface SmoothedLoss {
  /** Targets and class weights in place of weights and smoothing. */
  readonly variations: VariationInput;
  /** λ for each decay of PyTorch, Σ_k n_k w_k/Σ_k n_k s_k, as PyTorch divides by the weights of the labels. */
  readonly lambdaPerDecay: number;
  readonly sentence: string;
}

/**
 * Cross-entropy with both class weights and label smoothing; null for any other loss, where theory and PyTorch agree, and for what
 * `createProblem` refuses. `depth` is what weights by name may need.
 */
export function smoothedLoss(
  loss: Loss,
  variations: VariationInput,
  counts: readonly number[],
  depth: number,
): SmoothedLoss | null {
  const { classWeights, labelSmoothing = 0, targets, focal = 0 } = variations;
  if (loss !== 'ce' || classWeights == null || targets != null || focal > 0) return null;
  if (!(labelSmoothing > 0 && labelSmoothing < 1)) return null;
  const weights =
    typeof classWeights === 'string' ? namedClassWeights(classWeights, counts, depth) : classWeights;
  const valid = weights.length === counts.length && weights.every((w) => w > 0 && Number.isFinite(w));
  if (!valid || weights.every((w) => w === weights[0])) return null;
  const soft = smoothedWeights(weights, labelSmoothing);
  const total = (values: readonly number[]) => counts.reduce((sum, n, k) => sum + n * values[k], 0);
  const lambdaPerDecay = total(weights) / total(soft.classWeights);
  const few = weights.slice(0, 6).map(brief).join(', ');
  return {
    variations: { ...variations, ...soft, labelSmoothing: 0 },
    lambdaPerDecay,
    sentence: `PyTorch smooths labels with the class weights (ε = ${labelSmoothing}, w = ${few}${weights.length > 6 ? ' …' : ''}): that is a loss with soft targets and other class weights; λ = ${brief(lambdaPerDecay)}·wd`,
  };
}

function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}
