/**
 * A learning rate at which gradient descent with momentum β is stable.
 *
 * On a quadratic with largest curvature λ_max the heavy ball is stable for η < 2(1+β)/λ_max (Polyak 1964). The curvature at a
 * small start is far below that of the minimum training grows into, so half of that bound is taken at the larger of the two
 * (λ_max by Lanczos iteration, products with the Hessian from central differences of the gradient), below any rate that has
 * just diverged, and the rate is then confirmed by running it: it is halved until a run ends no higher than it began, at a
 * point where the curvature allows the rate. That run is longer than the failed one was, in steps and in steps × rate, as far
 * as a bound on the work lets it. What was confirmed is returned; it is no proof for what comes after.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { zeros } from '../core/matrix.js';
import { createRandom } from '../core/random.js';
import type { Problem } from '../model/index.js';
import type { Minimiser } from '../theory/index.js';
import { createObjective, layParameters } from './objective.js';
import { nearStart } from './searchStarts.js';
import type { UfmStart } from './start.js';
import { createTrainer } from './trainer.js';

export interface StableRateRequest {
  readonly problem: Problem;
  readonly start: UfmStart;
  /** β in [0, 1). */
  readonly momentum: number;
  /** The predicted minimum; null where there is none to look at. */
  readonly minimum: Minimiser | null;
  /** The run that has just diverged from this start; null where none has. */
  readonly failed: { readonly learningRate: number; readonly steps: number } | null;
  readonly blas: Blas;
}

export interface StableRate {
  /** The confirmed rate, rounded down to two digits; null when none of 60 halvings was stable. */
  readonly rate: number | null;
  /** Largest curvature at the start, and at the predicted minimum (null without one). */
  readonly largestCurvature: number;
  readonly curvatureAtMinimum: number | null;
  /** Steps that were run at the rate. */
  readonly confirmedSteps: number;
}

/** The share of Polyak's bound that is named: the curvature on the way may be above that of both ends. */
const SHARE = 0.5;
const LEAST_STEPS = 100;
/** After a failure a confirming run lasts this much longer than the failed one, and at least so many steps. */
const LONGER = 1.25;
const LEAST_AFTER_FAILURE = 3000;
/** Steps × parameters of a confirming run beyond the first hundred steps: some seconds. */
const MOST_WORK = 5e8;
/** Multiple of the bound from which on the size of a failed rate says nothing more. */
const FAR_BEYOND = 100;
const HALVINGS = 60;

export function stableRate(request: StableRateRequest): StableRate {
  const { problem, start, momentum, minimum, failed, blas } = request;
  const largestCurvature = largestEigenvalue(problem, start, blas);
  const curvatureAtMinimum =
    minimum === null
      ? null
      : largestEigenvalue(problem, nearStart('near the prediction', problem, minimum, 0, 0).start, blas);
  const bound = (2 * (1 + momentum)) / Math.max(largestCurvature, curvatureAtMinimum ?? 0);
  let rate = roundDown(Math.min(SHARE * bound, failed === null ? Infinity : failed.learningRate / 2));
  for (let attempt = 0; attempt < HALVINGS; attempt++, rate = roundDown(rate / 2)) {
    const steps = confirmingSteps(request, rate, bound);
    if (holds(request, rate, steps))
      return { rate, largestCurvature, curvatureAtMinimum, confirmedSteps: steps };
  }
  return { rate: null, largestCurvature, curvatureAtMinimum, confirmedSteps: 0 };
}

/**
 * As long as the failed run and a quarter longer: the point where it failed lies steps·η from the start. A rate far
 * beyond the bound fails within a few steps of its start, however large it is.
 */
function confirmingSteps({ start, failed }: StableRateRequest, rate: number, bound: number): number {
  if (failed === null) return LEAST_STEPS;
  const failedAt = Math.min(failed.learningRate, FAR_BEYOND * bound);
  const longer = Math.ceil((LONGER * (failed.steps + 1) * failedAt) / rate);
  const affordable = Math.floor(MOST_WORK / start.parameters.flat.length);
  return Math.max(LEAST_STEPS, Math.min(Math.max(longer, LEAST_AFTER_FAILURE), affordable));
}

/** Steps that end no higher than they began, where the curvature allows the rate. */
function holds(
  { problem, start, momentum, blas }: StableRateRequest,
  learningRate: number,
  steps: number,
): boolean {
  const trainer = createTrainer(problem, start, { name: 'sgd', learningRate, momentum }, blas);
  const before = trainer.objective();
  for (let step = 0; step < steps; step++) if (trainer.advance() !== 'running') return false;
  if (!(trainer.objective() <= before)) return false;
  const { reduced, parameters } = trainer;
  return learningRate * largestEigenvalue(problem, { reduced, parameters }, blas) <= 2 * (1 + momentum);
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
    const ritzValue = largestOfTridiagonal(diagonalEntries, besideEntries, blas);
    const settled = i > 5 && Math.abs(ritzValue - largest) <= 1e-5 * Math.abs(ritzValue);
    largest = ritzValue;
    if (settled || beta <= 1e-12 * Math.abs(ritzValue)) break;
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
