/**
 * NC1, within-class variability against between-class: tr(Σ_W Σ_B⁺)/K (Papyan et al. 2020; the code of Dang et al. 2023)
 * and the quotient tr Σ_W / tr Σ_B (Tirer et al. 2023).
 *
 * With C = V diag(σ) B (K×d, rank q) and S = BΣ_WBᵀ, nothing larger than q×q is inverted:
 *   Σ_B = CᵀC/K:            tr(Σ_WΣ_B⁺)/K = Σ_i S_ii/σ_i²
 *   Σ_B = Cᵀ diag(w) C:     tr(Σ_WΣ_B⁺)/K = 1/K Σ_ij S_ij M_ij/(σ_iσ_j),  M = (Vᵀ diag(w) V)⁻¹,  w = n/N.
 * If q = K−1 and C has the null vector z, M = Vᵀ(diag(1/w) − yyᵀ/(zᵀy))V with y = z/w: no inverse at all.
 * Both use the one rank of C (see betweenClass.ts): weighting does not change the span of the means.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { shape, transpose, zeros, type Matrix } from '../core/matrix.js';
import type { BetweenClass } from './betweenClass.js';
import type { ClassStatistics, WithinScatter } from '../model/index.js';

export interface Nc1 {
  /** tr(Σ_WΣ_B⁺)/K, Σ_B unweighted; null when Σ_B = 0 or where Σ_W is not known beyond its trace. */
  readonly pinv: number | null;
  /** The same with Σ_B weighted by n_k/N. */
  readonly pinvWeighted: number | null;
  /** tr Σ_W / tr Σ_B, Σ_B unweighted; null when Σ_B = 0. */
  readonly quotient: number | null;
}

/** All three; `between` is the decomposition of the same statistics. */
export function nc1(statistics: ClassStatistics, between: BetweenClass, blas: Blas): Nc1 {
  if (between.rank === 0) return { pinv: null, pinvWeighted: null, quotient: null };
  const quotient = finite(statistics.withinTrace / between.trace);
  if (statistics.within === null) return { pinv: null, pinvWeighted: null, quotient };
  const S = restrictScatter(statistics.within, between.directions, blas);
  return {
    pinv: nc1Pinv(S, between),
    pinvWeighted: nc1PinvWeighted(S, between, statistics.counts, blas),
    quotient,
  };
}

/** S = BΣ_WBᵀ (q×q) for B: q×d with orthonormal rows, from whichever form of Σ_W is at hand. */
export function restrictScatter(within: WithinScatter, B: Matrix, blas: Blas): Matrix {
  const [q, d] = [B.rows, B.cols];
  const S = zeros(q, q);
  switch (within.kind) {
    case 'factor': {
      const { X } = within;
      if (X.cols !== d) refuseShape('within-class factor X', `r×${d}`, shape(X));
      const Y = zeros(X.rows, q);
      blas.gemm('N', 'T', 1, X, B, 0, Y);
      blas.gramInto(1, Y, 0, S);
      return S;
    }
    case 'full': {
      if (within.S.rows !== d || within.S.cols !== d)
        refuseShape('within-class covariance', `${d}×${d}`, shape(within.S));
      const Y = zeros(q, d);
      blas.gemm('N', 'N', 1, B, within.S, 0, Y);
      blas.gemm('N', 'T', 1, Y, B, 0, S);
      return S;
    }
    case 'projected': {
      const { basis } = within;
      if (basis.cols !== d) refuseShape('basis of the within-class covariance', `q×${d}`, shape(basis));
      if (within.S.rows !== basis.rows || within.S.cols !== basis.rows)
        refuseShape('projected within-class covariance', `${basis.rows}×${basis.rows}`, shape(within.S));
      const R = zeros(q, basis.rows);
      blas.gemm('N', 'T', 1, B, basis, 0, R);
      const Y = zeros(q, basis.rows);
      blas.gemm('N', 'N', 1, R, within.S, 0, Y);
      blas.gemm('N', 'T', 1, Y, R, 0, S);
      return S;
    }
    default:
      return within satisfies never;
  }
}

