/**
 * The SELI geometry: what cross-entropy tends to on imbalanced classes as regularisation vanishes (Thrampoulidis et al. 2022).
 *
 * The simplex-encoded labels are (I − 11ᵀ/K)Y. With counts n_k repeated columns collapse to the K×K matrix
 * Ẑ = (I − 11ᵀ/K)·diag(√n) = VΛUᵀ, and PPᵀ ∝ VΛVᵀ, H̄ᵀH̄ ∝ D^{−1/2}UΛUᵀD^{−1/2}, PH̄ ∝ I − 11ᵀ/K. On equal counts this is the
 * simplex ETF.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { simplexEtf, type Geometry, checkCounts } from '../model/index.js';

/** The SELI frames of given class counts, K×K each, up to scale. One K×K SVD. */
export function seliGeometry(counts: readonly number[], blas: Blas): Geometry {
  checkCounts(counts);
  const K = counts.length;
  const Z = zeros(K, K);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) Z.data[i * K + j] = ((i === j ? 1 : 0) - 1 / K) * Math.sqrt(counts[j]);
  const { U, s, Vt } = blas.svd(Z);
  const V = { data: new Float64Array(K * K), rows: K, cols: K };
  for (let i = 0; i < K; i++) for (let j = 0; j < K; j++) V.data[j * K + i] = Vt.data[i * K + j];
  const features = weightedGram(V, s, blas);
  for (let i = 0; i < K; i++)
    for (let j = 0; j < K; j++) features.data[i * K + j] /= Math.sqrt(counts[i] * counts[j]);
  return {
    weights: { kind: 'dense', matrix: weightedGram(U, s, blas) },
    features: { kind: 'dense', matrix: features },
    logits: simplexEtf(K),
  };
}

/** A·diag(s)·Aᵀ for A: K×K. */
function weightedGram(A: Matrix, s: Float64Array, blas: Blas): Matrix {
  const scaled = { ...A, data: A.data.map((value, i) => value * s[i % A.cols]) };
  const out = zeros(A.rows, A.rows);
  blas.gemm('N', 'T', 1, scaled, A, 0, out);
  return out;
}
