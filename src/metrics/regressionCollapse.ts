/**
 * Neural regression collapse: NRC1, NRC2 and NRC3 of Andriopoulos et al. 2024 (arXiv 2409.04180; abstract and the code of the
 * measures read), for N samples with features h_i in d dimensions, targets t_i in q, and a linear head P (q×d):
 *
 *   NRC1   1/N Σ ‖h̃_i − proj(h̃_i | the q leading principal components of the features)‖²,   h̃ = h/‖h‖
 *   NRC2   1/N Σ ‖h̃_i − proj(h̃_i | the rows of P)‖²
 *   NRC3   min over 0 ≤ γ ≤ λ_min(Σ) of ‖PPᵀ/‖PPᵀ‖ − (Σ^{1/2} − γ^{1/2}I)/‖·‖‖²,   Σ the covariance of the targets
 *
 * With a bias, components and Σ are about the mean, and h̃ is of the features as they are, as in that code, and again of features
 * less their mean (`centred`). Without a bias the minimum of the model knows no mean: components and Σ are about the origin. A
 * feature of length zero lies in every subspace.
 */
import type { Blas } from '../core/blas.js';
import { refuse, refuseShape } from '../core/errors.js';
import { matrix, zeros, type Matrix } from '../core/matrix.js';
import { broughtIntoRange, exponentBeyond, timesPowerOfTwo } from './exponents.js';
import type { FeatureBatches } from './measureFeatures.js';
import { directionFits, gram, nrc3, type Nrc3, type TargetDirections } from './regressionTargets.js';

/** A measure of the features as they are, and of features less their mean; null where it says nothing. */
export interface BothWays {
  readonly raw: number | null;
  readonly centred: number | null;
}

export interface RegressionMeasurement {
  readonly nrc1: BothWays;
  /** Null without a head. */
  readonly nrc2: BothWays | null;
  /** Null without a head, for one output, and where P or the targets are zero. */
  readonly nrc3: Nrc3 | null;
  /** Share of the features' variance in their q leading components. */
  readonly explained: number | null;
  /** Rank of P. */
  readonly headRank: number | null;
  /** 1/N Σ ‖P h_i + b − t_i‖², summed over outputs; null without a head. */
  readonly squaredError: number | null;
  /** Σ ‖h_i‖², and about the mean where there is a bias. */
  readonly featureSquares: { readonly raw: number; readonly about: number };
  /** By direction of the targets: ‖Pᵀu_j‖, and the part of the target that the outputs reach; null without a head. */
  readonly directions: readonly { readonly weightNorm: number; readonly fit: number | null }[] | null;
}

/** The largest d×d matrix that is decomposed. */
const MOST_DIMENSIONS = 8192;

export interface RegressionOptions {
  /** P: q×d, bias: q or null; null without a head. */
  readonly head: { readonly P: Matrix; readonly bias: Float64Array | null } | null;
  /** Of the same targets. */
  readonly directions: TargetDirections;
  readonly blas: Blas;
}

