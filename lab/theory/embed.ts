/**
 * Where the vectors of a geometry lie: rows of P and class means H̄ as points of R^K, turned so that class k points along
 * axis k as nearly as one rotation allows.
 *
 * The joint Gram matrix [PPᵀ PH̄; (PH̄)ᵀ H̄ᵀH̄] = VΣVᵀ gives coordinates V√Σ up to a rotation; the rotation is the
 * orthogonal polar factor of their overlap with the axes (Procrustes). Rows of P and class means are drawn at one size
 * each: divided by their longest.
 */
import { matrix, portableBlas, zeros, type Matrix } from 'collapsar/core';
import { frameEntry, frameSize, type Geometry } from 'collapsar/model';

/** 2K×K by rows: p_1 … p_K, then h̄_1 … h̄_K. */
export interface Embedding {
  readonly classes: number;
  readonly points: Float64Array;
  /** The longest row of P, and the longest class mean, before scaling; 1 where all are zero. */
  readonly weightScale: number;
  readonly featureScale: number;
}

/** Vectors shorter than this share of the longest are zero: rounding of the eigenvalues. */
const ROUNDING = 1e-7;

export function embed(geometry: Geometry): Embedding {
  const { weights, features, logits } = geometry;
  const K = frameSize(weights);
  const longest = (frame: Geometry['weights']) => {
    let most = 0;
    for (let k = 0; k < K; k++) most = Math.max(most, frameEntry(frame, k, k));
    return most > 0 ? Math.sqrt(most) : 1;
  };
  const [weightScale, featureScale] = [longest(weights), longest(features)];
  const points = new Float64Array(2 * K * K);
  const embedding = { classes: K, points, weightScale, featureScale };
  if (weights.kind === 'diagonal' && features.kind === 'diagonal') {
    for (let k = 0; k < K; k++) {
      points[k * K + k] = Math.sqrt(weights.entries[k]) / weightScale;
      points[(K + k) * K + k] = Math.sqrt(features.entries[k]) / featureScale;
    }
    return embedding;
  }
  const size = 2 * K;
  const gram = zeros(size, size);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) {
      gram.data[i * size + j] = frameEntry(weights, i, j) / weightScale ** 2;
      gram.data[(K + i) * size + K + j] = frameEntry(features, i, j) / featureScale ** 2;
      const cross = frameEntry(logits, i, j) / (weightScale * featureScale);
      gram.data[i * size + K + j] = cross;
      gram.data[(K + j) * size + i] = cross;
    }
  const { values, vectors } = portableBlas.eigenSymmetric(gram);
  const coordinates = zeros(size, K);
  for (let c = 0; c < K; c++) {
    const from = size - 1 - c;
    const value = values[from];
    if (!(value > ROUNDING ** 2)) continue;
    for (let i = 0; i < size; i++)
      coordinates.data[i * K + c] = vectors.data[i * size + from] * Math.sqrt(value);
  }
  points.set(turned(coordinates, polar(overlap(coordinates, axes(K)))).data);
  return embedding;
}

/** The rows [e_1 … e_K; e_1 … e_K]. */
export function axes(K: number): Matrix {
  const padded = zeros(2 * K, K);
  for (let k = 0; k < K; k++) padded.data[k * K + k] = padded.data[(K + k) * K + k] = 1;
  return padded;
}

/** AᵀB. */
export function overlap(A: Matrix, B: Matrix): Matrix {
  const C = zeros(A.cols, B.cols);
  portableBlas.gemm('T', 'N', 1, A, B, 0, C);
  return C;
}

/** The orthonormal factor UVᵀ of C = UΣVᵀ: the map that maximises tr(BᵀC). */
export function polar(C: Matrix): Matrix {
  const { U, Vt } = portableBlas.svd(C);
  const B = zeros(C.rows, C.cols);
  portableBlas.gemm('N', 'N', 1, U, Vt, 0, B);
  return B;
}

/** A·B. */
export function turned(A: Matrix, B: Matrix): Matrix {
  const C = matrix(new Float64Array(A.rows * B.cols), A.rows, B.cols);
  portableBlas.gemm('N', 'N', 1, A, B, 0, C);
  return C;
}
