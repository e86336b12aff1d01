/**
 * The head and the loss, on the first thread: with K classes, K rows go through the head's layers instead of the batch's
 * samples (src/head), and that is little work beside a backbone.
 *
 * P = W_M … W_1, Z = HPᵀ + 1bᵀ, E = dataScale/B·∂ℓ/∂Z; then ∂F/∂P = EᵀH, ∂F/∂H = EP + featureDecay·H.
 */
import type { Blas } from '../../core/blas.js';
import type { Matrix } from '../../core/matrix.js';
import { createHeadChain } from '../../head/index.js';
import { weightedLoss, type StepResult, type TrainingRule } from '../../nets/index.js';
import type { Slot } from './plan.js';

export interface HeadLossParts {
  readonly floats: Float32Array;
  readonly blas: Blas;
  readonly rule: Pick<TrainingRule, 'loss' | 'varied' | 'dataScale' | 'featureDecay'>;
  /** W_1 … W_M, and d_0 … d_{M−1}, K. */
  readonly weights: readonly Slot[];
  readonly sizes: readonly number[];
  readonly bias: Slot | null;
  /** Addresses of H and of ∂F/∂H, batch×d. */
  readonly features: number;
  readonly gradient: number;
  readonly labels: Int32Array;
  readonly carry: number;
  readonly batch: number;
}

/** Computes the loss of the first `samples` of a batch, and all gradients of the head and ∂F/∂H. */
export function createHeadLoss(parts: HeadLossParts): (samples: number) => StepResult {
  const { floats, blas, rule, weights, sizes, bias, carry, batch, labels } = parts;
  const d = sizes[0];
  const K = sizes[sizes.length - 1];
  const view = (address: number, rows: number, cols: number): Matrix<Float32Array> => ({
    data: floats.subarray(address / 4, address / 4 + rows * cols),
    rows,
    cols,
  });
  const W = weights.map(({ value }, m) => view(value, sizes[m + 1], sizes[m]));
  const G = weights.map(({ gradient }, m) => view(gradient, sizes[m + 1], sizes[m]));
  const chain = createHeadChain(blas, W);
  const Z = new Float32Array(batch * K);
  const R = { data: new Float32Array(d * K), rows: d, cols: K };
  const biasGradient = new Float64Array(K);
  const lossInto = lossOf(rule);

  return (samples) => {
    const H = view(parts.features, samples, d);
    const dH = view(parts.gradient, samples, d);
    const E = { data: Z.subarray(0, samples * K), rows: samples, cols: K };
    const Pt = chain.product();
    blas.gemm('N', 'N', 1, H, Pt, 0, E);
    if (bias !== null)
      for (let i = 0; i < samples; i++)
        for (let k = 0; k < K; k++) E.data[i * K + k] += floats[bias.value / 4 + k];
    const result = lossInto(E, labels, rule.dataScale);
    if (bias !== null) {
      biasGradient.fill(0);
      for (let i = 0; i < samples; i++) for (let k = 0; k < K; k++) biasGradient[k] += E.data[i * K + k];
      for (let k = 0; k < K; k++) {
        const at = bias.gradient / 4 + k;
        floats[at] = carry * floats[at] + biasGradient[k];
      }
    }
    blas.gemm('T', 'N', 1, H, E, 0, R);
    blas.gemm('N', 'T', 1, E, Pt, 0, dH);
    if (rule.featureDecay !== 0) blas.axpy(rule.featureDecay, H.data, dH.data);
    chain.backward(R, G, carry);
    return result;
  };
}

/** Loss and right answers of logits Z (B×K), which become scale/B·∂ℓ/∂Z. */
type LossInto = (Z: Matrix<Float32Array>, labels: Int32Array, scale: number) => StepResult;

function lossOf({ loss, varied = null }: Pick<TrainingRule, 'loss' | 'varied'>): LossInto {
  if (varied !== null) return variedLoss(weightedLoss(loss, varied), varied.targets.length);
  switch (loss) {
    case 'mse':
      return squaredError;
    case 'ce':
      return crossEntropy;
    default:
      return loss satisfies never;
  }
}

/** Row by row in float64: weights of classes, soft targets, a focal exponent, adjusted logits. */
function variedLoss(evaluate: ReturnType<typeof weightedLoss>, K: number): LossInto {
  const [logits, gradient] = [new Float64Array(K), new Float64Array(K)];
  return ({ data, rows, cols }, labels, scale) => {
    let [sum, correct] = [0, 0];
    for (let i = 0; i < rows; i++) {
      const row = data.subarray(i * cols, (i + 1) * cols);
      if (firstMaximum(row) === labels[i]) correct++;
      logits.set(row);
      sum += evaluate(logits, labels[i], gradient);
      for (let k = 0; k < cols; k++) row[k] = (scale / rows) * gradient[k];
    }
    return { loss: (scale * sum) / rows, correct };
  };
}

/** Z becomes scale/B·(Z − Y). */
function squaredError(
  { data, rows, cols }: Matrix<Float32Array>,
  labels: Int32Array,
  scale: number,
): StepResult {
  let [loss, correct] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    if (firstMaximum(row) === labels[i]) correct++;
    for (let k = 0; k < cols; k++) {
      const error = row[k] - (k === labels[i] ? 1 : 0);
      loss += error * error;
      row[k] = (scale / rows) * error;
    }
  }
  return { loss: (scale * loss) / (2 * rows), correct };
}

/** Z becomes scale/B·(softmax(Z) − Y); exponents are shifted by the largest logit. */
function crossEntropy(
  { data, rows, cols }: Matrix<Float32Array>,
  labels: Int32Array,
  scale: number,
): StepResult {
  let [loss, correct] = [0, 0];
  const exponentials = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * cols, (i + 1) * cols);
    const best = firstMaximum(row);
    if (best === labels[i]) correct++;
    const top = row[best];
    let total = 0;
    for (let k = 0; k < cols; k++) total += exponentials[k] = Math.exp(row[k] - top);
    loss += Math.log(total) - (row[labels[i]] - top);
    for (let k = 0; k < cols; k++)
      row[k] = (scale / rows) * (exponentials[k] / total - (k === labels[i] ? 1 : 0));
  }
  return { loss: (scale * loss) / rows, correct };
}

/** The index of the first of the largest entries. */
function firstMaximum(row: Float32Array): number {
  let best = 0;
  for (let k = 1; k < row.length; k++) if (row[k] > row[best]) best = k;
  return best;
}
