/**
 * A learning rate at which gradient descent with momentum β is stable.
 *
 * On a quadratic with largest curvature λ_max the heavy ball is stable for η < 2(1+β)/λ_max (Polyak 1964). λ_max is found by
 * Lanczos iteration on the Hessian at the start, with products from central differences of the gradient, and the rate is
 * then confirmed by running it: it is halved until a hundred steps end no higher than they began.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { zeros } from '../core/matrix.js';
import { createRandom } from '../core/random.js';
import type { Problem } from '../model/index.js';
import { createObjective, layParameters } from './objective.js';
import type { UfmStart } from './start.js';
import { createTrainer } from './trainer.js';

export interface StableRate {
  /** The confirmed rate, rounded down to two digits; null when none of 60 halvings was stable. */
  readonly rate: number | null;
  /** Largest curvature at the start. */
  readonly largestCurvature: number;
  readonly confirmedSteps: number;
}

const CONFIRMING_STEPS = 100;

export function stableRate(problem: Problem, start: UfmStart, momentum: number, blas: Blas): StableRate {
  const largestCurvature = largestEigenvalue(problem, start, blas);
  let rate = roundDown((2 * (1 + momentum)) / largestCurvature);
  for (let attempt = 0; attempt < 60; attempt++, rate = roundDown(rate / 2))
    if (holds(problem, start, rate, momentum, blas))
      return { rate, largestCurvature, confirmedSteps: CONFIRMING_STEPS };
  return { rate: null, largestCurvature, confirmedSteps: CONFIRMING_STEPS };
}

/** A hundred steps that end no higher than they began. */
function holds(
  problem: Problem,
  start: UfmStart,
  learningRate: number,
  momentum: number,
  blas: Blas,
): boolean {
  const trainer = createTrainer(problem, start, { name: 'sgd', learningRate, momentum }, blas);
  const before = trainer.objective();
  for (let step = 0; step < CONFIRMING_STEPS; step++) if (trainer.advance() !== 'running') return false;
  return trainer.objective() <= before;
}

/**
 * Largest eigenvalue of the Hessian at a start, by Lanczos iteration (three vectors kept; lost orthogonality only repeats
 * eigenvalues that have been found). Accurate to about a percent, from below. Throws an argument error for a start whose
 * products overflow.
 */
export function largestEigenvalue(problem: Problem, start: UfmStart, blas: Blas, iterations = 40): number {
  const { flat } = start.parameters;
  const count = start.reduced.columns.cols;
  const at = layParameters(problem, count, flat.slice());
  const [plus, minus] = [layParameters(problem, count), layParameters(problem, count)];
  const objective = createObjective(problem, start.reduced, at, blas);
  const norm = (x: Float64Array) => Math.sqrt(blas.dot(x, x));
  // ε ~ ∛(machine epsilon) of the point's size balances truncation and rounding of a central difference.
  const epsilon = 6e-6 * Math.max(1, norm(flat));
  const gradientAt = (step: number, v: Float64Array, out: typeof plus) => {
    at.flat.set(flat);
    blas.axpy(step, v, at.flat);
    objective.forward();
    objective.gradientInto(out, 0);
  };
  /** Hv, in a new vector. */
  const product = (v: Float64Array): Float64Array => {
    gradientAt(epsilon, v, plus);
    gradientAt(-epsilon, v, minus);
    const Hv = plus.flat.slice();
    blas.axpy(-1, minus.flat, Hv);
    for (let j = 0; j < Hv.length; j++) Hv[j] /= 2 * epsilon;
    return Hv;
  };

  const diagonalEntries: number[] = [];
  const besideEntries: number[] = [];
  let v: Float64Array = createRandom(1).normalsInto(new Float64Array(flat.length), 1);
  const first = norm(v);
  for (let j = 0; j < v.length; j++) v[j] /= first;
  let before: Float64Array | null = null;
  let largest = 0;
  for (let i = 0; i < Math.min(iterations, flat.length); i++) {
    const w = product(v);
    const alpha = blas.dot(v, w);
    diagonalEntries.push(alpha);
    blas.axpy(-alpha, v, w);
    if (before !== null) blas.axpy(-besideEntries[i - 1], before, w);
    const beta = norm(w);
    if (!Number.isFinite(alpha) || !Number.isFinite(beta))
      refuse(
        'start',
        'weights and features whose products are finite',
        largestOf(flat),
        'take a smaller scale',
      );
    const found = largestOfTridiagonal(diagonalEntries, besideEntries, blas);
    const settled = i > 5 && Math.abs(found - largest) <= 1e-5 * Math.abs(found);
    largest = found;
    if (settled || beta <= 1e-12 * Math.abs(found)) break;
    besideEntries.push(beta);
    for (let j = 0; j < w.length; j++) w[j] /= beta;
    before = v;
    v = w;
  }
  return Math.max(largest, Number.MIN_VALUE);
}

function largestOf(values: Float64Array): number {
  return values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
}

function largestOfTridiagonal(
  diagonalEntries: readonly number[],
  beside: readonly number[],
  blas: Blas,
): number {
  const n = diagonalEntries.length;
  const T = zeros(n, n);
  for (let i = 0; i < n; i++) {
    T.data[i * n + i] = diagonalEntries[i];
    if (i + 1 < n) T.data[i * n + i + 1] = T.data[(i + 1) * n + i] = beside[i];
  }
  return blas.eigenSymmetric(T).values[n - 1];
}

/** Two digits, downwards: a suggestion to be typed. */
function roundDown(rate: number): number {
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1);
  return Number((Math.floor(rate / unit) * unit).toPrecision(2));
}
