/**
 * Which λ a decay of PyTorch is under MSE. The objective of this package is 1/(2N)·Σ‖z − y‖² + Σ λ/2‖·‖²; a training that
 * minimises another multiple of the same has another λ for the same decay wd:
 *   paper: that objective itself, λ = wd;
 *   mean: nn.MSELoss(), 1/(NK)·Σ‖z − y‖² + wd/2‖·‖² = (2/K)·(1/(2N)·Σ‖z − y‖² + (wd·K/2)/2‖·‖²), so λ = wd·K/2;
 *   sum: nn.MSELoss(reduction='sum') over batches of B, Σ_B‖z − y‖² + wd/2‖·‖² = 2B·(1/(2B)·Σ_B + (wd/(2B))/2‖·‖²), λ = wd/(2B).
 */
import { refuse } from '../core/errors.js';

export const MSE_REDUCTIONS = ['paper', 'mean', 'sum'] as const;

export type MseReduction =
  | { readonly kind: 'paper' }
  | { readonly kind: 'mean' }
  /** `batch`: samples a step. */
  | { readonly kind: 'sum'; readonly batch: number };

/** λ is this times the decay, for K outputs. Throws for a batch that is no positive whole number. */
export function lambdaPerDecay(reduction: MseReduction, K: number): number {
  switch (reduction.kind) {
    case 'paper':
      return 1;
    case 'mean':
      return K / 2;
    case 'sum':
      if (!Number.isSafeInteger(reduction.batch) || reduction.batch < 1)
        refuse('batch', 'a positive whole number of samples', reduction.batch);
      return 1 / (2 * reduction.batch);
    default:
      return reduction satisfies never;
  }
}

/** The conversion in a sentence, for a result beside it. */
export function describeReduction(reduction: MseReduction, K: number): string {
  switch (reduction.kind) {
    case 'paper':
      return `λ belongs to the loss 1/(2N)·Σ‖·‖²: nn.MSELoss() with weight_decay wd is λ = wd·K/2 (here ${K / 2}·wd)`;
    case 'mean':
      return `decays are those of nn.MSELoss(): λ = wd·K/2, here ${K / 2}·wd, for the loss 1/(2N)·Σ‖·‖²`;
    case 'sum':
      return `decays are those of nn.MSELoss(reduction='sum') over batches of ${reduction.batch}: λ = wd/(2B), here wd/${2 * reduction.batch}, for the loss 1/(2N)·Σ‖·‖²`;
    default:
      return reduction satisfies never;
  }
}
