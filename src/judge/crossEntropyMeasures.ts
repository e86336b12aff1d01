/** What is measured beside NC1 … NC4 on unequal counts: the SELI frame, and the angles among small classes. */
import type { Blas } from '../core/blas.js';
import { minorityAngles, seliGeometry, type Measurement, type MinorityAngles } from '../metrics/index.js';
import { frameDistance, type Bias, type Frame, type MeasuredFrame, DENSE_LIMIT } from '../model/index.js';
import type { SeliDistances } from '../runs/index.js';

/** Distances of PPᵀ, H̄ᵀH̄ and PH̄ from the SELI frames of the head's bias; null on equal counts, where they are the simplex ETF. */
export function seliDistances(
  { counts, upToScale }: Measurement,
  bias: Bias,
  blas: Blas,
): SeliDistances | null {
  if (counts.length > DENSE_LIMIT || counts.every((n) => n === counts[0])) return null;
  const seli = seliGeometry(counts, bias, blas);
  const distance = (measured: MeasuredFrame | null, reference: Frame) =>
    measured?.kind === 'dense' ? frameDistance(measured.matrix, reference) : null;
  return {
    weights: distance(upToScale.weights, seli.weights),
    features: distance(upToScale.features, seli.features),
    logits: distance(upToScale.logits, seli.logits),
  };
}

/** Angles of PPᵀ and H̄ᵀH̄ among small and among large classes; null on equal counts. */
export function anglesOf({ counts, upToScale }: Measurement): MinorityAngles | null {
  const { weights, features } = upToScale;
  return minorityAngles(counts, weights, features);
}
