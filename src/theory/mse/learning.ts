/**
 * When a class is learned: MSE, M = 1, no bias, all decays λ, gradient flow.
 *
 * Near a balanced start the value of mode k follows a logistic curve, σ_k(t) = S/(1 + (S/s₀ − 1)e^{−2St/N}) with
 * S = √n_k − Nλ its value at the minimum and s₀ = ‖w_k + √n_k·h̄_k‖²/4 the part of the start along the direction that grows. Half of the fit is
 * reached at t = N/(2S)·log(S/s₀ − 1). Entries of a start N(0, std²) give s₀ ≈ d·std²/2. Time is steps·η/(1 − β). An estimate: modes are taken
 * apart, and the start as balanced.
 */
import { depthOf, samplesOf, variationsOf, type Problem } from '../../model/index.js';

/** Whether the curve says anything of a problem. */
export function hasLearningCurve(problem: Problem): boolean {
  const { loss, bias, weightDecays, featureDecay, widths, counts } = problem;
  return (
    loss === 'mse' &&
    bias === 'none' &&
    depthOf(problem) === 1 &&
    weightDecays[0] === featureDecay &&
    widths[0] >= counts.length &&
    variationsOf(problem).length === 0
  );
}

/** N/(2S): the time in which a small mode grows by e; null for a class that is lost, or where there is no curve. */
export function growthTime(problem: Problem, k: number): number | null {
  if (!hasLearningCurve(problem)) return null;
  const N = samplesOf(problem);
  const S = Math.sqrt(problem.counts[k]) - N * problem.featureDecay;
  return S > 0 ? N / (2 * S) : null;
}

/**
 * Time at which class k has half of its fit from a start with this s₀; 0 where the start is beyond it, null for a class that is
 * lost, or where there is no curve.
 */
export function halfFitTime(problem: Problem, k: number, s0: number): number | null {
  const growth = growthTime(problem, k);
  if (growth === null || !(s0 > 0)) return null;
  const S = samplesOf(problem) / (2 * growth);
  return S <= 2 * s0 ? 0 : growth * Math.log(S / s0 - 1);
}

/** s₀ to be expected of a start with entries N(0, std²). */
export function expectedStart({ widths }: Problem, std: number): number {
  return (widths[0] * std * std) / 2;
}
