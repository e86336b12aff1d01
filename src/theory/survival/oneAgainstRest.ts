/**
 * Cross-entropy: the largest plain weight decay at which a class is told from all others along its ridge directions.
 *
 * At strength s in direction t the loss of class k against the rest is
 *
 *   ℓ(s, t, b) = Σ w [log(1 + e^z) − y z] + (λ/2)(b + log(K − 1))²,   z = s t·x̃ + b
 *
 * over all samples, y = 1 inside the class and 0 outside (1 − ε + ε/K and ε/K under label smoothing),
 * with a last bias b that has the decay λ itself, from where all classes are equal: at a large decay it cannot learn how rare the
 * class is. ℓ*(s), the least over b (Newton's method) and over ‖P‖ ≤ s, is convex and falls; the least over the directions at hand
 * lies above it, and so does the lower convex hull of that over a grid of s, which is what is taken. A rank-one path in L layers of
 * one norm costs (L/2)λs^{2/L}: the class exists up to the λ that solves λ = max_s s^{1−2/L} g(s), g the slope at which ℓ* falls.
 * Where a network has no last bias, those of its hidden layers stand in for it.
 */
import { smoothedTargets, type ClassTarget } from './isolatedClass.js';
import type { DirectionScores, Scores } from './scoreBins.js';

export interface OneAgainstRest {
  /** Along each ridge direction. */
  readonly directions: readonly DirectionScores[];
  /** ω_k, ε and K. */
  readonly target: ClassTarget;
  readonly layers: number;
}

/** Turns of λ into the decay of the bias until it is its own answer. */
const TURNS = 12;
/** Of λ: far below what the estimate is good for. */
const SETTLED = 1e-3;
/** Strengths over seven decades; the slope between two is right to the square of their distance, half a per cent. */
const STRENGTHS = 48;
/** After the first turn only so many strengths to either side of the largest λ are looked at. */
const NEAR = 8;

/** λ_exist; 0 for a class that nothing tells from the rest. */
export function crossEntropyLimit(input: OneAgainstRest): number {
  const { directions, target } = input;
  const { share } = target;
  // In units in which a typical score of the class is one.
  const typical = Math.max(...directions.map(({ inside }) => Math.abs(meanOf(inside)) / share));
  if (!(typical > 0)) return 0;
  const strengths = Array.from(
    { length: STRENGTHS },
    (_, i) => 10 ** (-2 + (7 * i) / (STRENGTHS - 1)) / typical,
  );
  // A bias for each strength and direction, that of the last turn: the next is near.
  const prior = Math.log(share / (1 - share));
  const biases = strengths.map(() => directions.map(() => prior));
  let [first, last] = [0, STRENGTHS - 1];
  let decay = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const losses: number[] = [];
    for (let i = first; i <= last; i++) {
      if (i > first && turn === 0) biases[i] = [...biases[i - 1]];
      losses.push(leastLoss(strengths[i], input, decay, biases[i]));
    }
    const { value, at } = largestReach(strengths.slice(first, last + 1), losses, input.layers);
    const settled = Math.abs(value - decay) <= SETTLED * value;
    decay = value;
    if (settled) break;
    [first, last] = [Math.max(0, first + at - NEAR), Math.min(last, first + at + NEAR)];
  }
  return decay;
}

function meanOf({ values, weights }: Scores): number {
  return values.reduce((sum, value, i) => sum + weights[i] * value, 0);
}

/** max s^{1−2/L} g(s) over the lower convex hull of the losses, and the first point of its segment; 0 where none falls. */
export function largestReach(
  strengths: readonly number[],
  losses: readonly number[],
  layers: number,
): { readonly value: number; readonly at: number } {
  const slope = (i: number, j: number) => (losses[i] - losses[j]) / (strengths[j] - strengths[i]);
  const hull: number[] = [];
  strengths.forEach((_, i) => {
    while (
      hull.length > 1 &&
      slope(hull[hull.length - 2], hull[hull.length - 1]) <= slope(hull[hull.length - 1], i)
    )
      hull.pop();
    hull.push(i);
  });
  let best = { value: 0, at: 0 };
  for (let h = 1; h < hull.length; h++) {
    const [i, j] = [hull[h - 1], hull[h]];
    const value = Math.sqrt(strengths[i] * strengths[j]) ** (1 - 2 / layers) * slope(i, j);
    if (value > best.value) best = { value, at: i };
  }
  return best;
}

/** The least ℓ over directions and b. `biases`: where to begin, and where the search of each direction ended. */
function leastLoss(s: number, input: OneAgainstRest, decay: number, biases: number[]): number {
  let least = Infinity;
  input.directions.forEach((scores, j) => {
    biases[j] = bestBias(s, scores, input, decay, biases[j]);
    least = Math.min(least, lossAt(s, biases[j], scores, input, decay));
  });
  return least;
}

function bestBias(
  s: number,
  { inside, outside }: DirectionScores,
  { target }: OneAgainstRest,
  decay: number,
  start: number,
): number {
  const origin = -Math.log(target.classes - 1);
  const mean = meanTarget(target);
  let b = start;
  for (let i = 0; i < 60; i++) {
    let gradient = decay * (b - origin) - mean;
    let curvature = decay;
    for (const { values, weights } of [inside, outside])
      for (let m = 0; m < values.length; m++) {
        const q = 1 / (1 + Math.exp(-(s * values[m] + b)));
        gradient += weights[m] * q;
        curvature += weights[m] * q * (1 - q);
      }
    // Far out, where the curvature vanishes, a whole step would overshoot.
    const move = Math.max(-2, Math.min(2, gradient / (curvature + 1e-12)));
    b -= move;
    if (Math.abs(move) < 1e-5) break;
  }
  return b;
}

/** Σ w y. */
function meanTarget(target: ClassTarget): number {
  const { inside, outside } = smoothedTargets(target);
  return target.share * inside + (1 - target.share) * outside;
}

function lossAt(
  s: number,
  b: number,
  scores: DirectionScores,
  { target }: OneAgainstRest,
  decay: number,
): number {
  const targets = smoothedTargets(target);
  let loss = (decay / 2) * (b + Math.log(target.classes - 1)) ** 2;
  for (const side of ['inside', 'outside'] as const) {
    const { values, weights } = scores[side];
    for (let m = 0; m < values.length; m++) {
      const z = s * values[m] + b;
      // log(1 + e^z) − y z, no difference of large numbers where y is 0 or 1.
      const y = targets[side];
      loss += weights[m] * (y * softplus(-z) + (1 - y) * softplus(z));
    }
  }
  return loss;
}

/** log(1 + eˣ). */
function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}
