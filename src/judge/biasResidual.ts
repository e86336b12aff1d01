/**
 * Whether the bias of a measured head is where the objective has it at rest: at a stationary point the gradient
 * r = Σ_k c_k ∂ℓ_k/∂b, plus λ_b·b where the bias is decayed, vanishes. At class mean k under MSE c_k = w_k n_k/N and
 * ∂ℓ_k/∂b = Ph̄_k + b − t_k; under cross-entropy c_k = ω_k and ∂ℓ_k/∂b = δ∘(softmax(δ∘(Ph̄_k + b) + ι) − t_k). A bias that was
 * decayed, as PyTorch's `weight_decay` over all parameters does, leaves r = −λ_b·b for a problem with a free one.
 */
import type { Measurement } from '../metrics/index.js';
import { forEachColumn, lossShares, targetRows, type Head, type Problem } from '../model/index.js';

/**
 * ‖r‖ (with the bias's own decay) over the sum of the norms of its terms, in [0, 1]; null without a bias, for focal loss, or
 * where it does not exist.
 */
export function biasResidual(
  { samples, geometry }: Measurement,
  head: Head | null,
  problem: Problem,
): number | null {
  const bias = head?.bias ?? null;
  if (bias === null || geometry.logits === null || problem.focal > 0) return null;
  const { loss, counts, classWeights, biasDecay, logitAdjustment } = problem;
  const targets = targetRows(problem);
  const shares =
    loss === 'mse' ? counts.map((n, k) => (n / samples) * (classWeights?.[k] ?? 1)) : lossShares(problem);
  const gradient = Float64Array.from(bias, (value) => (biasDecay ?? 0) * value);
  let size = norm(gradient);
  forEachColumn(geometry.logits, (column, k) => {
    const outputs = Float64Array.from(bias, (value, j) => column[j] + value);
    const slope = loss === 'mse' ? outputs : softmax(adjusted(outputs, logitAdjustment));
    for (let j = 0; j < slope.length; j++) {
      slope[j] = (slope[j] - targets[j][k]) * (loss === 'mse' ? 1 : (logitAdjustment?.scales[j] ?? 1));
      gradient[j] += shares[k] * slope[j];
    }
    size += shares[k] * norm(slope);
  });
  const share = norm(gradient) / size;
  return Number.isFinite(share) ? share : null;
}

function adjusted(logits: Float64Array, adjustment: Problem['logitAdjustment']): Float64Array {
  if (adjustment === null) return logits;
  const { scales, offsets } = adjustment;
  return logits.map((value, j) => scales[j] * value + offsets[j]);
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}

function softmax(logits: Float64Array): Float64Array {
  const top = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const powers = logits.map((value) => Math.exp(value - top));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}
