/**
 * Measured vectors where the predicted ones are drawn: the rows of P and the class means, d-dimensional, mapped to R^K by
 * the one orthonormal map that lies best on the prediction (Procrustes). A little of the map before keeps directions
 * steady in which theory predicts nothing.
 */
import { copy, zeros, type Matrix } from 'collapsar/core';
import { axes, overlap, polar, turned, type Embedding } from '../theory/embed.js';

const MEMORY = 1e-3;

export function createAlignment(predicted: Embedding) {
  const { classes: K, points, weightScale, featureScale } = predicted;
  const target: Matrix = { data: points.slice(), rows: 2 * K, cols: K };
  // Where theory says zero the class's own axis is a faint guide.
  const guide = axes(K);
  for (let i = 0; i < target.data.length; i++) target.data[i] += 1e-2 * guide.data[i];
  let before: Matrix | null = null;
  /**
   * P: K×d, means: K×d (rows are class means). `points` as in `theory/embed.ts`; `map`, d×K, takes a feature to its place
   * among them.
   */
  return (P: Matrix, means: Matrix): { readonly points: Float64Array; readonly map: Matrix } => {
    const d = P.cols;
    const X = zeros(2 * K, d);
    for (let i = 0; i < K * d; i++) {
      X.data[i] = P.data[i] / weightScale;
      X.data[K * d + i] = means.data[i] / featureScale;
    }
    const C = overlap(X, target);
    let size = 0;
    for (const value of C.data) size = Math.max(size, Math.abs(value));
    if (before !== null) for (let i = 0; i < C.data.length; i++) C.data[i] += MEMORY * size * before.data[i];
    const wide = C.rows < C.cols;
    const B = wide ? transposed(polar(transposed(C))) : polar(C);
    before = copy(B);
    const map = copy(B);
    for (let i = 0; i < map.data.length; i++) map.data[i] /= featureScale;
    return { points: turned(X, B).data, map };
  };
}

function transposed(A: Matrix): Matrix {
  const T = zeros(A.cols, A.rows);
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < A.cols; j++) T.data[j * A.rows + i] = A.data[i * A.cols + j];
  return T;
}