/** tr(Σ_WΣ_B⁺)/K with Σ_B unweighted, from S = BΣ_WBᵀ (q×q). Null when Σ_B = 0. */
export function nc1Pinv(S: Matrix, between: BetweenClass): number | null {
  const { rank: q, singularValues: s } = between;
  if (q === 0) return null;
  let sum = 0;
  for (let i = 0; i < q; i++) sum += S.data[i * q + i] / s[i] / s[i];
  return finite(sum);
}

/** tr(Σ_WΣ_B⁺)/K with Σ_B weighted by n_k/N, from S = BΣ_WBᵀ (q×q). Null when Σ_B = 0. */
export function nc1PinvWeighted(
  S: Matrix,
  between: BetweenClass,
  counts: readonly number[],
  blas: Blas,
): number | null {
  const { rank: q, singularValues: s, classVectors: V } = between;
  if (q === 0) return null;
  const K = counts.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const scaled = zeros(q, q);
  for (let i = 0; i < q; i++)
    for (let j = 0; j < q; j++) scaled.data[i * q + j] = S.data[i * q + j] / s[i] / s[j];
  if (q < K - 1) return finite(traceWithInverse(scaled, V, counts, N, blas) / K);

  const A = zeros(K, q);
  blas.gemm('N', 'N', 1, V, scaled, 0, A);
  // The null vector z of Cᵀ is n or 1, and y = z/w.
  let trace = 0;
  let zy = 0;
  const projected = new Float64Array(q);
  const applied = new Float64Array(q);
  for (let k = 0; k < K; k++) {
    const z = between.globalMean === 'samples' ? counts[k] : 1;
    const y = (z * N) / counts[k];
    zy += z * y;
    let square = 0;
    for (let i = 0; i < q; i++) {
      square += A.data[k * q + i] * V.data[k * q + i];
      projected[i] += y * V.data[k * q + i];
      applied[i] += y * A.data[k * q + i];
    }
    trace += (N / counts[k]) * square;
  }
  let correction = 0;
  for (let i = 0; i < q; i++) correction += projected[i] * applied[i];
  return finite((trace - correction / zy) / K);
}

/** Counts in no larger a ratio than this leave eleven digits to an inverse of Vᵀ diag(n/N) V, whose condition it bounds. */
const MOST_UNEQUAL = 1e4;
/** Above this many entries of V its products are taken, for its SVD costs several times as much. */
const LARGE = 2 ** 20;

/**
 * tr(A (Vᵀ diag(n/N) V)⁻¹) for any V (K×q) with orthonormal columns, by the SVD of G = diag(√(n/N))·V; of a large V with counts not
 * too unequal by the eigenvalues of GᵀG.
 */
function traceWithInverse(A: Matrix, V: Matrix, counts: readonly number[], N: number, blas: Blas): number {
  const [K, q] = [V.rows, V.cols];
  const G = zeros(K, q);
  for (let k = 0; k < K; k++)
    for (let i = 0; i < q; i++) G.data[k * q + i] = Math.sqrt(counts[k] / N) * V.data[k * q + i];
  const [squares, Vt] = rightVectors(G, K * q > LARGE && ratioOf(counts) <= MOST_UNEQUAL, blas);
  const Y = zeros(q, q);
  blas.gemm('N', 'N', 1, Vt, A, 0, Y);
  let sum = 0;
  for (let i = 0; i < q; i++) {
    let square = 0;
    for (let j = 0; j < q; j++) square += Y.data[i * q + j] * Vt.data[i * q + j];
    sum += square / squares[i];
  }
  return sum;
}

/** The squares of the singular values of G (K×q), and its right singular vectors as rows. */
function rightVectors(
  G: Matrix,
  byProducts: boolean,
  blas: Blas,
): readonly [squares: Float64Array, Vt: Matrix] {
  if (!byProducts) {
    const { s, Vt } = blas.svd(G);
    return [s.map((value) => value * value), Vt];
  }
  const gram = zeros(G.cols, G.cols);
  blas.gramInto(1, G, 0, gram);
  const { values, vectors } = blas.eigenSymmetric(gram);
  return [values, transpose(vectors)];
}

/** The largest count over the smallest. */
function ratioOf(counts: readonly number[]): number {
  let [least, most] = [Infinity, 0];
  for (const n of counts) [least, most] = [Math.min(least, n), Math.max(most, n)];
  return most / least;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