/** T: q×N, a column a sample. Reads the features four times. Throws an argument error for shapes that do not fit. */
export async function measureRegression(
  source: FeatureBatches,
  T: Matrix,
  options: RegressionOptions,
): Promise<RegressionMeasurement> {
  const { head, directions, blas } = options;
  const { samples: N, dimension: d } = source;
  const q = T.rows;
  if (T.cols !== N) refuseShape('targets', `a column for each of the ${N} samples`, `${q}×${T.cols}`);
  if (d > MOST_DIMENSIONS)
    refuse('features', `at most ${MOST_DIMENSIONS} dimensions for the principal components`, d);
  const { mean, exponent } = await meanOf(source);
  const centre = directions.about === 'mean' ? mean : new Float64Array(d);
  const read = () => scaledBatches(source, exponent);
  const moments = await secondMoments(read(), { T, centre, directions, blas, d });
  const { values, vectors } = blas.eigenSymmetric(moments.scatter);
  // Eigenvalues ascend: the last q columns are the leading components.
  const leading = q < d ? leadingRows(vectors, q) : null;
  const scaledHead = head === null ? null : broughtIntoRange(head.P);
  const basis = scaledHead === null ? null : rowBasis(scaledHead.scaled, blas);
  const sums = await residuals(read(), { leading, basis, mean, T, head, exponent, blas, d });
  const both = (rows: Matrix | null, sum: { raw: number; centred: number }): BothWays => ({
    raw: rows === null || rows.rows >= d ? null : sum.raw / N,
    centred: rows === null || rows.rows >= d || directions.about === 'origin' ? null : sum.centred / N,
  });
  const total = values.reduce((sum, value) => sum + Math.max(0, value), 0);
  const inLeading = values.slice(-q).reduce((sum, value) => sum + Math.max(0, value), 0);
  const back = (square: number) => timesPowerOfTwo(square, 2 * exponent);
  return {
    nrc1: both(leading, sums.components),
    nrc2: basis === null ? null : both(basis, sums.rows),
    nrc3: scaledHead === null ? null : nrc3(gram(scaledHead.scaled, blas), directions, N),
    explained: total > 0 ? inLeading / total : null,
    headRank: basis?.rows ?? null,
    squaredError: head === null ? null : sums.squaredError / N,
    featureSquares: { raw: back(sums.square), about: back(trace(moments.scatter)) },
    directions:
      head === null
        ? null
        : directionFits(head.P, directions, (x) => timesPowerOfTwo(x, exponent), moments.cross),
  };
}

async function meanOf(source: FeatureBatches): Promise<{ mean: Float64Array; exponent: number }> {
  const { samples: N, dimension: d } = source;
  let largest = 0;
  for await (const { features } of source.batches())
    for (const value of features.data) {
      if (!Number.isFinite(value)) refuse('features', 'finite numbers', value);
      largest = Math.max(largest, Math.abs(value));
    }
  const exponent = exponentBeyond(largest);
  const mean = new Float64Array(d);
  for await (const { data, rows } of scaledBatches(source, exponent))
    for (let i = 0; i < rows; i++) for (let j = 0; j < d; j++) mean[j] += data[i * d + j] / N;
  return { mean, exponent };
}

/** The features over 2^exponent, in float64. */
async function* scaledBatches(source: FeatureBatches, exponent: number): AsyncGenerator<Matrix> {
  for await (const { features } of source.batches()) {
    const data = Float64Array.from(features.data);
    if (exponent !== 0) data.forEach((value, i) => (data[i] = timesPowerOfTwo(value, -exponent)));
    yield matrix(data, features.rows, features.cols);
  }
}

interface Moments {
  /** Σ (h − c)(h − c)ᵀ, d×d. */
  readonly scatter: Matrix;
  /** Σ (h − c)(t − m)ᵀ, d×q. */
  readonly cross: Matrix;
}

async function secondMoments(
  batches: AsyncIterable<Matrix>,
  given: {
    readonly T: Matrix;
    readonly centre: Float64Array;
    readonly directions: TargetDirections;
    readonly blas: Blas;
    readonly d: number;
  },
): Promise<Moments> {
  const { T, centre, directions, blas, d } = given;
  const [q, N] = [T.rows, T.cols];
  const scatter = zeros(d, d);
  const cross = zeros(d, q);
  let from = 0;
  for await (const H of batches) {
    for (let i = 0; i < H.rows; i++) for (let j = 0; j < d; j++) H.data[i * d + j] -= centre[j];
    blas.gramInto(1, H, 1, scatter);
    const rows = zeros(H.rows, q);
    for (let i = 0; i < H.rows; i++)
      for (let j = 0; j < q; j++) rows.data[i * q + j] = T.data[j * N + from + i] - directions.mean[j];
    blas.gemm('T', 'N', 1, H, rows, 1, cross);
    from += H.rows;
  }
  return { scatter, cross };
}

/** The last q columns as rows. */
function leadingRows(vectors: Matrix, q: number): Matrix {
  const d = vectors.rows;
  const rows = zeros(q, d);
  for (let r = 0; r < q; r++)
    for (let j = 0; j < d; j++) rows.data[r * d + j] = vectors.data[j * d + (d - 1 - r)];
  return rows;
}

