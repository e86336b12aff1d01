/**
 * The between-class side: the global mean, the centred class means, and their singular value decomposition.
 *
 * Σ_B = 1/K Σ_k c_k c_kᵀ (unweighted) or Σ_k (n_k/N) c_k c_kᵀ (weighted), c_k = h̄_k − h_G. The decomposition is that of
 * the K×d matrix C with rows c_k, never of Σ_B, whose condition number is squared.
 *
 * Rank: singular values above max(d, K)·ε·max(σ_1, √K‖h_G‖) and above √(1e-15)·σ_1 count, and never more than K−1 of
 * them, as C has the null vector n (global mean over samples) or 1 (over classes). The second term of the maximum is there
 * because a class mean is only known to ε‖h̄‖: without it features that are all equal would get a Σ_B made of rounding.
 * For the same reason a centred mean no longer than that threshold is set to zero. √(1e-15)·σ_1 is the cut of NumPy's
 * pinv, 1e-15 of the largest eigenvalue of Σ_B, with which the field reports NC1: means of low rank (the best solutions
 * under cross-entropy) would otherwise have their rounding inverted.
 */
import type { Blas } from '../core/blas.js';
import { frobenius, transpose, zeros, type Matrix } from '../core/matrix.js';
import { fewRowsSvd } from './fewRowsSvd.js';
import type { ClassStatistics } from '../model/index.js';

/** h_G: the mean over all `samples` (Papyan et al. 2020, Dang et al. 2023), or the unweighted mean of class means. */
export type GlobalMean = 'samples' | 'classes';

/** Up to here the Jacobi routine in plain loops is as fast as a call of LAPACK, and far faster for a few classes. */
const FEW = 48;

export interface CentredMeans {
  /** h_G, d of them. */
  readonly centre: Float64Array;
  /** C, K×d: row k is h̄_k − h_G. */
  readonly centred: Matrix;
}

/** Σ_B in factors; `centred` has zero rows where a mean equals the global mean within rounding. */
export interface BetweenClass extends CentredMeans {
  readonly globalMean: GlobalMean;
  /** q, the rank of Σ_B. */
  readonly rank: number;
  /** σ_1 ≥ … ≥ σ_q > 0 of C = V diag(σ) B. */
  readonly singularValues: Float64Array;
  /** V, K×q: orthonormal columns over the classes. */
  readonly classVectors: Matrix;
  /** B, q×d: orthonormal rows that span the centred means. */
  readonly directions: Matrix;
  /** tr Σ_B of the unweighted Σ_B; 0 when the rank is 0. */
  readonly trace: number;
}

/** The global mean and the centred means. means: K×d, counts: K. A large common offset does not spoil the result. */
export function centreMeans(
  means: Matrix,
  counts: readonly number[],
  globalMean: GlobalMean = 'samples',
): CentredMeans {
  const [K, d] = [means.rows, means.cols];
  const m = means.data;
  const shift = new Float64Array(d);
  let total = 0;
  for (let k = 0; k < K; k++) {
    const weight = globalMean === 'samples' ? counts[k] : 1;
    total += weight;
    for (let j = 0; j < d; j++) shift[j] += weight * (m[k * d + j] - m[j]);
  }
  const centre = new Float64Array(d);
  for (let j = 0; j < d; j++) centre[j] = m[j] + shift[j] / total;
  const centred = zeros(K, d);
  for (let k = 0; k < K; k++) for (let j = 0; j < d; j++) centred.data[k * d + j] = m[k * d + j] - centre[j];
  return { centre, centred };
}

/** √ of the cut that NumPy's pinv makes in the eigenvalues of Σ_B. */
const PINV_CUT = Math.sqrt(1e-15);

/** The threshold up to which a singular value of C is left out of the rank; see the header. */
export function rankTolerance(K: number, d: number, largest: number, centreNorm: number): number {
  return Math.max(PINV_CUT * largest, roundingOfMeans(K, d, largest, centreNorm));
}

/** What of the centred means is rounding. */
function roundingOfMeans(K: number, d: number, largest: number, centreNorm: number): number {
  return Math.max(K, d) * Number.EPSILON * Math.max(largest, Math.sqrt(K) * centreNorm);
}

/** Decompositions of the same means, which are not changed once they are part of statistics. */
const known = new WeakMap<
  Matrix,
  { readonly counts: string; readonly blas: Blas; readonly between: BetweenClass }[]
>();

/** Decomposes the centred means of `statistics` (means K×d), once for the same means. O(K²d) time. */
export function betweenClass(
  { means, counts }: Pick<ClassStatistics, 'means' | 'counts'>,
  blas: Blas,
  globalMean: GlobalMean = 'samples',
): BetweenClass {
  const list = known.get(means) ?? [];
  known.set(means, list);
  const weights = globalMean === 'samples' ? counts.join() : '';
  const before = list.find(
    (entry) => entry.between.globalMean === globalMean && entry.counts === weights && entry.blas === blas,
  );
  if (before !== undefined) return before.between;
  const between = decompose(means, counts, blas, globalMean);
  list.push({ counts: weights, blas, between });
  return between;
}

function decompose(
  means: Matrix,
  counts: readonly number[],
  blas: Blas,
  globalMean: GlobalMean,
): BetweenClass {
  const [K, d] = [means.rows, means.cols];
  const { centre, centred } = centreMeans(means, counts, globalMean);
  const { U, s, Vt } = svdOf(centred, blas);
  const largest = s.length > 0 ? s[0] : 0;
  const centreNorm = frobenius({ data: centre, rows: 1, cols: d });
  const tolerance = rankTolerance(K, d, largest, centreNorm);
  const rounding = roundingOfMeans(K, d, largest, centreNorm);
  const most = Math.min(K - 1, d);
  let rank = 0;
  while (rank < most && s[rank] > tolerance) rank++;
  const classVectors = firstColumns(U, rank);
  for (let k = 0; k < K; k++) {
    const row = centred.data.subarray(k * d, (k + 1) * d);
    if (frobenius({ data: row, rows: 1, cols: d }) <= rounding) row.fill(0);
  }
  let trace = 0;
  for (const value of centred.data) trace += value * value;
  return {
    centre,
    centred,
    globalMean,
    rank,
    singularValues: s.slice(0, rank),
    classVectors,
    directions: { data: Vt.data.subarray(0, rank * d), rows: rank, cols: d },
    trace: trace / K,
  };
}

function firstColumns(A: Matrix, count: number): Matrix {
  if (count === A.cols) return A;
  const out = zeros(A.rows, count);
  for (let k = 0; k < A.rows; k++) out.data.set(A.data.subarray(k * A.cols, k * A.cols + count), k * count);
  return out;
}

function svdOf(C: Matrix, blas: Blas): { U: Matrix; s: Float64Array; Vt: Matrix } {
  if (Math.min(C.rows, C.cols) > FEW) return blas.svd(C);
  if (C.rows <= C.cols) return fewRowsSvd(C);
  const turned = fewRowsSvd(transpose(C));
  return { U: transpose(turned.Vt), s: turned.s, Vt: transpose(turned.U) };
}
