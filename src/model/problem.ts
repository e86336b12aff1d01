/**
 * The problem of Dang et al. (ICML 2023): class counts, layer widths, loss, bias and regularisation, as plain data.
 *
 * Objective (MSE): F = 1/(2N)‖P H + b1ᵀ − Y‖² + Σ λ_m/2 ‖W_m‖² + λ_H/2 ‖H‖², P = W_M … W_1, H: d_0×N.
 */
import { refuse } from '../core/errors.js';
import { checkVariations, type VariationInput } from './checkVariations.js';
import type { PlainBias, Variations } from './variations.js';
import { BIASES, LOSSES, type Bias, type Loss } from './vocabulary.js';

export interface Problem extends Variations {
  /** n_k, samples of each class, in the user's order; K positive integers. */
  readonly counts: readonly number[];
  /** d_0 … d_{M−1}: the feature dimension, then the hidden widths; d_M = K is implied. */
  readonly widths: readonly number[];
  readonly loss: Loss;
  readonly bias: Bias;
  /** λ_1 … λ_M, from the layer nearest the features. */
  readonly weightDecays: readonly number[];
  /** λ_H, on the sum over all N samples of ‖h_i‖². */
  readonly featureDecay: number;
}

/** A problem without variations. */
export type PlainProblem = Problem & { readonly bias: PlainBias };

/** What a user gives: one λ or one width stands for all layers; variations that are left out are not there. */
export interface ProblemInput extends VariationInput {
  readonly counts: readonly number[];
  readonly depth: number;
  readonly widths: readonly number[] | number;
  readonly loss?: Loss;
  readonly bias?: Bias;
  readonly weightDecays: readonly number[] | number;
  readonly featureDecay: number;
}

const LARGEST_DEPTH = 1000;
const LARGEST_WIDTH = 2 ** 31 - 1;
const SMALLEST_DECAY = 1e-300;

/** Checks every field and spreads scalars over the layers. Throws one-line argument errors. */
export function createProblem(input: ProblemInput): Problem {
  checkCounts(input.counts);
  const { depth } = input;
  if (!Number.isInteger(depth) || depth < 1 || depth > LARGEST_DEPTH)
    refuse('depth', `a whole number of linear layers from 1 to ${LARGEST_DEPTH}`, depth);
  const widths = perLayer('width', input.widths, depth, 'd_0 … d_{M−1}');
  widths.forEach((width, m) => {
    if (!Number.isInteger(width) || width < 1 || width > LARGEST_WIDTH)
      refuse(
        widths.length === 1 ? 'width' : `width d_${m}`,
        `a whole number from 1 to ${LARGEST_WIDTH}`,
        width,
      );
  });
  const weightDecays = perLayer('weight decay', input.weightDecays, depth, 'λ_1 … λ_M');
  weightDecays.forEach((decay, m) => {
    checkDecay(weightDecays.length === 1 ? 'weight decay' : `weight decay λ_${m + 1}`, decay);
  });
  checkDecay('feature decay', input.featureDecay);
  const { loss = 'mse', bias = 'none' } = input;
  if (!LOSSES.includes(loss)) refuse('loss', LOSSES.join(' or '), loss);
  if (!BIASES.includes(bias)) refuse('bias', 'none, free or decayed', bias);
  const plain = {
    counts: [...input.counts],
    widths,
    loss,
    bias,
    weightDecays,
    featureDecay: input.featureDecay,
  };
  return { ...plain, ...checkVariations(plain, input) };
}

/** Refuses no classes, and a class with zero, negative, fractional or too many samples. */
export function checkCounts(counts: readonly number[]): void {
  if (counts.length === 0) refuse('counts', 'at least one class', counts);
  let total = 0;
  for (let k = 0; k < counts.length; k++) {
    const n = counts[k];
    if (!Number.isSafeInteger(n) || n < 1)
      refuse(
        `counts, class ${k}`,
        'a positive whole number of samples',
        n,
        n === 0 ? 'leave an empty class out' : undefined,
      );
    total += n;
  }
  if (!Number.isSafeInteger(total)) refuse('counts', 'at most 2^53 samples in all', total);
}

function perLayer(
  where: string,
  values: readonly number[] | number,
  depth: number,
  symbols: string,
): number[] {
  const list = typeof values === 'number' ? [values] : values;
  if (list.length === 1) return new Array<number>(depth).fill(list[0]);
  if (list.length !== depth)
    refuse(where, `one value, or one for each of the ${depth} layers (${symbols})`, `${list.length} values`);
  return [...list];
}

/** Refuses a decay that is not positive, or too small to leave digits. */
export function checkDecay(where: string, decay: number): void {
  if (!(decay > 0 && Number.isFinite(decay)))
    refuse(where, 'a positive finite number', decay, 'the theory needs every factor regularised');
  if (decay < SMALLEST_DECAY)
    refuse(where, `at least ${SMALLEST_DECAY}`, decay, 'smaller ones leave no digits');
}

/** The geometric mean of positive numbers: that of equal ones to the last bit, and finite where their product is not. */
export function geometricMean(values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return values[0];
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** M, the number of linear layers. */
export function depthOf(problem: Problem): number {
  return problem.widths.length;
}

/** N, the number of samples. */
export function samplesOf(problem: Problem): number {
  let total = 0;
  for (const n of problem.counts) total += n;
  return total;
}

/** R = min(K, q, d_0, …, d_{M−1}), the largest rank that P H can have. */
export function bottleneckOf(problem: Problem): number {
  const { counts, targets, widths } = problem;
  return Math.min(counts.length, targets?.length ?? counts.length, ...widths);
}

/** True when every class has the same number of samples. */
export function isBalanced(problem: Problem): boolean {
  return problem.counts.every((n) => n === problem.counts[0]);
}
