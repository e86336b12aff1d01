/**
 * A learning rate at which gradient descent with momentum β is stable.
 *
 * On a quadratic with largest curvature λ_max the heavy ball is stable for η < 2(1+β)/λ_max (Polyak 1964). λ_max is found by
 * power iteration on the Hessian at the start, with products from central differences of the gradient, and the rate is
 * then confirmed by running it: it is halved until a hundred steps stay below the starting objective's ceiling.
 */
import type { Blas } from '../core/blas.js';
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

/** Largest eigenvalue of the Hessian at a start, to about a percent. */
export function largestEigenvalue(problem: Problem, start: UfmStart, blas: Blas, iterations = 60): number {
  const { flat } = start.parameters;
  const count = start.reduced.columns.cols;
  const at = layParameters(problem, count, flat.slice());
  const [plus, minus] = [layParameters(problem, count), layParameters(problem, count)];
  const objective = createObjective(problem, start.reduced, at, blas);
  const norm = (x: Float64Array) => Math.sqrt(blas.dot(x, x));
  let v = createRandom(1).normalsInto(new Float64Array(flat.length), 1);
  const size = Math.max(1, norm(flat));
  // ε ~ ∛(machine epsilon) of the point's size balances truncation and rounding of a central difference.
  const epsilon = 6e-6 * size;
  let largest = 0;
  let shift = 0;
  for (let i = 0; i < iterations; i++) {
    const scale = 1 / norm(v);
    for (let j = 0; j < v.length; j++) v[j] *= scale;
    at.flat.set(flat);
    blas.axpy(epsilon, v, at.flat);
    objective.forward();
    objective.gradientInto(plus, 0);
    at.flat.set(flat);
    blas.axpy(-epsilon, v, at.flat);
    objective.forward();
    objective.gradientInto(minus, 0);
    const Hv = plus.flat.slice();
    blas.axpy(-1, minus.flat, Hv);
    for (let j = 0; j < Hv.length; j++) Hv[j] = Hv[j] / (2 * epsilon) + shift * v[j];
    const found = blas.dot(v, Hv) - shift;
    // The dominant eigenvalue may be negative: shifting the spectrum up lets the largest one win.
    if (found < 0 && shift === 0) shift = 2 * Math.abs(found);
    const settled = i > 10 && Math.abs(found - largest) <= 1e-3 * Math.abs(found);
    largest = found;
    v = Hv;
    if (settled) break;
  }
  return Math.max(largest, Number.MIN_VALUE);
}

/** Two digits, downwards: a suggestion to be typed. */
function roundDown(rate: number): number {
  const unit = 10 ** (Math.floor(Math.log10(rate)) - 1);
  return Number((Math.floor(rate / unit) * unit).toPrecision(2));
}
