/**
 * The inputs in the eigenbasis of their second moment, and the path of ridge regression of each class in it.
 *
 * C = Σ_k ω_k E[x̃x̃ᵀ | k] over inputs x̃ = (x, 1), q_k = ω_k x̃_k. With a last bias both are taken about the global mean, and the
 * one of x̃ drops out. One output row P of a deep linear network whose loss is the square of class k against the rest has, at
 * ridge μ, P = (C + μI)⁻¹q_k; in L layers of equal norm its cost is (L/2)λ‖P‖^{2/L}, so that the decay at which it is stationary
 * and the decay up to which it is worth having are
 *
 *   λ(μ) = μ‖P‖^{2−2/L},   λ_exist = max_μ λ(μ),   λ_global = max_μ (q_kᵀP + μ‖P‖²)/(L‖P‖^{2/L}).
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { ClassStatistics } from '../../model/index.js';
import type { LastBias } from './isolatedClass.js';
import { maximiseLog } from './maximise.js';

export interface RidgeBasis {
  /** Eigenvalues of C, none below zero; D of them, or D + 1 without a last bias. */
  readonly values: Float64Array;
  /** Eigenvectors as columns, of the inputs (and the one). */
  readonly vectors: Matrix;
  /** K×D: the class means (about the global mean with a last bias) in the eigenbasis. */
  readonly means: Matrix;
  /** ω_k. */
  readonly shares: readonly number[];
  /** g, D numbers: what a last bias takes out; zeros without. */
  readonly centre: Float64Array;
}

/** Two limits of the plain weight decay of a class. */
export interface RidgeLimits {
  /** A minimum in which the class lives exists up to it. */
  readonly exists: number;
  /** It is the global one up to it. */
  readonly global: number;
}

/**
 * `shares`: ω_k, n_k/N unless classes have weights; the covariance of the statistics is Σ_k ω_k cov_k then too. Throws an argument
 * error where the statistics hold no full covariance.
 */
export function ridgeBasis(
  { means, within }: Pick<ClassStatistics, 'means' | 'within'>,
  shares: readonly number[],
  bias: LastBias,
  blas: Blas,
): RidgeBasis {
  if (within?.kind !== 'full')
    refuse('survival', 'class statistics with the full covariance', within?.kind ?? null);
  const D = means.cols;
  const centre = new Float64Array(D);
  shares.forEach((share, k) => blas.axpy(share, means.data.subarray(k * D, (k + 1) * D), centre));
  const rows = bias === 'decayed' ? about(means, centre) : withOne(means);
  const size = rows.cols;
  const C = zeros(size, size);
  for (let i = 0; i < D; i++) C.data.set(within.S.data.subarray(i * D, (i + 1) * D), i * size);
  const scaled = zeros(rows.rows, size);
  shares.forEach((share, k) => {
    for (let j = 0; j < size; j++) scaled.data[k * size + j] = Math.sqrt(share) * rows.data[k * size + j];
  });
  blas.gramInto(1, scaled, 1, C);
  const { values, vectors } = blas.eigenSymmetric(C);
  const rotated = zeros(rows.rows, size);
  blas.gemm('N', 'N', 1, rows, vectors, 0, rotated);
  return {
    values: values.map((value) => Math.max(0, value)),
    vectors,
    means: rotated,
    shares,
    centre: bias === 'decayed' ? centre : new Float64Array(D),
  };
}

function about(means: Matrix, centre: Float64Array): Matrix {
  const D = means.cols;
  return { ...means, data: means.data.map((value, i) => value - centre[i % D]) };
}

function withOne(means: Matrix): Matrix {
  const D = means.cols;
  const out = zeros(means.rows, D + 1);
  for (let k = 0; k < means.rows; k++) {
    out.data.set(means.data.subarray(k * D, (k + 1) * D), k * (D + 1));
    out.data[k * (D + 1) + D] = 1;
  }
  return out;
}

/** Squared error: both limits of class k in L = `layers` weight layers. */
export function squaredLimits(basis: RidgeBasis, k: number, layers: number): RidgeLimits {
  const { values, means, shares } = basis;
  const size = values.length;
  const squares = means.data.subarray(k * size, (k + 1) * size).map((value) => (shares[k] * value) ** 2);
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  // A class whose mean is the global mean has nothing to be told by.
  if (!squares.some((square) => square > 0)) return { exists: 0, global: 0 };
  /** ‖P‖² and q_kᵀP at ridge μ. */
  const at = (mu: number) => {
    let [norm, along] = [0, 0];
    for (let i = 0; i < size; i++) {
      const part = squares[i] / (values[i] + mu);
      along += part;
      norm += part / (values[i] + mu);
    }
    return { norm, along };
  };
  const exists = (mu: number) => mu * at(mu).norm ** (1 - 1 / layers);
  const global = (mu: number) => {
    const { norm, along } = at(mu);
    return (along + mu * norm) / (layers * norm ** (1 / layers));
  };
  // Below the smallest place every direction that counts is fitted, above the largest none is; two layers have their limit there.
  const grid = { from: largest * 1e-9, to: largest * 1e4, points: 130 };
  return { exists: maximiseLog(exists, grid).value, global: maximiseLog(global, grid).value };
}

/** Unit directions (C + μI)⁻¹x̃_k in the eigenbasis, one row for each of `ridges`, which are parts of the largest eigenvalue. */
export function ridgeDirections({ values, means }: RidgeBasis, k: number, ridges: readonly number[]): Matrix {
  const size = values.length;
  const largest = values.reduce((a, b) => Math.max(a, b), 0);
  const out = zeros(ridges.length, size);
  ridges.forEach((ridge, j) => {
    const row = out.data.subarray(j * size, (j + 1) * size);
    let square = 0;
    for (let i = 0; i < size; i++) {
      row[i] = means.data[k * size + i] / (values[i] + ridge * largest);
      square += row[i] * row[i];
    }
    const length = Math.sqrt(square);
    if (length > 0) for (let i = 0; i < size; i++) row[i] /= length;
  });
  return out;
}