/** An orthonormal basis of the rows of P, as rows. */
function rowBasis(P: Matrix, blas: Blas): Matrix {
  const { s, Vt } = blas.svd(P);
  const tolerance = Math.max(P.rows, P.cols) * Number.EPSILON * (s.at(0) ?? 0);
  const rank = s.filter((value) => value > tolerance).length;
  return matrix(Vt.data.slice(0, rank * P.cols), rank, P.cols);
}

interface Residuals {
  readonly components: { raw: number; centred: number };
  readonly rows: { raw: number; centred: number };
  squaredError: number;
  square: number;
}

async function residuals(
  batches: AsyncIterable<Matrix>,
  given: {
    readonly leading: Matrix | null;
    readonly basis: Matrix | null;
    readonly mean: Float64Array;
    readonly T: Matrix;
    readonly head: RegressionOptions['head'];
    readonly exponent: number;
    readonly blas: Blas;
    readonly d: number;
  },
): Promise<Residuals> {
  const { leading, basis, mean, T, head, exponent, blas, d } = given;
  const sums: Residuals = {
    components: { raw: 0, centred: 0 },
    rows: { raw: 0, centred: 0 },
    squaredError: 0,
    square: 0,
  };
  let from = 0;
  for await (const H of batches) {
    for (const value of H.data) sums.square += value * value;
    if (head !== null) sums.squaredError += squaredErrors(H, { T, head, exponent, from, blas });
    const centred = matrix(H.data.slice(), H.rows, d);
    for (let i = 0; i < H.rows; i++) for (let j = 0; j < d; j++) centred.data[i * d + j] -= mean[j];
    for (const [way, X] of [['raw', H] as const, ['centred', centred] as const]) {
      const units = unitRows(X);
      if (leading !== null) sums.components[way] += outside(units, leading, blas);
      if (basis !== null) sums.rows[way] += outside(units, basis, blas);
    }
    from += H.rows;
  }
  return sums;
}

function unitRows(X: Matrix): Matrix {
  const d = X.cols;
  const data = new Float64Array(X.data.length);
  for (let i = 0; i < X.rows; i++) {
    let square = 0;
    for (let j = 0; j < d; j++) square += X.data[i * d + j] ** 2;
    if (square > 0) for (let j = 0; j < d; j++) data[i * d + j] = X.data[i * d + j] / Math.sqrt(square);
  }
  return matrix(data, X.rows, d);
}

/** Σ of what of the rows of X lies outside the orthonormal rows of V, squared. */
function outside(X: Matrix, V: Matrix, blas: Blas): number {
  const rest = matrix(X.data.slice(), X.rows, X.cols);
  if (V.rows > 0) {
    const inside = zeros(X.rows, V.rows);
    blas.gemm('N', 'T', 1, X, V, 0, inside);
    blas.gemm('N', 'N', -1, inside, V, 1, rest);
  }
  return rest.data.reduce((sum, value) => sum + value * value, 0);
}

function squaredErrors(
  H: Matrix,
  given: {
    readonly T: Matrix;
    readonly head: NonNullable<RegressionOptions['head']>;
    readonly exponent: number;
    readonly from: number;
    readonly blas: Blas;
  },
): number {
  const { T, head, exponent, from, blas } = given;
  const [q, N] = [T.rows, T.cols];
  const Z = zeros(H.rows, q);
  blas.gemm('N', 'T', 1, H, head.P, 0, Z);
  let sum = 0;
  for (let i = 0; i < H.rows; i++)
    for (let j = 0; j < q; j++)
      sum +=
        (timesPowerOfTwo(Z.data[i * q + j], exponent) + (head.bias?.[j] ?? 0) - T.data[j * N + from + i]) **
        2;
  return sum;
}

function trace({ data, rows }: Matrix): number {
  let sum = 0;
  for (let j = 0; j < rows; j++) sum += data[j * rows + j];
  return sum;
}
