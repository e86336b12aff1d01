/**
 * Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.4) on a flat vector, one iteration at a time.
 *
 * The line search is the weak-Wolfe bisection of Lewis & Overton (2013), with the approximate decrease test of Hager &
 * Zhang (2005): near a minimum function values differ by rounding only, and slopes must decide. All state can be saved
 * and restored, so that an interrupted run goes on with the same numbers.
 */
import type { Blas } from './blas.js';

/** A smooth function of `x`, read in place: `evaluate` returns F(x) and writes ∇F(x). */
export interface Smooth {
  readonly x: Float64Array;
  evaluate(gradient: Float64Array): number;
}

export interface LbfgsState {
  readonly value: number;
  readonly gradient: Float64Array;
  /** Steps s and gradient differences y, oldest first. */
  readonly steps: readonly Float64Array[];
  readonly differences: readonly Float64Array[];
}

/** `moved`: one iteration done. `converged`: the gradient is within tolerance. `stalled`: no step lowers F any more. */
export type LbfgsOutcome = 'moved' | 'converged' | 'stalled';

export interface Lbfgs {
  iterate(): LbfgsOutcome;
  state(): LbfgsState;
}

const DECREASE = 1e-4;
const CURVATURE = 0.9;
const TRIALS = 60;

/** Starts at `f.x`, or continues from a saved state. `tolerance` bounds the largest entry of the gradient. */
export function createLbfgs(
  f: Smooth,
  options: { readonly memory: number; readonly tolerance: number; readonly blas: Blas },
  saved?: LbfgsState,
): Lbfgs {
  const { blas, memory, tolerance } = options;
  const { x } = f;
  const gradient = saved === undefined ? new Float64Array(x.length) : saved.gradient.slice();
  let value = saved === undefined ? f.evaluate(gradient) : saved.value;
  const steps = saved === undefined ? [] : saved.steps.map((s) => s.slice());
  const differences = saved === undefined ? [] : saved.differences.map((y) => y.slice());
  const origin = new Float64Array(x.length);
  const trial = new Float64Array(x.length);

  /** −(inverse Hessian estimate)·g, by the two-loop recursion. */
  const direction = (): Float64Array => {
    const p = gradient.map((g) => -g);
    const alphas: number[] = [];
    for (let i = steps.length - 1; i >= 0; i--) {
      const alpha = blas.dot(steps[i], p) / blas.dot(steps[i], differences[i]);
      alphas[i] = alpha;
      blas.axpy(-alpha, differences[i], p);
    }
    const last = steps.length - 1;
    if (last >= 0) {
      const scale = blas.dot(steps[last], differences[last]) / blas.dot(differences[last], differences[last]);
      for (let j = 0; j < p.length; j++) p[j] *= scale;
    }
    for (let i = 0; i < steps.length; i++) {
      const beta = blas.dot(differences[i], p) / blas.dot(steps[i], differences[i]);
      blas.axpy(alphas[i] - beta, steps[i], p);
    }
    return p;
  };

  /** Moves x along p to a weak-Wolfe point and leaves F and ∇F there in `value` and `trial`; false restores x. */
  const search = (p: Float64Array, first: number): boolean => {
    const slope0 = blas.dot(gradient, p);
    if (!(slope0 < 0)) return false;
    const value0 = value;
    origin.set(x);
    let [low, high, t] = [0, Infinity, first];
    for (let count = 0; count < TRIALS; count++) {
      x.set(origin);
      blas.axpy(t, p, x);
      const trialValue = f.evaluate(trial);
      const slope = blas.dot(trial, p);
      const decreased =
        trialValue <= value0 + DECREASE * t * slope0 ||
        (trialValue <= value0 + 1e-15 * Math.abs(value0) && slope <= (2 * DECREASE - 1) * slope0);
      if (!decreased || !Number.isFinite(trialValue)) high = t;
      else if (slope < CURVATURE * slope0) low = t;
      else {
        value = trialValue;
        return true;
      }
      t = high === Infinity ? 2 * low : (low + high) / 2;
    }
    x.set(origin);
    return false;
  };

  return {
    iterate() {
      let steepest = 0;
      for (const g of gradient) steepest = Math.max(steepest, Math.abs(g));
      if (steepest <= tolerance) return 'converged';
      const fresh = steps.length === 0;
      const unit = Math.min(1, 1 / Math.sqrt(blas.dot(gradient, gradient)));
      if (!search(direction(), fresh ? unit : 1)) {
        if (fresh) return 'stalled';
        // A bad curvature estimate: forget it and try the gradient itself.
        steps.length = 0;
        differences.length = 0;
        if (!search(direction(), unit)) return 'stalled';
      }
      const s = x.slice();
      blas.axpy(-1, origin, s);
      const y = trial.slice();
      blas.axpy(-1, gradient, y);
      gradient.set(trial);
      if (blas.dot(s, y) > 1e-16 * blas.dot(y, y)) {
        steps.push(s);
        differences.push(y);
        if (steps.length > memory) {
          steps.shift();
          differences.shift();
        }
      }
      return 'moved';
    },
    state: () => ({
      value,
      gradient: gradient.slice(),
      steps: steps.map((s) => s.slice()),
      differences: differences.map((y) => y.slice()),
    }),
  };
}
