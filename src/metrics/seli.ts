/**
 * The SELI geometry: what cross-entropy tends to on imbalanced classes as regularisation vanishes (Thrampoulidis et al. 2022).
 *
 * Without bias the simplex-encoded labels are (I − 11ᵀ/K)Y. With counts n_k repeated columns collapse to the K×K matrix
 * Ẑ = (I − 11ᵀ/K)·diag(√n) = VΛUᵀ, and PPᵀ ∝ VΛVᵀ, H̄ᵀH̄ ∝ D^{−1/2}UΛUᵀD^{−1/2}, PH̄ ∝ I − 11ᵀ/K.
 * A free bias takes what all samples share out of PH̄, so that its mean over samples vanishes (PH̄n = 0):
 * the labels are (I − n1ᵀ/N)Y, Ẑ = (I − n1ᵀ/N)·diag(√n), and PH̄ ∝ I − n1ᵀ/N. On equal counts both are the simplex ETF.
 * (Derived here, and held against certified minima at a decay of 1e-10.)
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { checkCounts, type Bias, type Geometry } from '../model/index.js';

/** The SELI frames of given class counts under a bias, K×K each, up to scale. One K×K SVD. */
export function seliGeometry(counts: readonly number[], bias: Bias, blas: Blas): Geometry {
  checkCounts(counts);
  const K = counts.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const logits = zeros(K, K);
  const Z = zeros(K, K);
  for (let i = 0; i < K; i++) {
    const common = bias === 'free' ? counts[i] / N : 1 / K;
    for (let j = 0; j < K; j++) {
      const label = (i === j ? 1 : 0) - common;
      logits.data[i * K + j] = label;
      Z.data[i * K + j] = label * Math.sqrt(counts[j]);
    }
  }
  const { U, s, Vt } = blas.svd(Z);
  const V = { data: new Float64Array(K * K), rows: K, cols: K };
  for (let i = 0; i < K; i++) for (let j = 0; j < K; j++) V.data[j * K + i] = Vt.data[i * K + j];
  const features = weightedGram(V, s, blas);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) features.data[i * K + j] /= Math.sqrt(counts[i] * counts[j]);
  return {
    weights: { kind: 'dense', matrix: weightedGram(U, s, blas) },
    features: { kind: 'dense', matrix: features },
    logits: { kind: 'dense', matrix: logits },
  };
}

/** A·diag(s)·Aᵀ for A: K×K. */
function weightedGram(A: Matrix, s: Float64Array, blas: Blas): Matrix {
  const scaled = { ...A, data: A.data.map((value, i) => value * s[i % A.cols]) };
  const out = zeros(A.rows, A.rows);
  blas.gemm('N', 'T', 1, scaled, A, 0, out);
  return out;
}
