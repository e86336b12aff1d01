/**
 * The effective feature decay of a network trained without one: λ_H from the measured balance between P and H̄.
 *
 * At every stationary point, whatever the loss, layers and features are balanced, λ_1W_1ᵀW_1 = λ_H HHᵀ, and so
 *   (Πλ_m)^{1/M}·(PᵀP)^{1/M} = λ_H·HHᵀ,   HHᵀ = Σ_k n_k h̄_k h̄_kᵀ (means centred over samples with a free bias).
 * Its trace gives the one number, (Πλ_m)^{1/M} Σ_i s_i(P)^{2/M} / Σ_k n_k‖h̄_k‖². With Y the polar factor of H̄ diag(√n) = (HHᵀ)^{1/2}Y,
 * the quadratic form of the left side at y_k over n_k‖h̄_k‖² is a number for each class; the one number is their mean, weighted
 * with n_k‖h̄_k‖², where the head lies within the class means, and larger where it does not: they stand around it.
 * All are one λ_H at an exact minimiser; how far they spread says how far a network is from one.
 */
import type { Blas, Svd } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Bias } from '../model/index.js';
import { broughtIntoRange, timesPowerOfTwo } from './exponents.js';

/** Of the size of the means, for each of max(K, d). */
const ROUNDING = 4 * Number.EPSILON;

export interface FittedDecay {
  readonly value: number;
  /** λ_H,k for each class; null where the class's features vanish. */
  readonly classes: readonly (number | null)[];
  /** Smallest and largest over the classes that carry at least 1 % of Σ n_k‖h̄_k‖². */
  readonly range: readonly [number, number];
}

export function effectiveFeatureDecay(input: {
  /** K×d. */
  readonly means: Matrix;
  readonly counts: readonly number[];
  /** K×d. */
  readonly P: Matrix;
  readonly weightDecays: readonly number[];
  readonly bias: Bias;
  readonly blas: Blas;
  /** Where `means` and `P` are those of the network times 2^−exponent. */
  readonly exponents?: { readonly features: number; readonly weights: number } | undefined;
}): FittedDecay {
  const { counts, weightDecays, bias, blas } = input;
  const depth = weightDecays.length;
  const [head, features] = [broughtIntoRange(input.P), broughtIntoRange(input.means)];
  const P = head.scaled;
  // Both sides of the balance in the network's own units: a whole power of two, and a factor from 1 to 2.
  const power2 =
    (2 * (head.exponent + (input.exponents?.weights ?? 0))) / depth -
    2 * (features.exponent + (input.exponents?.features ?? 0));
  const inUnits = (decay: number): number =>
    timesPowerOfTwo(decay * 2 ** (power2 - Math.floor(power2)), Math.floor(power2));
  const root = Math.exp(weightDecays.reduce((sum, decay) => sum + Math.log(decay), 0) / depth);
  const means = bias === 'free' ? centred(features.scaled, counts) : features.scaled;
  const { s, Vt } = blas.svd(P);
  let power = 0;
  for (const value of s) power += value ** (2 / depth);
  // As they came: the scale of what rounding leaves.
  const size = Math.sqrt(weightedSum(rowSquares(features.scaled), counts));
  const squares = rowSquares(means);
  const balances = squares.map((square, k) => counts[k] * square);
  const balance = balances.reduce((sum, value) => sum + value, 0);
  const value = inUnits((root * power) / balance);
  if (power > 0 && balance > 0 && !(value > 0 && value < Infinity))
    refuse(
      'feature-decay fit',
      'weights and features whose balance is a number',
      value,
      'give the feature decay as a number',
      'featureDecay',
    );
  if (!(value > 0 && Number.isFinite(value)))
    refuse(
      'feature-decay fit',
      'a head and features that are not zero',
      value,
      'give the feature decay as a number',
      'featureDecay',
    );
  const classes = headByClass({ means, counts, size }, { s, Vt }, depth, blas).map((form, k) => {
    const decay = inUnits((root * form) / balances[k]);
    return Number.isFinite(decay) ? decay : null;
  });
  const carrying = classes.filter(
    (decay, k): decay is number => decay !== null && balances[k] >= 0.01 * balance,
  );
  // Many small classes may all be below a hundredth.
  const spread = carrying.length > 0 ? carrying : classes.filter((decay) => decay !== null);
  return {
    value,
    classes,
    range: [
      spread.reduce((least, decay) => Math.min(least, decay), Infinity),
      spread.reduce((most, decay) => Math.max(most, decay), 0),
    ],
  };
}

function weightedSum(values: readonly number[], counts: readonly number[]): number {
  return values.reduce((sum, value, k) => sum + counts[k] * value, 0);
}

/** Means (K×d) less their mean over samples. */
function centred(means: Matrix, counts: readonly number[]): Matrix {
  const { rows: K, cols: d } = means;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const centre = new Float64Array(d);
  for (let k = 0; k < K; k++)
    for (let r = 0; r < d; r++) centre[r] += (counts[k] / N) * means.data[k * d + r];
  return { ...means, data: means.data.map((value, at) => value - centre[at % d]) };
}

/** ‖(PᵀP)^{1/2M} y_k‖² for the columns y_k of Y, the polar factor of H̄ diag(√n) = (HHᵀ)^{1/2} Y. */
function headByClass(
  {
    means,
    counts,
    size,
  }: { readonly means: Matrix; readonly counts: readonly number[]; readonly size: number },
  { s, Vt }: Pick<Svd, 's' | 'Vt'>,
  depth: number,
  blas: Blas,
): number[] {
  const { rows: K, cols: d } = means;
  const weighted = zeros(K, d);
  for (let at = 0; at < weighted.data.length; at++)
    weighted.data[at] = Math.sqrt(counts[Math.floor(at / d)]) * means.data[at];
  const scatter = blas.svd(weighted);
  // What rounding leaves of a direction in which no mean lies is no direction.
  const least = ROUNDING * Math.max(K, d) * size;
  const r = scatter.s.filter((value) => value > least).length;
  // (PᵀP)^{1/2M} = V diag(s^{1/M}) Vᵀ, in the directions of the means.
  const inHead = zeros(r, s.length);
  blas.gemm('N', 'T', 1, { data: scatter.Vt.data.subarray(0, r * d), rows: r, cols: d }, Vt, 0, inHead);
  for (let at = 0; at < inHead.data.length; at++) inHead.data[at] *= s[at % s.length] ** (1 / depth);
  const byClass = zeros(K, s.length);
  blas.gemm('N', 'N', 1, firstColumns(scatter.U, r), inHead, 0, byClass);
  return rowSquares(byClass);
}

function firstColumns({ data, rows, cols }: Matrix, count: number): Matrix {
  const out = zeros(rows, count);
  for (let i = 0; i < rows; i++) out.data.set(data.subarray(i * cols, i * cols + count), i * count);
  return out;
}

function rowSquares({ data, rows, cols }: Matrix): number[] {
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += data[i * cols + j] ** 2;
    return sum;
  });
}
