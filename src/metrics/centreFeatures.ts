/**
 * A snapshot with the mean over all samples taken out of its features and put into the bias of the head.
 *
 * h_i − h_G and b + P·h_G give the outputs of h_i and b: with a free bias both are one network, and every minimiser has
 * h_G = 0, as Σ_k n_k h̄_k = −(1/λ_H)·Pᵀ·Σ_k (n_k/N)(p_k − y_k) and the sum is the gradient of the bias. A network of ReLU
 * features has an offset all the same.
 */
import type { Blas } from '../core/blas.js';
import { zeros } from '../core/matrix.js';
import type { Snapshot } from '../model/index.js';
import { centreMeans } from './betweenClass.js';
import { classifierOf } from './classifier.js';
import { timesPowerOfTwo } from './exponents.js';

/** What was taken out. */
export interface FeatureOffset {
  /** ‖h_G‖. */
  readonly norm: number;
  /** Root of the mean of ‖h̄_k − h_G‖² over all samples: what to hold it against. */
  readonly spread: number;
}

export interface CentredSnapshot {
  readonly snapshot: Snapshot;
  readonly offset: FeatureOffset;
}

/** Means K×d. A head without bias is left alone: there an offset changes the outputs. */
export function centreFeatures(snapshot: Snapshot, blas: Blas): CentredSnapshot | null {
  const { statistics, head } = snapshot;
  if (head?.bias == null) return null;
  const { counts, means, exponent = 0 } = statistics;
  const [K, d] = [means.rows, means.cols];
  const N = counts.reduce((sum, n) => sum + n, 0);
  const { centre, centred } = centreMeans(means, counts);
  const { P, exponent: exponentOfP } = classifierOf(head, d, K, blas);
  const seen = zeros(1, P.rows);
  blas.gemm('N', 'T', 1, { rows: 1, cols: d, data: centre }, P, 0, seen);
  let squares = 0;
  for (let k = 0; k < K; k++)
    squares += (counts[k] / N) * Math.hypot(...centred.data.subarray(k * d, (k + 1) * d)) ** 2;
  return {
    snapshot: {
      ...snapshot,
      statistics: { ...statistics, means: centred },
      head: {
        ...head,
        bias: head.bias.map((value, j) => value + timesPowerOfTwo(seen.data[j], exponent + exponentOfP)),
      },
    },
    offset: {
      norm: timesPowerOfTwo(Math.hypot(...centre), exponent),
      spread: timesPowerOfTwo(Math.sqrt(squares), exponent),
    },
  };
}
