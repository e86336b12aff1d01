/**
 * The measures over pairs of classes: angles, CDNV and the distances of PPᵀ, H̄ᵀH̄ and PH̄ from reference frames.
 *
 * Up to `DENSE_LIMIT` the K×K matrices are formed, and kept for whoever wants to see them. Beyond, they are swept in
 * blocks of rows that are thrown away (`sweepPairs`): the same sums over the same entries, in O(K²d) time and O(Kd) memory.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { DENSE_LIMIT, type MeasuredFrame } from '../model/index.js';
import { cdnv } from './cdnv.js';
import { frameDistances, meanAngles, NO_DISTANCES } from './nc2.js';
import { sweepPairs, type PairInput, type PairMeasures } from './pairSweep.js';

/** PPᵀ and PH̄ are null without a head; above `DENSE_LIMIT` classes they are products that nobody has formed. */
export interface MeasuredGeometry {
  readonly weights: MeasuredFrame | null;
  readonly features: MeasuredFrame;
  readonly logits: MeasuredFrame | null;
}

/** The measures over pairs, and the geometry in the form that suits the number of classes. */
export function measurePairs(input: PairInput): { measures: PairMeasures; geometry: MeasuredGeometry } {
  const { means, P, blas } = input;
  if (means.rows <= DENSE_LIMIT) return densePairs(input);
  const product = (left: Matrix, right: Matrix): MeasuredFrame => {
    let buffer = new Float64Array(0);
    return {
      kind: 'product',
      left,
      right,
      columns(first, count, from) {
        const cols = left.rows - from;
        if (buffer.length < count * cols) buffer = new Float64Array(count * cols);
        const out = { data: buffer.subarray(0, count * cols), rows: count, cols };
        blas.gemm('N', 'T', 1, rowsOf(right, first, count), rowsOf(left, from, cols), 0, out);
        return out;
      },
    };
  };
  return {
    measures: sweepPairs(input),
    geometry: {
      weights: P === null ? null : product(P, P),
      features: product(means, means),
      logits: P === null ? null : product(P, means),
    },
  };
}

/** The same from K×K matrices that are formed whole. */
export function densePairs(input: PairInput): { measures: PairMeasures; geometry: MeasuredGeometry } {
  const { means, centred, P, variances, predicted, blas } = input;
  const centredGram = multiply(centred, centred, blas);
  const features = multiply(means, means, blas);
  const weights = P === null ? null : multiply(P, P, blas);
  const logits = P === null ? null : multiply(P, means, blas);
  const centredLogits = P === null ? null : multiply(P, centred, blas);
  return {
    measures: {
      angles: meanAngles(centredGram),
      cdnv: cdnv(centred, centredGram, variances),
      weights: weights === null ? NO_DISTANCES : frameDistances(weights, weights, predicted?.weights ?? null),
      features: frameDistances(features, centredGram, predicted?.features ?? null),
      logits:
        logits === null || centredLogits === null
          ? NO_DISTANCES
          : frameDistances(logits, centredLogits, predicted?.logits ?? null),
    },
    geometry: {
      weights: weights === null ? null : { kind: 'dense', matrix: weights },
      features: { kind: 'dense', matrix: features },
      logits: logits === null ? null : { kind: 'dense', matrix: logits },
    },
  };
}

/** ABᵀ for A: m×d, B: n×d. */
function multiply(A: Matrix, B: Matrix, blas: Blas): Matrix {
  const out = zeros(A.rows, B.rows);
  blas.gemm('N', 'T', 1, A, B, 0, out);
  return out;
}

function rowsOf(A: Matrix, first: number, count: number): Matrix {
  return { data: A.data.subarray(first * A.cols, (first + count) * A.cols), rows: count, cols: A.cols };
}
