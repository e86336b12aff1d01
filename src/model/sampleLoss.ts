/**
 * The loss of one sample from its logits: squared error to any target, and cross-entropy with soft targets, adjusted logits or a
 * focal exponent.
 *
 *   MSE    ½‖a − t_k‖²
 *   CE     ℓ(z; t) = log Σ_j e^{z_j} − ⟨t, z⟩, z = δ∘a + ι
 *   focal  (1 − p)^γ·(−log p), p the probability of class k
 *
 * What is wrong with a sample that is nearly right keeps its digits: 1 − p is summed over the other classes.
 */
import { lossShares, targetRows, type Counted, type LogitAdjustment, type Variation } from './variations.js';
import type { Loss } from './vocabulary.js';

/** A loss with all that it may have beyond the plain one: plain data. */
export interface VariedLoss {
  /** What a sample of each class counts for, K numbers: w_k under MSE, N·ω_k/n_k under cross-entropy. */
  readonly sampleWeights: readonly number[];
  /** q rows of K numbers: column k is the target of class k. */
  readonly targets: readonly (readonly number[])[];
  /** γ; 0 without. */
  readonly focal: number;
  readonly logitAdjustment: LogitAdjustment | null;
}

/** The loss of logits `a` (bias included) of a sample of class k, not weighted; writes ∂/∂a into `gradient`, both q numbers. */
export type SampleLoss = (a: Float64Array, k: number, gradient: Float64Array) => number;

/** The variations that change the loss itself; the others are of the bias and the features. */
export const LOSS_VARIATIONS = [
  'class weights',
  'label smoothing',
  'targets',
  'focal loss',
  'logit adjustment',
] as const satisfies readonly Variation[];

/** The loss of a problem, whatever it has beyond the plain one. */
export function variedLossOf(problem: Counted & { readonly loss: Loss }): VariedLoss {
  const { loss, counts, classWeights, focal, logitAdjustment } = problem;
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const shares = lossShares(problem);
  return {
    sampleWeights: counts.map((n, k) =>
      loss === 'mse' || classWeights === null ? (classWeights?.[k] ?? 1) : (samples * shares[k]) / n,
    ),
    targets: targetRows(problem),
    focal,
    logitAdjustment,
  };
}

export function sampleLossOf(loss: Loss, varied: Omit<VariedLoss, 'sampleWeights'>): SampleLoss {
  const { targets: rows } = varied;
  const targets = rows[0].map((_, k) => Float64Array.from(rows, (row) => row[k]));
  switch (loss) {
    case 'mse':
      return squaredError(targets);
    case 'ce':
      return crossEntropy(targets, varied);
    default:
      return loss satisfies never;
  }
}

function squaredError(targets: readonly Float64Array[]): SampleLoss {
  return (a, k, gradient) => {
    const t = targets[k];
    let sum = 0;
    for (let j = 0; j < t.length; j++) {
      const residual = a[j] - t[j];
      gradient[j] = residual;
      sum += residual * residual;
    }
    return sum / 2;
  };
}

function crossEntropy(
  targets: readonly Float64Array[],
  { focal, logitAdjustment }: Pick<VariedLoss, 'focal' | 'logitAdjustment'>,
): SampleLoss {
  const q = targets[0].length;
  const offsets = logitAdjustment?.offsets ?? null;
  const scales = logitAdjustment?.scales ?? null;
  const z = new Float64Array(q);
  return (a, k, gradient) => {
    const t = targets[k];
    let top = 0;
    for (let j = 0; j < q; j++) {
      z[j] = (scales === null ? 1 : scales[j]) * a[j] + (offsets === null ? 0 : offsets[j]);
      if (z[j] > z[top]) top = j;
    }
    // log Σ e^z − z_top, from the other classes alone.
    let others = 0;
    for (let j = 0; j < q; j++) if (j !== top) others += Math.exp(z[j] - z[top]);
    const above = Math.log1p(others);
    let loss = above;
    for (let j = 0; j < q; j++) if (j !== top && t[j] !== 0) loss += t[j] * (z[top] - z[j]);
    const scale = 1 / (1 + others);
    for (let j = 0; j < q; j++)
      gradient[j] = j === top ? 1 - t[j] - others * scale : Math.exp(z[j] - z[top]) * scale - t[j];
    if (focal > 0) {
      // ℓ = leak^γ·L with L = −log p: dℓ/dL = leak^γ + γ·leak^{γ−1}·p·L.
      const leak = -Math.expm1(-loss);
      const p = Math.exp(-loss);
      const slope = leak === 0 ? 0 : leak ** focal + focal * leak ** (focal - 1) * p * loss;
      for (let j = 0; j < q; j++) gradient[j] *= slope;
      loss *= leak ** focal;
    }
    if (scales !== null) for (let j = 0; j < q; j++) gradient[j] *= scales[j];
    return loss;
  };
}
