/**
 * NC3, the alignment of classifier and class means.
 *
 * ‖(PH̄)^ − F̂‖ for F = I, the simplex ETF (centred means) and the predicted PH̄; ‖P̂ − (H̄ᵀ)^‖ (Papyan et al. 2020, for
 * centred means too) and ‖P̂ − (ΔH̄ᵀ)^‖ with the predicted Δ (Dang et al. 2023, authors' code). X̂ = X/‖X‖, Frobenius.
 * The differences are formed entry by entry: 2 − 2⟨P̂, X̂⟩ would lose half of the digits near collapse.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import { frobenius, shape, zeros, type Matrix } from '../core/matrix.js';
import type { FrameDistances } from './nc2.js';
import { frameSize, type Frame } from '../model/index.js';

export interface Nc3 extends FrameDistances {
  /** ‖P̂ − (H̄ᵀ)^‖; null when either is zero, or without a head. */
  readonly duality: number | null;
  /** The same with centred class means. */
  readonly dualityCentred: number | null;
  /** ‖P̂ − (ΔH̄ᵀ)^‖; null without a prediction. */
  readonly dualityPredicted: number | null;
}

/** ‖Â − B̂‖ of two matrices of one shape, between 0 and 2; null when either is zero. */
export function directionDistance(A: Matrix, B: Matrix): number | null {
  if (A.rows !== B.rows || A.cols !== B.cols)
    refuseShape('directionDistance', 'two matrices of one shape', `${shape(A)} and ${shape(B)}`);
  const [normA, normB] = [frobenius(A), frobenius(B)];
  if (normA === 0 || normB === 0) return null;
  let sum = 0;
  for (let i = 0; i < A.data.length; i++) sum += (A.data[i] / normA - B.data[i] / normB) ** 2;
  return Math.sqrt(sum);
}

/** P (K×d) beside the class means (K×d), as they are, centred, and multiplied by the predicted Δ (K×K). */
export function dualities(
  P: Matrix,
  means: Matrix,
  centred: Matrix,
  delta: Frame | null,
  blas: Blas,
): Pick<Nc3, 'duality' | 'dualityCentred' | 'dualityPredicted'> {
  return {
    duality: directionDistance(P, means),
    dualityCentred: directionDistance(P, centred),
    dualityPredicted: delta === null ? null : directionDistance(P, frameTimes(delta, means, blas)),
  };
}

/** F·X for a K×K frame and X: K×d. */
function frameTimes(F: Frame, X: Matrix, blas: Blas): Matrix {
  if (frameSize(F) !== X.rows)
    refuseShape('predicted geometry', `a frame of ${X.rows} classes`, `one of ${frameSize(F)}`);
  const out = zeros(X.rows, X.cols);
  if (F.kind === 'dense') blas.gemm('N', 'N', 1, F.matrix, X, 0, out);
  else
    for (let k = 0; k < X.rows; k++)
      for (let j = 0; j < X.cols; j++) out.data[k * X.cols + j] = F.entries[k] * X.data[k * X.cols + j];
  return out;
}
