/**
 * One singular mode of the MSE problem (Dang et al. 2023; the scalar reduction is derived in the docs of `mse/predict.ts`).
 *
 * Minimise φ(σ) = (σ − τ)²/(2N) + (L/2)(Λσ²)^{1/L} over σ ≥ 0, with L = M + 1 and Λ = λ_H·Π λ_m.
 * For M ≥ 2 put σ/τ = x^M/(1 + x^M). A stationary point has b = M x^{M−1}/(1 + x^M)² with b = M N (NΛ)^{1/M}/τ², and
 * φ = τ²/(2N)·(1/(1 + x^M) + b x). The largest root is the only candidate besides x = 0, and the two are compared.
 */
import { samplesOf, type Problem, type Regime } from '../model/index.js';

/** The constants that all modes of one problem share. */
export interface ModeConstants {
  /** M, the number of linear layers. */
  readonly depth: number;
  /** N, the number of samples. */
  readonly samples: number;
  /** log of Λ = λ_H·Π λ_m (a product of tiny decays may underflow). */
  readonly logLambda: number;
  readonly featureDecay: number;
  /** b below which the positive solution is the global minimum. */
  readonly bGlobal: number;
  /** b above which no positive solution exists. */
  readonly bExist: number;
}

/** The state of one mode at the global minimum. */
export interface ModeSolution {
  /** τ, the singular value of the target. */
  readonly target: number;
  /** σ, the singular value of PH. */
  readonly value: number;
  /** Regularisation over signal, τ-independent constants included; null for τ = 0. */
  readonly b: number | null;
  /** Null for τ = 0. */
  readonly regime: Regime | null;
  /** f = σ/τ in [0, 1); 0 for τ = 0. */
  readonly fit: number;
  /** s² = Nλ_H·x^M, the squared singular value of P. */
  readonly weightSquare: number;
  /** φ(σ), this mode's part of the objective. */
  readonly objective: number;
}

/** b_global = (M−1)^{(M−1)/M}/M and b_exist = M·q^{(M−1)/M}/(1+q)², q = (M−1)/(M+1); both 1 for M = 1. */
export function thresholds(depth: number): { readonly bGlobal: number; readonly bExist: number } {
  if (depth === 1) return { bGlobal: 1, bExist: 1 };
  const q = (depth - 1) / (depth + 1);
  return {
    bGlobal: Math.pow(depth - 1, (depth - 1) / depth) / depth,
    bExist: (depth * Math.pow(q, (depth - 1) / depth)) / (1 + q) ** 2,
  };
}

export function modeConstants(problem: Problem): ModeConstants {
  return constantsOf({ ...problem, samples: samplesOf(problem) });
}

/** The same for N samples of any targets. */
export function constantsOf(given: {
  readonly samples: number;
  readonly weightDecays: readonly number[];
  readonly featureDecay: number;
}): ModeConstants {
  const { samples, weightDecays, featureDecay } = given;
  let logLambda = Math.log(featureDecay);
  for (const decay of weightDecays) logLambda += Math.log(decay);
  const depth = weightDecays.length;
  return { depth, samples, logLambda, featureDecay, ...thresholds(depth) };
}

/** log b of a mode with squared target τ² > 0. */
function logB(constants: ModeConstants, targetSquare: number): number {
  const { depth, samples, logLambda } = constants;
  return Math.log(depth * samples) + (Math.log(samples) + logLambda) / depth - Math.log(targetSquare);
}

/** Solves one mode at the global minimum, given τ² ≥ 0. */
export function solveMode(constants: ModeConstants, targetSquare: number): ModeSolution {
  const target = Math.sqrt(targetSquare);
  if (targetSquare === 0)
    return { target, value: 0, b: null, regime: null, fit: 0, weightSquare: 0, objective: 0 };
  const { depth, bGlobal, bExist } = constants;
  const logarithm = logB(constants, targetSquare);
  const b = finite(Math.exp(logarithm));
  if (!(b < bGlobal)) return deadMode(constants, targetSquare, b, b < bExist ? 'metastable' : 'lost');
  // For tiny b the −1 of expm1 is lost, and exp may overflow where its logarithm does not.
  const shallow = () => (logarithm < -1000 ? -logarithm / 2 : Math.log(Math.expm1(-logarithm / 2)));
  const logX = depth > 1 ? largestRoot(depth, logarithm) : shallow();
  return aliveMode(constants, targetSquare, b, logX);
}

