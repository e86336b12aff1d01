/**
 * The head as one linear map: P = W_M … W_1 (K×d) and its bias.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { shape, zeros, type Matrix } from '../core/matrix.js';
import type { Head } from '../model/index.js';

export interface Classifier {
  /** P, K×d. */
  readonly P: Matrix;
  /** K, or null where there is none. */
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
  let P = last;
  for (let m = weights.length - 2; m >= 0; m--) {
    const next = zeros(classes, weights[m].cols);
    blas.gemm('N', 'N', 1, P, weights[m], 0, next);
    P = next;
  }
  return { P, bias };
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
