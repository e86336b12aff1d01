/**
 * Limited-memory BFGS for thousands of short descents: nothing is allocated after the first, it can be paused, and a
 * descent that will not come below a given value is left early. The vectors are worked on by kernels.
 *
 * Two-loop recursion (Nocedal & Wright 2006, algorithm 7.4) and the weak-Wolfe line search by doubling and halving of Lewis
 * & Overton (2013), as in `core/lbfgs.ts`. What that one has and this one gives up: saved states, and the last digits.
 */
import { openSearchMemory, padded, type SearchMemory } from './searchMemory.js';

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

/** Numbers that a descent with n variables takes. */
export function descentRoom(n: number): number {
  return (5 + 2 * MEMORY) * padded(n) + 2 * padded(MEMORY);
}

/** `evaluate` gets its vectors in `given`, or in a memory of the descent's own. */
export function createDescent(n: number, evaluate: Evaluate, given?: SearchMemory): Descent {
  const memory = given ?? openSearchMemory(descentRoom(n));
  const { kernels } = memory;
  const [x, gradient, origin, trial, p] = [0, 1, 2, 3, 4].map(() => memory.floats(n));
  const length = padded(n);
  const bytes = 8 * length;
  // Rings of `MEMORY` steps s and differences y of gradients.
  const [S, Y] = [0, 1].map(() => memory.floats(MEMORY * length));
  const [curvature, alphas] = [0, 1].map(() => memory.floats(MEMORY));
  let options: DescentOptions = { steps: 0, tolerance: 0, target: Infinity, watch: 1, hope: 0 };
  // Pairs held, where the next one goes, and what the descent has reached.
  let [held, next, step, value, squares, watched, evaluations] = [0, 0, 0, Infinity, 0, 0, 0];

  const dot = (a: Float64Array, b: Float64Array) => kernels.dot(bytes, a.byteOffset, b.byteOffset);
  const directionInto = () =>
    kernels.direction(
      bytes,
      held,
      next,
      MEMORY,
      gradient.byteOffset,
      p.byteOffset,
      S.byteOffset,
      Y.byteOffset,
      curvature.byteOffset,
      alphas.byteOffset,
    );

  /** Moves x along p to a weak-Wolfe point, with F and ∇F there in `value` and `trial`; false leaves x where it was. */
  const search = (slope: number): boolean => {
    origin.set(x);
    let [low, high] = [0, Infinity];
    let t = held === 0 ? Math.min(1, 1 / Math.sqrt(squares)) : 1;
    for (let count = 0; count < TRIALS; count++) {
      kernels.sumInto(bytes, origin.byteOffset, t, p.byteOffset, x.byteOffset);
      const there = evaluate(x, trial);
      evaluations++;
      if (!(there <= value + DECREASE * t * slope)) high = t;
      else if (dot(trial, p) < CURVATURE * slope) low = t;
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
    let slope = dot(gradient, p);
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
    const [s, y] = [S.byteOffset + next * bytes, Y.byteOffset + next * bytes];
    kernels.sumInto(bytes, x.byteOffset, -1, origin.byteOffset, s);
    kernels.sumInto(bytes, trial.byteOffset, -1, gradient.byteOffset, y);
    gradient.set(trial);
    squares = dot(gradient, gradient);
    const sy = kernels.dot(bytes, s, y);
    if (sy > 1e-16 * kernels.dot(bytes, y, y)) {
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
      squares = dot(gradient, gradient);
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
