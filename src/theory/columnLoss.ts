/**
 * The loss of one column of logits, for every problem: squared error to any target, and cross-entropy with soft targets,
 * adjusted logits or a focal exponent.
 *
 *   MSE    ½‖a − t_k‖²
 *   CE     ℓ(z; t) = log Σ_j e^{z_j} − ⟨t, z⟩, z = δ∘a + ι
 *   focal  (1 − p)^γ·(−log p), p the probability of class k
 *
 * The data part of the objective is Σ_k c_k·(mean of the loss over class k), c_k = n_k w_k/N under MSE and ω_k under CE. What is
 * wrong with a column that is nearly right keeps its digits: 1 − p is summed over the other classes.
 */
import { lossShares, outputsOf, targetRows, type Problem } from '../model/index.js';

export interface ColumnLoss {
  /** q: the length of a column. */
  readonly outputs: number;
  /** c_k, K of them. */
  readonly weights: Float64Array;
  /** The target of class k, q numbers. */
  readonly target: (k: number) => Float64Array;
  /** The loss of logits `a` (bias included) for class k; writes ∂/∂a into `gradient`, both q numbers. */
  readonly evaluate: (a: Float64Array, k: number, gradient: Float64Array) => number;
}

export function columnLossOf(problem: Problem): ColumnLoss {
  const q = outputsOf(problem);
  const rows = targetRows(problem);
  const targets = problem.counts.map((_, k) => Float64Array.from(rows, (row) => row[k]));
  const weights = Float64Array.from(classShares(problem));
  const shared = { outputs: q, weights, target: (k: number) => targets[k] };
  switch (problem.loss) {
    case 'mse':
      return {
        ...shared,
        evaluate(a, k, gradient) {
          let sum = 0;
          for (let j = 0; j < q; j++) {
            const residual = a[j] - targets[k][j];
            gradient[j] = residual;
            sum += residual * residual;
          }
          return sum / 2;
        },
      };
    case 'ce':
      return { ...shared, evaluate: crossEntropy(problem, targets) };
    default:
      return problem.loss satisfies never;
  }
}

/** c_k: n_k w_k/N under MSE, ω_k under cross-entropy. */
export function classShares(problem: Problem): number[] {
  if (problem.loss === 'ce') return lossShares(problem);
  const samples = problem.counts.reduce((sum, n) => sum + n, 0);
  return problem.counts.map((n, k) => (n * (problem.classWeights?.[k] ?? 1)) / samples);
}

function crossEntropy(problem: Problem, targets: readonly Float64Array[]): ColumnLoss['evaluate'] {
  const q = targets[0].length;
  const { focal, logitAdjustment } = problem;
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
