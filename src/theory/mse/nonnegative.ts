/**
 * MSE, M = 1, free bias, features at least 0 (after a ReLU): closed form where its condition holds.
 *
 * For means that are orthogonal and along the axes each class is a scalar problem against its residual e_k − b, and what is left is
 * convex in b: with r_k = ‖e_k − b‖ and u_k = min(1, N√(Λ/n_k)/r_k),
 *
 *     F = Σ_k n_k/(2N)·r_k²u_k² + √(Λn_k)·r_k(1 − u_k),   b = m/Σm, m_k = n_k u_k,
 *
 * which is a fixed point (reweighted means, as for Huber's estimator). The residuals u_k(e_k − b) are a dual point: where no two of
 * them have a positive product, ‖b‖² ≤ b_i + b_j for all i ≠ j, it is feasible for h ≥ 0 (`dualNorm.ts`), and F is the global
 * minimum. Elsewhere lower points exist (up to 5 % were seen), and the closed form says nothing.
 */
import type { Blas } from '../../core/blas.js';
import { samplesOf, type Problem } from '../../model/index.js';
import { balancedFactors } from '../factors.js';
import { describePoint, logitsAt, type PointPrediction } from '../point.js';
import { mseDualCertificate } from './dual.js';

const ROUNDS = 100_000;

/** Null where the condition fails, or fewer widths than classes. */
export function predictNonnegative(problem: Problem, blas: Blas): PointPrediction | null {
  const { counts, widths } = problem;
  if (widths[0] < counts.length) return null;
  const { b, u } = fixedPoint(problem);
  const square = b.reduce((sum, value) => sum + value * value, 0);
  const [least, next] = [...b].sort((x, y) => x - y);
  if (counts.length > 1 && square > (least + next) * (1 + 1e-12)) return null;
  const samples = samplesOf(problem);
  const root = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  let objective = 0;
  const terms = counts.flatMap((n, k) => {
    const r = radius(b, square, k);
    objective += (n / (2 * samples)) * (r * u[k]) ** 2 + root * Math.sqrt(n) * r * (1 - u[k]);
    if (u[k] >= 1) return [];
    const direction = b.map((value, j) => ((j === k ? 1 : 0) - value) / r);
    const axis = b.map((_, j) => (j === k ? 1 : 0));
    return [{ sigma: Math.sqrt(n) * r * (1 - u[k]), u: direction, v: axis }];
  });
  const point = balancedFactors(problem, terms, b);
  return describePoint(
    {
      ...{ problem, point, objective, optimality: 'global', frame: 'orthogonal features, non-negative' },
      certificate: mseDualCertificate(problem, logitsAt(point, blas), objective, blas),
      unique: null,
      search: null,
    },
    blas,
  );
}

/** ‖e_k − b‖. */
function radius(b: Float64Array, square: number, k: number): number {
  return Math.sqrt(Math.max(0, 1 - 2 * b[k] + square));
}

function fixedPoint(problem: Problem): { b: Float64Array; u: Float64Array } {
  const { counts } = problem;
  const samples = samplesOf(problem);
  const root = Math.sqrt(problem.weightDecays[0]) * Math.sqrt(problem.featureDecay);
  const b = Float64Array.from(counts, (n) => n / samples);
  const u = new Float64Array(counts.length);
  for (let round = 0; round < ROUNDS; round++) {
    const square = b.reduce((sum, value) => sum + value * value, 0);
    let total = 0;
    counts.forEach((n, k) => {
      const r = radius(b, square, k);
      u[k] = r === 0 ? 1 : Math.min(1, (samples * root) / Math.sqrt(n) / r);
      total += n * u[k];
    });
    let moved = 0;
    counts.forEach((n, k) => {
      const next = (n * u[k]) / total;
      moved = Math.max(moved, Math.abs(next - b[k]));
      b[k] = next;
    });
    if (moved <= 1e-16) break;
  }
  return { b, u };
}
