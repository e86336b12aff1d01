/** What of a comparison stays where classes are exchanged: norms among equal classes, spectrum and entries of a frame. */
import type { Blas } from '../core/blas.js';
import type { Measurement } from '../metrics/index.js';
import { DENSE_LIMIT, type Frame } from '../model/index.js';
import type { ClassComparison } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { comparedFeatureNorm } from './compare.js';

/** Predicted norms dealt out anew among classes of equal counts, smallest to smallest. */
export function exchangeEqual(classes: readonly ClassComparison[]): ClassComparison[] {
  const out = [...classes];
  const size = {
    weightNorm: ({ weightNorm }: ClassComparison) => weightNorm ?? Number.MAX_VALUE,
    featureNorm: (compared: ClassComparison) => comparedFeatureNorm(compared) ?? 0,
  };
  for (const count of new Set(classes.map((compared) => compared.count))) {
    const members = classes.flatMap((compared, k) => (compared.count === count ? [k] : []));
    for (const [measured, predicted] of [
      ['weightNorm', 'predictedWeightNorm'],
      ['featureNorm', 'predictedFeatureNorm'],
    ] as const) {
      const from = members.map((k) => classes[k][predicted] ?? 0).sort((a, b) => a - b);
      const order = [...members].sort((a, b) => size[measured](classes[a]) - size[measured](classes[b]));
      order.forEach((k, i) => {
        if (classes[k][predicted] !== null) out[k] = { ...out[k], [predicted]: from[i] };
      });
    }
  }
  return out;
}

/**
 * A lower bound of the distance of PPᵀ from the predicted frame over all orders of the classes, both of norm 1: the larger of
 * the distance of the spectra (Hoffman and Wielandt) and that of the entries in ascending order (which no order of the
 * entries undercuts). Entries are looked at besides as frames of one rank and one size can share a spectrum. Null where it
 * does not exist or is too large to form.
 */
export function exchangedDistance(
  measurement: Measurement,
  prediction: Prediction,
  blas: Blas,
): number | null {
  const { weights } = measurement.upToScale;
  if (weights === null || weights.kind === 'product' || measurement.counts.length > DENSE_LIMIT) return null;
  const predicted = prediction.geometry().weights;
  const spectra = sortedDistance(spectrumOf(weights, blas), spectrumOf(predicted, blas));
  const entries = sortedDistance(entriesOf(weights), entriesOf(predicted));
  return spectra === null || entries === null ? null : Math.max(spectra, entries);
}

/** ‖â − b̂‖ of the values in order, each scaled to norm 1. */
function sortedDistance(a: Float64Array | null, b: Float64Array | null): number | null {
  if (a === null || b === null) return null;
  const [first, second] = [scaled(a), scaled(b)];
  if (first === null || second === null) return null;
  return Math.sqrt(first.reduce((sum, value, i) => sum + (value - second[i]) ** 2, 0));
}

function scaled(values: Float64Array): Float64Array | null {
  const top = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (!(top > 0) || !values.every(Number.isFinite)) return null;
  const shares = values.map((value) => value / top);
  const norm = Math.sqrt(shares.reduce((sum, value) => sum + value * value, 0));
  return shares.map((value) => value / norm).sort();
}

function spectrumOf(frame: Frame, blas: Blas): Float64Array | null {
  if (frame.kind === 'diagonal') return frame.entries.slice();
  // PPᵀ is symmetric and not negative: its singular values are its eigenvalues.
  return frame.matrix.data.every(Number.isFinite) ? blas.svd(frame.matrix).s : null;
}

function entriesOf(frame: Frame): Float64Array {
  if (frame.kind === 'dense') return frame.matrix.data.slice();
  const K = frame.entries.length;
  const out = new Float64Array(K * K);
  out.set(frame.entries);
  return out;
}
