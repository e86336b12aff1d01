/**
 * Cross-entropy, M ≥ 2: a rigorous lower bound of the minimum, from the dual bound of the convex problem with M = 1.
 *
 * The regularisers cost at least Σ_i φ(σ_i), φ(s) = (L/2)(Λs²)^{1/L}, which is concave. Let s be the largest singular value of
 * Z and s₀ > 0 any number. Where s ≤ s₀, φ(σ) ≥ ρσ for every singular value with ρ = φ(s₀)/s₀, so F ≥ f(Z, b) + ρ‖Z‖_* ≥ B(ρ),
 * B the dual bound of `certificate.ts` at √(λ_Wλ_H) = ρ; where s ≥ s₀, F ≥ φ(s₀). Hence
 *
 *     F* ≥ min{B(φ(s₀)/s₀), φ(s₀)}    for every s₀,
 *
 * whatever the widths, and the best s₀ is where the two cross: φ rises with s₀, B falls. Every step of the way to it gives a
 * bound, however roughly its convex problem was solved. It is not tight (.4 to .8 of the best known value), and proves no
 * point optimal. Rounding: φ and ρ are known to a few times 1e-14 and are shrunk by 1e-12; B takes care of its own.
 */
import type { Blas } from '../../core/blas.js';
import type { StopSignal } from '../../core/host.js';
import type { Pausable } from '../../core/pausable.js';
import { depthOf, isBalanced, requirePlain, type Problem } from '../../model/index.js';
import { certifyGrouped } from './certificate.js';
import { solveConvexCe } from './convex.js';
import { groupsByCount } from './groups.js';
import { logLambda, simplexSolution } from './scalar.js';

const SHRINK = 1 - 1e-12;
/** Where the two sides of the bound agree to this, moving s₀ gains no more than that. */
const CLOSE = 1e-4;
const STEPS = 14;
/** Relative gradient of the convex solutions: the bound loses about as much. */
const ROUGH = 1e-6;

export interface LowerBoundOptions {
  readonly blas: Blas;
  /** Read at every pause: it ends the work, which keeps the best bound so far. */
  readonly signal?: StopSignal | undefined;
}

/** The bound, at least 0; `upper` is the objective of any point of the problem. Needs K ≥ 2. */
export function* ceLowerBound(problem: Problem, upper: number, options: LowerBoundOptions): Pausable<number> {
  requirePlain('ceLowerBound', problem);
  const L = depthOf(problem) + 1;
  const { bias } = problem;
  const groups = groupsByCount(problem.counts);
  const whole = logLambda(problem);
  let best = 0;
  /** B(φ(s₀)/s₀) where φ(s₀) = value; remembers the better of the two sides. */
  function* dual(value: number): Pausable<number> {
    const logS = (L / 2) * Math.log((2 * value) / L) - whole / 2;
    const rho = Math.exp(Math.log(value) - logS) * SHRINK;
    if (!(rho > Number.MIN_VALUE) || rho === Infinity) return rho === Infinity ? Infinity : 0;
    const shallow: Problem = {
      ...problem,
      widths: [problem.counts.length],
      weightDecays: [rho],
      featureDecay: rho,
    };
    const state = isBalanced(problem)
      ? simplexSolution(shallow).state
      : yield* solveConvexCe(groups, rho, bias, {
          ...options,
          tolerance: ROUGH,
        });
    const { lowerBound } = certifyGrouped(state, rho, upper, options.blas);
    best = Math.max(best, Math.min(lowerBound, value * SHRINK));
    return lowerBound;
  }
  /** log B − log φ, which falls as φ rises. */
  const excess = (bound: number, value: number) => Math.log(Math.max(bound, Number.MIN_VALUE) / value);

  // Both sides at most reach F*, so they cross at or below `upper`.
  let high = upper;
  let atHigh = excess(yield* dual(high), high);
  if (atHigh >= 0) return best;
  let low = high;
  let atLow = atHigh;
  for (let i = 0; i < 60 && atLow < 0 && options.signal?.aborted !== true; i++) {
    [high, atHigh] = [low, atLow];
    low *= Math.max(0.1, Math.min(0.8, Math.exp(atLow)));
    atLow = excess(yield* dual(low), low);
  }
  let side = 0;
  for (let step = 0; step < STEPS && options.signal?.aborted !== true; step++) {
    if (Math.log(high / low) < CLOSE || atLow < CLOSE || atHigh > -CLOSE) break;
    const share = atLow / (atLow - atHigh);
    const middle = low * Math.pow(high / low, Math.min(0.95, Math.max(0.05, share)));
    const there = excess(yield* dual(middle), middle);
    if (there >= 0) {
      [low, atLow] = [middle, there];
      if (side === 1) atHigh /= 2;
      side = 1;
    } else {
      [high, atHigh] = [middle, there];
      if (side === -1) atLow /= 2;
      side = -1;
    }
  }
  return best;
}
