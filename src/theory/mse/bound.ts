/**
 * A lower bound of the MSE minimum, from another formula than the prediction and rounded down.
 *
 * The objective of any point is at least Σ φ_i(σ_i) over the modes that fit through the bottleneck (von Neumann's trace
 * inequality, and the least decay of a product), plus τ²/(2N) for each that does not; what is left are the scalar problems
 *   φ(σ) = (σ − τ)²/(2N) + r(σ),  r(σ) = (L/2)(Λσ²)^{1/L},  σ ≥ 0.
 * The prediction solves them by the largest root in x (`mode.ts`). Here nothing is solved for that the bound relies on:
 * - M = 1: r(σ) = √Λ·σ, and every g in [0, √Λ] gives φ(σ) ≥ gτ − Ng²/2, the dual of the nuclear norm; g = min(√Λ, τ/N).
 * - M ≥ 2: φ″ increases with σ. Up to s, where it is zero, φ is concave and lies above the smaller of its ends, φ(0) and φ(s).
 *   From s on it is convex and lies above its tangent at any p; where φ decreases up to m = (s + p)/2, its values left of m are
 *   above φ(m), and right of m φ ≥ φ(p) − φ′(p)²/(2φ″(m)). A p near the minimum (Newton on φ′) makes the bound tight; any p
 *   makes it true.
 * Margins, in units of ε: what the logarithms of the decays lose, sums over the levels, and a target whose τ² comes from a
 * secular equation (φ_min grows no faster than τ², so a relative error of τ² is at most one of φ_min).
 */
import { bottleneckOf, depthOf, requirePlain, samplesOf, type Problem } from '../../model/index.js';
import { targetSpectrum } from './spectrum.js';

const EPS = Number.EPSILON;
/** Newton descends to the minimum quadratically; near a double root, where the bound has room, linearly. */
const MOST_STEPS = 60;
/** Widening of the point s of inflexion, far above the rounding of its logarithm. */
const AROUND = 1e-8;
/** A slope or a curvature beyond this share of its parts has its sign for certain. */
const CLEARLY = 1e-8;

/** Never above the minimum of an MSE problem; within about 1e-12 of it, relatively. O(K log K) for the spectrum. */
export function mseLowerBound(problem: Problem): number {
  requirePlain('mseLowerBound', problem);
  const { levels, groups } = targetSpectrum(problem.counts, problem.bias);
  const scalar = scalarProblem(problem);
  let left = bottleneckOf(problem);
  let sum = 0;
  for (const { targetSquare, dimension } of levels) {
    const fits = Math.min(left, dimension);
    left -= fits;
    if (fits > 0) sum += fits * scalar.least(targetSquare);
    if (fits < dimension) sum += ((dimension - fits) * targetSquare) / (2 * scalar.samples);
  }
  // Rounding of a sum of positive terms, and of the roots of the secular equation.
  const units = levels.length + (problem.bias === 'free' ? 8 * groups.length : 0) + 64;
  return sum * (1 - units * EPS);
}

export interface ScalarProblem {
  readonly samples: number;
  /** A lower bound of min φ for a target of this square. */
  least(targetSquare: number): number;
}

/** The scalar problems of a problem; `samples` stands for N, and N/w_k for a class of weight w_k. */
export function scalarProblem(problem: Problem, samples = samplesOf(problem)): ScalarProblem {
  const M = depthOf(problem);
  const L = M + 1;
  const N = samples;
  const logs = [problem.featureDecay, ...problem.weightDecays].map(Math.log);
  const logLambda = logs.reduce((sum, log) => sum + log, 0);
  /** Relative error of exp((log Λ + 2 log σ)/L), with room. */
  const spread = logs.reduce((sum, log) => sum + Math.abs(log), 0);
  const power = 2 / L;
  const decay = (sigma: number) =>
    sigma === 0 ? 0 : (L / 2) * Math.exp((logLambda + 2 * Math.log(sigma)) / L);

  const dual = (tau: number) => {
    const g = Math.min(Math.exp(logLambda / 2) * (1 - (16 + 4 * spread) * EPS), tau / N);
    return g * (tau - (N * g) / 2);
  };

  const curved = (tau: number) => {
    const value = (sigma: number) => ((sigma - tau) * (sigma - tau)) / (2 * N) + decay(sigma);
    const slope = (sigma: number) => (sigma - tau) / N + (power * decay(sigma)) / sigma;
    const curvature = (sigma: number) => 1 / N - (power * (1 - power) * decay(sigma)) / sigma / sigma;
    const nothing = (tau * tau) / (2 * N);
    // 1/N = (1 − α)·Λ^{1/L}·σ^{α−2}, α = 2/L.
    const inflexion = Math.exp((Math.log(N) + logLambda / L + Math.log(1 - power)) / (2 - power));
    if (!(inflexion * (1 - AROUND) < tau)) return Math.min(nothing, decay(tau));
    const [below, above] = [inflexion * (1 - AROUND), Math.min(tau, inflexion * (1 + AROUND))];
    // Both parts of φ are monotone between 0 and τ.
    const around = (above - tau) ** 2 / (2 * N) + decay(below);
    let p = tau;
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = Math.max(above, p - slope(p) / curvature(p));
      if (!(next < p)) break;
      p = next;
    }
    // A difference of two numbers is right to half a unit of itself, and so is each part of the slope.
    const parts = (tau - p) / N + (power * decay(p)) / p;
    const steep = Math.abs(slope(p)) + (16 + 4 * spread) * EPS * parts;
    const m = (above + p) / 2;
    const bend = curvature(m) - CLEARLY / N;
    const falling = slope(m) < -CLEARLY * (tau / N);
    const tangent = falling && bend > 0 ? (steep * steep) / (2 * bend) : steep * Math.max(p - above, tau - p);
    return Math.min(nothing, around, value(p) - tangent);
  };

  return {
    samples: N,
    least(targetSquare) {
      if (targetSquare === 0) return 0;
      const tau = Math.sqrt(targetSquare);
      const margin = 32 + 4 * spread + 8 * Math.abs(Math.log(targetSquare));
      return Math.max(0, (M === 1 ? dual : curved)(tau) * (1 - margin * EPS));
    },
  };
}
