/**
 * MSE: the global minimum for any counts, depth, widths, decays, with or without a free bias.
 *
 * For a fixed Z = PH the least regularisation is (L/2)·Σ_i (Λσ_i(Z)²)^{1/L}, L = M + 1, so the objective depends on
 * singular values only and, by von Neumann's trace inequality, the target decides the directions: T = U·diag(τ)·Vᵀ,
 * Z = U·diag(σ)·Vᵀ, each σ_i solving its own scalar problem (`mode.ts`), and only the R largest surviving the bottleneck.
 * The bias-free case is Dang et al. (ICML 2023); a free bias with unequal counts uses the same formula with the
 * eigenvectors of D − nnᵀ/N, which the paper does not treat (arXiv 2411.17278 studies that case).
 */
import type { Blas } from '../../core/blas.js';
import { portableBlas } from '../../core/portableBlas.js';
import { samplesOf, type Problem } from '../../model/index.js';
import { SOLUTION_NAMES, type ModeLevel, type Prediction } from '../prediction.js';
import { mseLowerBound } from './bound.js';
import { nameFrame, predictClasses } from './describe.js';
import { mseGeometry } from './geometry.js';
import { solveMse } from './solve.js';

/** The prediction for an MSE problem. No K×K matrix is formed unless `geometry()` is called. */
export function predictMse(problem: Problem, blas: Blas = portableBlas): Prediction {
  const solution = solveMse(problem);
  const { solved, constants } = solution;
  let [objective, rank, everythingLost] = [0, 0, 0];
  for (const { solution: mode, multiplicity } of solved) {
    objective += multiplicity * mode.objective;
    everythingLost += (multiplicity * mode.target ** 2) / (2 * constants.samples);
    if (mode.value > 0) rank += multiplicity;
  }
  const lowerBound = mseLowerBound(problem);
  const gap = objective - lowerBound;
  const samples = samplesOf(problem);
  return {
    problem,
    objective,
    optimality: 'global',
    interrupted: false,
    unique: solution.split < 0,
    rank,
    levels: solved.map(({ solution: mode, multiplicity }): ModeLevel => ({ solution: mode, multiplicity })),
    classes: predictClasses(solution, blas),
    frame: nameFrame(solution, rank),
    bias: problem.bias === 'free' ? Float64Array.from(problem.counts, (n) => n / samples) : null,
    geometry: once(() => mseGeometry(solution, blas)),
    certificate: { lowerBound, gap, relativeGap: gap / Math.max(Math.abs(objective), Number.MIN_VALUE) },
    alternatives: rank === 0 ? [] : [{ kind: 'lost', name: SOLUTION_NAMES.lost, objective: everythingLost }],
    search: null,
  };
}

function once<T>(build: () => T): () => T {
  let built: { value: T } | null = null;
  return () => (built ??= { value: build() }).value;
}
