/**
 * NC2, the shape of the class means and of the classifier.
 *
 * Of the centred means c_k (Papyan et al. 2020): the coefficient of variation of their norms, and their cosines over
 * pairs. Of the Gram matrices (Dang et al. 2023, authors' code): ‖Â − F̂‖ (Frobenius, X̂ = X/‖X‖) for A = PPᵀ and
 * A = H̄ᵀH̄ against F = I, the simplex ETF, and the predicted geometry. The class means are centred for the ETF only;
 * the rows of P never are, as centring them turns an orthogonal frame into a perfect ETF.
 */
import type { Matrix } from '../core/matrix.js';
import { frameDistance, orthogonalFrame, simplexEtf, type Frame } from '../model/index.js';

/** Distances of a Gram matrix from three frames; null where the matrix or the frame is zero or not given. */
export interface FrameDistances {
  readonly orthogonal: number | null;
  readonly etf: number | null;
  readonly predicted: number | null;
}

export interface MeanAngles {
  /** Standard deviation (over K) of ‖c_k‖ over its mean; null when all are zero. */
  readonly equinorm: number | null;
  /** Mean over pairs of |cos + 1/(K−1)|; null for one class, or when a centred mean is zero. The next two likewise. */
  readonly equiangular: number | null;
  readonly cosineMean: number | null;
  /** Standard deviation (over the number of pairs). */
  readonly cosineSd: number | null;
}

export interface Nc2 extends MeanAngles {
  readonly weights: FrameDistances;
  readonly features: FrameDistances;
}

/** gram: K×K, inner products of the centred class means. */
export function meanAngles(gram: Matrix): MeanAngles {
  const K = gram.rows;
  const norms = Float64Array.from({ length: K }, (_, k) => Math.sqrt(Math.max(0, gram.data[k * K + k])));
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / K;
  const spread = norms.reduce((sum, norm) => sum + (norm - mean) ** 2, 0) / K;
  const equinorm = mean > 0 ? Math.sqrt(spread) / mean : null;
  if (K < 2 || norms.includes(0)) return { equinorm, equiangular: null, cosineMean: null, cosineSd: null };

  const ideal = -1 / (K - 1);
  const pairs = (K * (K - 1)) / 2;
  // Deviations from the ideal: near collapse they are small, and their own mean and spread do not cancel.
  const off = (k: number, l: number) => gram.data[k * K + l] / norms[k] / norms[l] - ideal;
  let [sum, size, square] = [0, 0, 0];
  for (let k = 0; k < K; k++)
    for (let l = k + 1; l < K; l++) {
      const deviation = off(k, l);
      sum += deviation;
      size += Math.abs(deviation);
    }
  const offset = sum / pairs;
  for (let k = 0; k < K; k++) for (let l = k + 1; l < K; l++) square += (off(k, l) - offset) ** 2;
  return {
    equinorm,
    equiangular: size / pairs,
    cosineMean: ideal + offset,
    cosineSd: Math.sqrt(square / pairs),
  };
}

/** Distances of a K×K matrix from the frames; `etf` takes its own matrix, made from centred means for features. */
export function frameDistances(A: Matrix, forEtf: Matrix, predicted: Frame | null): FrameDistances {
  return {
    orthogonal: frameDistance(A, orthogonalFrame(A.rows)),
    etf: frameDistance(forEtf, simplexEtf(A.rows)),
    predicted: predicted === null ? null : frameDistance(A, predicted),
  };
}

/** No distance at all: there is nothing to measure. */
export const NO_DISTANCES: FrameDistances = { orthogonal: null, etf: null, predicted: null };
