/**
 * `Blas` in plain TypeScript: for browsers, and for machines without a native library.
 *
 * Products are written for the case that dominates here (a few rows against a large matrix): rows are updated by
 * four at a time so that each entry of B is loaded once for four uses. Factorisations come from ml-matrix.
 */
import {
  EigenvalueDecomposition,
  Matrix as MlMatrix,
  QrDecomposition,
  SingularValueDecomposition,
} from 'ml-matrix';
import {
  checkFinite,
  checkGemm,
  checkGram,
  checkSameLength,
  checkSquare,
  checkTall,
  type Blas,
} from './blas.js';
import { transpose, zeros, type Floats, type Matrix } from './matrix.js';

export const portableBlas: Blas = {
  name: 'portable',
  path: null,
  threads: 1,

  gemm(transposeA, transposeB, alpha, A, B, beta, C) {
    const k = checkGemm(transposeA, transposeB, A, B, C);
    if (beta === 0) C.data.fill(0);
    else if (beta !== 1) for (let i = 0; i < C.data.length; i++) C.data[i] *= beta;
    const left = transposeA === 'N' ? A : transpose(A);
    if (transposeB === 'N') addRowCombinations(alpha, left, B, C, k);
    else addRowProducts(alpha, left, B, C, k);
  },

  gramInto(alpha, A, beta, C) {
    checkGram(A, C);
    this.gemm('T', 'N', alpha, A, A, beta, C);
    // (α·a)·b and a·(α·b) round apart: one triangle decides.
    for (let i = 0; i < C.rows; i++)
      for (let j = 0; j < i; j++) C.data[i * C.cols + j] = C.data[j * C.cols + i];
  },

  axpy(alpha, x, y) {
    checkSameLength('axpy', x, y);
    for (let i = 0; i < x.length; i++) y[i] += alpha * x[i];
  },

  dot(x, y) {
    checkSameLength('dot', x, y);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return sum;
  },

  eigenSymmetric(A) {
    checkSquare('eigenSymmetric', A);
    checkFinite('eigenSymmetric', A);
    if (A.rows === 0) return { values: new Float64Array(0), vectors: zeros(0, 0) };
    const found = new EigenvalueDecomposition(toMl(A), { assumeSymmetric: true });
    return { values: Float64Array.from(found.realEigenvalues), vectors: fromMl(found.eigenvectorMatrix) };
  },

  svd(A) {
    checkFinite('svd', A);
    if (Math.min(A.rows, A.cols) === 0)
      return { U: zeros(A.rows, 0), s: new Float64Array(0), Vt: zeros(0, A.cols) };
    const wide = A.rows < A.cols;
    const found = new SingularValueDecomposition(toMl(wide ? transpose(A) : A));
    const left = fromMl(found.leftSingularVectors);
    const right = fromMl(found.rightSingularVectors);
    return {
      U: wide ? right : left,
      s: Float64Array.from(found.diagonal),
      Vt: transpose(wide ? left : right),
    };
  },

  qr(A) {
    checkTall('qr', A);
    checkFinite('qr', A);
    if (A.cols === 0) return { Q: zeros(A.rows, 0), R: zeros(0, 0) };
    const found = new QrDecomposition(toMl(A));
    return { Q: fromMl(found.orthogonalMatrix), R: fromMl(found.upperTriangularMatrix) };
  },
};

/** C += α·A·B, by rows of B: A m×k, B k×n. */
function addRowCombinations<T extends Floats>(
  alpha: number,
  A: Matrix<T>,
  B: Matrix<T>,
  C: Matrix<T>,
  k: number,
): void {
  const n = C.cols;
  const [a, b, c] = [A.data, B.data, C.data];
  for (let i = 0; i < C.rows; i++) {
    const row = i * n;
    let l = 0;
    for (; l + 3 < k; l += 4) {
      const a0 = alpha * a[i * k + l];
      const a1 = alpha * a[i * k + l + 1];
      const a2 = alpha * a[i * k + l + 2];
      const a3 = alpha * a[i * k + l + 3];
      const b0 = l * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++)
        c[row + j] += a0 * b[b0 + j] + a1 * b[b1 + j] + a2 * b[b2 + j] + a3 * b[b3 + j];
    }
    for (; l < k; l++) {
      const a0 = alpha * a[i * k + l];
      for (let j = 0; j < n; j++) c[row + j] += a0 * b[l * n + j];
    }
  }
}

/** C += α·A·Bᵀ, by inner products of rows: A m×k, B n×k. Four rows of B share each load of A. */
function addRowProducts<T extends Floats>(
  alpha: number,
  A: Matrix<T>,
  B: Matrix<T>,
  C: Matrix<T>,
  k: number,
): void {
  const n = C.cols;
  const [a, b, c] = [A.data, B.data, C.data];
  for (let i = 0; i < C.rows; i++) {
    const left = i * k;
    let j = 0;
    for (; j + 3 < n; j += 4) {
      let [s0, s1, s2, s3] = [0, 0, 0, 0];
      const b0 = j * k;
      const b1 = b0 + k;
      const b2 = b1 + k;
      const b3 = b2 + k;
      for (let l = 0; l < k; l++) {
        const value = a[left + l];
        s0 += value * b[b0 + l];
        s1 += value * b[b1 + l];
        s2 += value * b[b2 + l];
        s3 += value * b[b3 + l];
      }
      c[i * n + j] += alpha * s0;
      c[i * n + j + 1] += alpha * s1;
      c[i * n + j + 2] += alpha * s2;
      c[i * n + j + 3] += alpha * s3;
    }
    for (; j < n; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++) sum += a[left + l] * b[j * k + l];
      c[i * n + j] += alpha * sum;
    }
  }
}

function toMl(A: Matrix): MlMatrix {
  return new MlMatrix(
    Array.from({ length: A.rows }, (_, i) => A.data.subarray(i * A.cols, (i + 1) * A.cols)),
  );
}

function fromMl(A: MlMatrix): Matrix {
  const out = zeros(A.rows, A.columns);
  for (let i = 0; i < A.rows; i++)
    for (let j = 0; j < A.columns; j++) out.data[i * A.columns + j] = A.get(i, j);
  return out;
}
