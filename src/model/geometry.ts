/**
 * The geometry of the last layers: PPᵀ, H̄ᵀH̄ and PH̄, as K×K matrices.
 *
 * A prediction and a measurement both carry one, so comparing them is one function, and "orthogonal frame",
 * "simplex ETF" and "general orthogonal frame" are just geometries to compare with.
 */
import { refuseShape } from '../core/errors.js';
import { frobenius, shape, type Matrix } from '../core/matrix.js';

/** A symmetric or general K×K matrix; a diagonal one is kept as its K entries. */
export type Frame =
  | { readonly kind: 'diagonal'; readonly entries: Float64Array }
  | { readonly kind: 'dense'; readonly matrix: Matrix };

/**
 * A K×K matrix L·Rᵀ of so many classes that it is not formed: it is read a few columns at a time.
 */
export interface ProductFrame {
  readonly kind: 'product';
  /** K×d. */
  readonly left: Matrix;
  /** K×d. */
  readonly right: Matrix;
  /**
   * Columns first … first + count − 1 of L·Rᵀ, their entries from row `from` on, as the rows of a count×(K − from) matrix. It
   * is overwritten by the next call.
   */
  columns(first: number, count: number, from: number): Matrix;
}

/** A measured K×K matrix: formed for a few classes, a product for many. */
export type MeasuredFrame = Frame | ProductFrame;

export interface Geometry {
  /** PPᵀ: inner products of the classifier's rows. */
  readonly weights: Frame;
  /** H̄ᵀH̄: inner products of the class means, not centred. */
  readonly features: Frame;
  /** PH̄: entry (j, k) is the logit j of class mean k, without bias. */
  readonly logits: Frame;
}

/** A predicted geometry, with the Δ of P = ΔH̄ᵀ on the span (the predicted self-duality). */
export interface PredictedGeometry extends Geometry {
  readonly duality: Frame;
}

/** Above this many classes a dense geometry is left out of documents. */
export const DENSE_LIMIT = 1000;

/** K of a frame. */
export function frameSize(frame: Frame): number {
  return frame.kind === 'diagonal' ? frame.entries.length : frame.matrix.rows;
}

/** Entry (i, j). */
export function frameEntry(frame: Frame, i: number, j: number): number {
  if (frame.kind === 'dense') return frame.matrix.data[i * frame.matrix.cols + j];
  return i === j ? frame.entries[i] : 0;
}

/** The K diagonal entries. */
export function frameDiagonal(frame: MeasuredFrame): Float64Array {
  if (frame.kind === 'diagonal') return frame.entries;
  if (frame.kind === 'dense')
    return Float64Array.from({ length: frame.matrix.rows }, (_, k) => frameEntry(frame, k, k));
  const { left, right } = frame;
  return Float64Array.from({ length: left.rows }, (_, k) => {
    let sum = 0;
    for (let j = k * left.cols; j < (k + 1) * left.cols; j++) sum += left.data[j] * right.data[j];
    return sum;
  });
}

/** Entries of columns that are formed at a time: 16 MB. */
const COLUMN_ENTRIES = 2 ** 21;

/**
 * Visits the columns of a measured frame in order: entry (j, k) is column[j − from]. Where only the entries `below` the
 * diagonal are wanted, some of those above may be left out. The column is reused for the next one.
 */
export function forEachColumn(
  frame: MeasuredFrame,
  visit: (column: Float64Array, k: number, from: number) => void,
  wanted: 'all' | 'below' = 'all',
): void {
  if (frame.kind === 'product') {
    const K = frame.right.rows;
    const together = Math.max(1, Math.floor(COLUMN_ENTRIES / K));
    for (let first = 0; first < K; first += together) {
      const count = Math.min(together, K - first);
      const from = wanted === 'all' ? 0 : first;
      const { data, cols } = frame.columns(first, count, from);
      for (let i = 0; i < count; i++) visit(data.subarray(i * cols, (i + 1) * cols), first + i, from);
    }
    return;
  }
  const K = frameSize(frame);
  const column = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    for (let j = 0; j < K; j++) column[j] = frameEntry(frame, j, k);
    visit(column, k, 0);
  }
}

/** The frame of K orthogonal vectors of one length: the identity. */
export function orthogonalFrame(K: number): Frame {
  return { kind: 'diagonal', entries: new Float64Array(K).fill(1) };
}

/** The simplex equiangular tight frame: I − 11ᵀ/K. */
export function simplexEtf(K: number): Frame {
  const data = new Float64Array(K * K).fill(-1 / K);
  for (let k = 0; k < K; k++) data[k * K + k] += 1;
  return { kind: 'dense', matrix: { data, rows: K, cols: K } };
}

/** ‖A‖ of a frame (Frobenius). */
export function frameNorm(frame: Frame): number {
  return frobenius(
    frame.kind === 'dense' ? frame.matrix : { data: frame.entries, rows: 1, cols: frame.entries.length },
  );
}

/**
 * ‖A/‖A‖ − F/‖F‖‖ (Frobenius), the distance of a measured matrix from a reference frame when scale is left out.
 * Between 0 and 2; null when either is zero, where the direction does not exist.
 */
export function frameDistance(A: Matrix, reference: Frame): number | null {
  const K = frameSize(reference);
  if (A.rows !== K || A.cols !== K)
    refuseShape('frameDistance', `a ${K}×${K} matrix beside a frame of ${K} classes`, shape(A));
  const [normA, normF] = [frobenius(A), frameNorm(reference)];
  if (normA === 0 || normF === 0) return null;
  let sum = 0;
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) sum += (A.data[i * K + j] / normA - frameEntry(reference, i, j) / normF) ** 2;
  return Math.sqrt(sum);
}

/** A frame as K rows of K numbers. */
export function frameRows(frame: Frame): number[][] {
  if (frame.kind === 'diagonal')
    return Array.from(frame.entries, (entry, i) =>
      Array.from(frame.entries, (_, j) => (i === j ? entry : 0)),
    );
  const { data, rows, cols } = frame.matrix;
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * cols, (i + 1) * cols)));
}
