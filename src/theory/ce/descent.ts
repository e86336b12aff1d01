/**
 * Limited-memory BFGS for thousands of short descents: nothing is allocated after the first, it can be paused, and a
 * descent that will not come below a given value is left early.
 *
 * Two-loop recursion (Nocedal & Wright 2006, algorithm 7.4) and the weak-Wolfe line search by doubling and halving of Lewis
 * & Overton (2013), as in `core/lbfgs.ts`. What that one has and this one gives up: saved states, and the last digits.
 */

/** A smooth function: returns F(x) and writes ∇F(x). A value that is not finite stands for a point too far away. */
export type Evaluate = (x: Float64Array, gradient: Float64Array) => number;

export interface DescentOptions {
  readonly steps: number;
  /** Ends where ‖∇F‖ is below this part of |F|. */
  readonly tolerance: number;
  /** Left once F is not on its way below this. */
  readonly target: number;
  /** Every so many steps it is asked whether the target is in reach: … */
  readonly watch: number;
  /** … if this many times the gain of the last `watch` steps does not reach it, the descent is left. */
  readonly hope: number;
}

/** `settled`: the gradient is small, or no step lowers F; `left`: the target is out of reach; `steps`: out of steps. */
export type DescentEnd = 'settled' | 'left' | 'steps';

export interface Descent {
  /** Where it stands: set it, then `begin`. */
  readonly x: Float64Array;
  /** F(x), once begun. */
  readonly value: () => number;
  /** Evaluations so far, over all descents. */
  readonly evaluations: () => number;
  readonly begin: (options: DescentOptions) => void;
  /** Goes on for about so many evaluations; null while there is more to do. */
  readonly advance: (evaluations: number) => DescentEnd | null;
}

const MEMORY = 6;
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const TRIALS = 40;

export function createDescent(n: number, evaluate: Evaluate): Descent {
  const x = new Float64Array(n);
  const [gradient, origin, trial, p] = [0, 1, 2, 3].map(() => new Float64Array(n));
  const S = Array.from({ length: MEMORY }, () => new Float64Array(n));
  const Y = Array.from({ length: MEMORY }, () => new Float64Array(n));
  const curvature = new Float64Array(MEMORY);
  const alphas = new Float64Array(MEMORY);
  let options: DescentOptions = { steps: 0, tolerance: 0, target: Infinity, watch: 1, hope: 0 };
  // Pairs held, where the next one goes, and what the descent has reached.
  let [held, next, step, value, squares, watched, evaluations] = [0, 0, 0, Infinity, 0, 0, 0];

  const directionInto = () => {
    for (let j = 0; j < n; j++) p[j] = -gradient[j];
    if (held === 0) return;
    for (let i = 1; i <= held; i++) {
      const at = (next - i + MEMORY) % MEMORY;
      alphas[at] = dot(S[at], p, n) / curvature[at];
      axpyInto(-alphas[at], Y[at], p, n);
    }
    const last = (next - 1 + MEMORY) % MEMORY;
    const scale = curvature[last] / dot(Y[last], Y[last], n);
    for (let j = 0; j < n; j++) p[j] *= scale;
    for (let i = held; i >= 1; i--) {
      const at = (next - i + MEMORY) % MEMORY;
      axpyInto(alphas[at] - dot(Y[at], p, n) / curvature[at], S[at], p, n);
    }
  };

  /** Moves x along p to a weak-Wolfe point, with F and ∇F there in `value` and `trial`; false leaves x where it was. */
  const search = (slope: number): boolean => {
    origin.set(x);
    let [low, high] = [0, Infinity];
    let t = held === 0 ? Math.min(1, 1 / Math.sqrt(squares)) : 1;
    for (let count = 0; count < TRIALS; count++) {
      for (let j = 0; j < n; j++) x[j] = origin[j] + t * p[j];
      const there = evaluate(x, trial);
      evaluations++;
      if (!(there <= value + DECREASE * t * slope)) high = t;
      else if (dot(trial, p, n) < CURVATURE * slope) low = t;
      else {
        value = there;
        return true;
      }
      t = high === Infinity ? 2 * low : (low + high) / 2;
    }
    x.set(origin);
    return false;
  };

  const iterate = (): DescentEnd | null => {
    if (squares <= (options.tolerance * value) ** 2) return 'settled';
    directionInto();
    let slope = dot(gradient, p, n);
    if (!(slope < 0)) {
      held = 0;
      directionInto();
      slope = -squares;
    }
    if (!search(slope)) {
      if (held === 0) return 'settled';
      // A bad curvature estimate: forget it, and try the gradient itself next.
      held = 0;
      return null;
    }
    const [s, y] = [S[next], Y[next]];
    for (let j = 0; j < n; j++) {
      s[j] = x[j] - origin[j];
      y[j] = trial[j] - gradient[j];
    }
    gradient.set(trial);
    squares = dot(gradient, gradient, n);
    const sy = dot(s, y, n);
    if (sy > 1e-16 * dot(y, y, n)) {
      curvature[next] = sy;
      next = (next + 1) % MEMORY;
      held = Math.min(held + 1, MEMORY);
    }
    step++;
    if (step % options.watch === 0) {
      if (value - options.hope * (watched - value) > options.target) return 'left';
      watched = value;
    }
    return step >= options.steps ? 'steps' : null;
  };

  return {
    x,
    value: () => value,
    evaluations: () => evaluations,
    begin(settings) {
      options = settings;
      [held, step] = [0, 0];
      value = evaluate(x, gradient);
      evaluations++;
      squares = dot(gradient, gradient, n);
      watched = value;
    },
    advance(count) {
      const until = evaluations + count;
      if (!Number.isFinite(value)) return 'left';
      for (;;) {
        const end = iterate();
        if (end !== null) return end;
        if (evaluations >= until) return null;
      }
    },
  };
}

function dot(a: Float64Array, b: Float64Array, n: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let j = 0;
  for (; j + 3 < n; j += 4) {
    s0 += a[j] * b[j];
    s1 += a[j + 1] * b[j + 1];
    s2 += a[j + 2] * b[j + 2];
    s3 += a[j + 3] * b[j + 3];
  }
  for (; j < n; j++) s0 += a[j] * b[j];
  return s0 + s1 + (s2 + s3);
}

function axpyInto(c: number, a: Float64Array, b: Float64Array, n: number): void {
  for (let j = 0; j < n; j++) b[j] += c * a[j];
}