/** A mode beyond the bottleneck: its target is lost whatever its regularisation. */
export function cutMode(constants: ModeConstants, targetSquare: number): ModeSolution {
  if (targetSquare === 0) return solveMode(constants, 0);
  return deadMode(constants, targetSquare, finite(Math.exp(logB(constants, targetSquare))), 'cut');
}

function deadMode(constants: ModeConstants, targetSquare: number, b: number, regime: Regime): ModeSolution {
  const lost = targetSquare / (2 * constants.samples);
  const target = Math.sqrt(targetSquare);
  return { target, value: 0, b, regime, fit: 0, weightSquare: 0, objective: lost };
}

function aliveMode(constants: ModeConstants, targetSquare: number, b: number, logX: number): ModeSolution {
  const { depth, samples, logLambda, featureDecay } = constants;
  const L = depth + 1;
  const target = Math.sqrt(targetSquare);
  // y = x^M; for M = 1, x is s²/(Nλ_H) as well and the same formulas hold.
  const logY = depth * logX;
  const fit = 1 / (1 + Math.exp(-logY));
  const unfit = 1 / (1 + Math.exp(logY));
  const value = target * fit;
  const regulariser = (L / 2) * Math.exp((logLambda + 2 * Math.log(value)) / L);
  const scale = targetSquare / (2 * samples);
  return {
    target,
    value,
    b,
    regime: 'alive',
    fit,
    weightSquare: Math.exp(Math.log(samples * featureDecay) + logY),
    objective: scale * unfit * unfit + regulariser,
  };
}

/**
 * log of the largest root x of b = M x^{M−1}/(1 + x^M)², M ≥ 2, b < b_exist.
 *
 * In t = log x the equation is concave and decreasing right of its peak. b < M x^{−M−1} there, so Newton starts right of
 * the root and walks down to it without overshooting.
 */
function largestRoot(depth: number, logarithm: number): number {
  let t = (Math.log(depth) - logarithm) / (depth + 1);
  for (let step = 0; step < 200; step++) {
    const y = depth * t;
    const softplus = y > 0 ? y + Math.log1p(Math.exp(-y)) : Math.log1p(Math.exp(y));
    const residual = Math.log(depth) + (depth - 1) * t - 2 * softplus - logarithm;
    const slope = depth - 1 - (2 * depth) / (1 + Math.exp(-y));
    const next = t - residual / slope;
    // Monotone until rounding: the first step that does not go left has arrived.
    if (!(next < t) || slope >= 0) return t;
    t = next;
  }
  return t;
}

/** The largest double instead of ∞, so that no output is ever infinite. */
function finite(value: number): number {
  return Math.min(value, Number.MAX_VALUE);
}

/**
 * The largest weight decay (all λ_m at their geometric mean) at which a mode with this τ² lives at the global minimum:
 * with λ_H as it is, and with λ_H tied to the same value.
 */
export function largestDecay(
  constants: ModeConstants,
  targetSquare: number,
): { readonly fixedFeatureDecay: number; readonly tiedFeatureDecay: number } {
  const { depth, samples, featureDecay, bGlobal } = constants;
  const log = Math.log(bGlobal) + Math.log(targetSquare) - Math.log(depth * samples);
  return {
    fixedFeatureDecay: finite(Math.exp(log - Math.log(samples * featureDecay) / depth)),
    tiedFeatureDecay: finite(Math.exp((depth * log - Math.log(samples)) / (depth + 1))),
  };
}
