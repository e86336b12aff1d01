/**
 * The head as one linear map: P = W_M … W_1 (K×d) and its bias.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { shape, zeros, type Matrix } from '../core/matrix.js';
import type { Head } from '../model/index.js';
import { broughtIntoRange, largestSize, scaledMatrix, timesPowerOfTwo } from './exponents.js';

export interface Classifier {
  /** P·2^−exponent, K×d. */
  readonly P: Matrix;
  /** 0 unless the entries of a layer or of P lie outside about 2^±200. */
  readonly exponent: number;
  /** As it is: K, or null where there is none. */
  readonly bias: Float64Array | null;
}

/**
 * Multiplies the layers, from the class side. Throws a dimension error when they do not chain, when W_1 does not take
 * d = `dimension` features, or when W_M or the bias does not give K = `classes` numbers.
 */
export function classifierOf(head: Head, dimension: number, classes: number, blas: Blas): Classifier {
  const { weights, bias } = head;
  if (weights.length === 0) refuseShape('weights', 'at least one layer', 'none');
  checkChain(weights);
  const [first, last] = [weights[0], weights[weights.length - 1]];
  if (first.cols !== dimension)
    refuseShape('W1', `${dimension} columns, as many as there are features`, shape(first));
  if (last.rows !== classes)
    refuseShape(`W${weights.length}`, `${classes} rows, one for each class`, shape(last));
  if (bias !== null && bias.length !== classes)
    refuseShape('bias', `${classes} entries, one for each class`, `${bias.length}`);
  weights.forEach((W, m) => {
    if (!W.data.every(Number.isFinite)) refuseShape(`W${m + 1}`, 'finite numbers', 'NaN or Infinity');
  });
  if (bias !== null && !bias.every(Number.isFinite)) refuseShape('bias', 'finite numbers', 'NaN or Infinity');
  let exponent = 0;
  const inRange = (A: Matrix): Matrix => {
    const brought = broughtIntoRange(A);
    exponent += brought.exponent;
    return brought.scaled;
  };
  let P = inRange(last);
  for (let m = weights.length - 2; m >= 0; m--) {
    const next = zeros(classes, weights[m].cols);
    blas.gemm('N', 'N', 1, P, inRange(weights[m]), 0, next);
    P = inRange(next);
  }
  return { P, exponent, bias };
}

/** P and bias, both up to one factor. */
export type ScaledHead = Pick<Classifier, 'P' | 'bias'>;

/** log₂ of the largest bias, in the units in which P has entries of about 1. */
const MOST_BIAS = 900;

/**
 * P and b as they act on features that come divided by 2^`exponent`, both times one power of two: which logit is largest does not
 * change with it. P gives way where the bias is so much larger that it alone decides.
 */
export function inUnitsOf({ P, exponent: ownExponent, bias }: Classifier, exponent: number): ScaledHead {
  if (bias === null || ownExponent + exponent === 0) return { P, bias };
  const size = Math.log2(largestSize(bias)) - ownExponent - exponent;
  const less = size > MOST_BIAS ? Math.ceil(size - MOST_BIAS) : 0;
  return {
    P: scaledMatrix(P, -less),
    bias: bias.map((value) => timesPowerOfTwo(value, -ownExponent - exponent - less)),
  };
}

/** Refuses layers whose shapes do not chain: W_m is d_m × d_{m−1}. */
export function checkChain(weights: readonly Matrix[]): void {
  for (let m = 1; m < weights.length; m++)
    if (weights[m].cols !== weights[m - 1].rows)
      refuseShape(
        `W${m + 1}`,
        `${weights[m - 1].rows} columns, as many as W${m} has rows`,
        shape(weights[m]),
        'weights are out×in, as PyTorch saves them, and W1 is nearest the features',
      );
}
