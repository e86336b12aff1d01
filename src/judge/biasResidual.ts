/**
 * Whether the bias of a measured head is that of a free one: at a stationary point of the objective its gradient
 * r = Σ_k (n_k/N)(p_k − y_k) vanishes, with p_k the outputs (of cross-entropy: their softmax) at class mean k. A bias that
 * was decayed, as PyTorch's `weight_decay` over all parameters does, leaves r = −λ_b·b.
 */
import type { Measurement } from '../metrics/index.js';
import { forEachColumn, type Head, type Problem } from '../model/index.js';

/** ‖r‖ over Σ_k (n_k/N)‖p_k − y_k‖, in [0, 1]; null without a bias, or where it does not exist. */
export function biasResidual(
  { counts, samples, geometry }: Measurement,
  head: Head | null,
  { loss }: Pick<Problem, 'loss'>,
): number | null {
  const bias = head?.bias ?? null;
  if (bias === null || geometry.logits === null) return null;
  const K = counts.length;
  const gradient = new Float64Array(K);
  let size = 0;
  forEachColumn(geometry.logits, (column, k) => {
    const logits = Float64Array.from({ length: K }, (_, j) => column[j] + bias[j]);
    const outputs = loss === 'mse' ? logits : softmax(logits);
    outputs[k] -= 1;
    let squares = 0;
    outputs.forEach((value, j) => {
      gradient[j] += (counts[k] / samples) * value;
      squares += value * value;
    });
    size += (counts[k] / samples) * Math.sqrt(squares);
  });
  const share = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0)) / size;
  return Number.isFinite(share) ? share : null;
}

function softmax(logits: Float64Array): Float64Array {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = logits.map((value) => Math.exp(value - top));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
