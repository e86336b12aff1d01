/**
 * `Blas` in plain TypeScript: for browsers, and for machines without a native library.
 *
 * Products are in `portableGemm.ts`, the QR factorisation in `portableQr.ts` (ten times as fast as ml-matrix's on tall
 * matrices); eigenvalues and singular values come from ml-matrix.
 */
import { EigenvalueDecomposition, Matrix as MlMatrix, SingularValueDecomposition } from 'ml-matrix';
import {
  checkFinite,
  checkGemm,
  checkGram,
  checkSameLength,
  checkSquare,
  checkTall,
  type Blas,
} from './blas.js';
import { ComputationError } from './errors.js';
import { shape, transpose, zeros, type Matrix } from './matrix.js';
import { portableGemm } from './portableGemm.js';
import { portableQr } from './portableQr.js';
import { dividedBy, safeScale } from './safeScale.js';

export const portableBlas: Blas = {
  name: 'portable',
  path: null,
  threads: 1,

  gemm(transposeA, transposeB, alpha, A, B, beta, C) {
    const k = checkGemm(transposeA, transposeB, A, B, C);
    portableGemm(transposeA, transposeB, alpha, A, B, beta, C, k);
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
    // Eight at a time: twice as fast as one.
    const whole = x.length - (x.length % 8);
    for (let i = 0; i < whole; i += 8) {
      y[i] += alpha * x[i];
      y[i + 1] += alpha * x[i + 1];
      y[i + 2] += alpha * x[i + 2];
      y[i + 3] += alpha * x[i + 3];
      y[i + 4] += alpha * x[i + 4];
      y[i + 5] += alpha * x[i + 5];
      y[i + 6] += alpha * x[i + 6];
      y[i + 7] += alpha * x[i + 7];
    }
    for (let i = whole; i < x.length; i++) y[i] += alpha * x[i];
  },

  dot(x, y) {
    checkSameLength('dot', x, y);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return sum;
  },

  eigenSymmetric(A) {
    checkSquare('eigenSymmetric', A);
    checkFinite('eigenvalues', A);
    if (A.rows === 0) return { values: new Float64Array(0), vectors: zeros(0, 0) };
    const scale = safeScale(A);
    const decomposition = new EigenvalueDecomposition(toMl(dividedBy(A, scale)), { assumeSymmetric: true });
    const values = Float64Array.from(decomposition.realEigenvalues);
    checkConverged('eigenvalues', A, values);
    return { values: values.map((value) => value * scale), vectors: fromMl(decomposition.eigenvectorMatrix) };
  },

  svd(A) {
    checkFinite('singular values', A);
    if (Math.min(A.rows, A.cols) === 0)
      return { U: zeros(A.rows, 0), s: new Float64Array(0), Vt: zeros(0, A.cols) };
    const wide = A.rows < A.cols;
    const scale = safeScale(A);
    const scaled = dividedBy(A, scale);
    const decomposition = new SingularValueDecomposition(toMl(wide ? transpose(scaled) : scaled));
    const s = Float64Array.from(decomposition.diagonal);
    checkConverged('singular values', A, s);
    const left = fromMl(decomposition.leftSingularVectors);
    const right = fromMl(decomposition.rightSingularVectors);
    return {
      U: wide ? right : left,
      s: s.map((value) => value * scale),
      Vt: transpose(wide ? left : right),
    };
  },

  qr(A) {
    checkTall('qr', A);
    checkFinite('QR factors', A);
    if (A.cols === 0) return { Q: zeros(A.rows, 0), R: zeros(0, 0) };
    const scale = safeScale(A);
    if (scale === 1) return portableQr(A);
    const { Q, R } = portableQr(dividedBy(A, scale));
    return { Q, R: { ...R, data: R.data.map((value) => value * scale) } };
  },
};

/** Rotations that do not settle leave NaN behind. */
function checkConverged(what: string, A: Matrix, values: Float64Array): void {
  if (!values.every(Number.isFinite)) throw ComputationError.notConverged(what, shape(A));
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
