/**
 * The loss of one column of logits, for every problem (`sampleLossOf` of the model room), and what each class counts for.
 *
 * The data part of the objective is Σ_k c_k·(mean of the loss over class k), c_k = n_k w_k/N under MSE and ω_k under CE.
 */
import {
  lossShares,
  outputsOf,
  sampleLossOf,
  targetRows,
  type Problem,
  type SampleLoss,
} from '../model/index.js';

export interface ColumnLoss {
  /** q: the length of a column. */
  readonly outputs: number;
  /** c_k, K of them. */
  readonly weights: Float64Array;
  /** The target of class k, q numbers. */
  readonly target: (k: number) => Float64Array;
  /** The loss of logits `a` (bias included) for class k; writes ∂/∂a into `gradient`, both q numbers. */
  readonly evaluate: SampleLoss;
}

export function columnLossOf(problem: Problem): ColumnLoss {
  const rows = targetRows(problem);
  const targets = problem.counts.map((_, k) => Float64Array.from(rows, (row) => row[k]));
  const { loss, focal, logitAdjustment } = problem;
  return {
    outputs: outputsOf(problem),
    weights: Float64Array.from(classShares(problem)),
    target: (k) => targets[k],
    evaluate: sampleLossOf(loss, { targets: rows, focal, logitAdjustment }),
  };
}

/** c_k: n_k w_k/N under MSE, ω_k under cross-entropy. */
export function classShares(problem: Problem): number[] {
  if (problem.loss === 'ce') return lossShares(problem);
  const samples = problem.counts.reduce((sum, n) => sum + n, 0);
  return problem.counts.map((n, k) => (n * (problem.classWeights?.[k] ?? 1)) / samples);
}
