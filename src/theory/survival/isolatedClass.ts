/**
 * A class whose mean is orthogonal to all else, at strength a: how much of its error is left, and the largest decay.
 *
 * On the rank-one path of a class in L weight layers of one norm w the logit of its own samples is a = sρ, s = w^L, and the cost
 * of the path is (L/2)λ s^{2/L}. Stationary in s: λ = p ρ^{2/L} a^{1−2/L} e(a), with e(a) the class's error at its own samples:
 *
 *   MSE   e = 1 − a, times 1 − p with a free last bias
 *   CE    e = 1 − σ(a + b) with b the free bias, p e = (1 − p) σ(b):  e = 1/(1 + t e^a), t = e^b,
 *         t = 2p/((1 − 2p) + √((1 − 2p)² + 4p(1 − p)e^a))
 *
 * so the class exists up to λ = p ρ^{2/L} max_a a^{1−2/L} e(a). For MSE the maximum is at a = (L − 2)/(2(L − 1)).
 *
 * p is the class's share of the loss: n_k/N, or with class weights n_kw_k/Σ_j n_jw_j. Under label smoothing ε the targets are
 * u = 1 − ε + ε/K at the class's own samples and v = ε/K elsewhere. MSE: the target is 1 − ε, so a scales with it and the reach with
 * (1 − ε)^{2−2/L}. CE: e = u − σ(a + b), p σ(a + b) + (1 − p) σ(b) = pu + (1 − p)v = c, a quadratic in t.
 */
import type { Loss } from '../../model/index.js';
import { maximiseLog } from './maximise.js';

/** `none`, or a last bias that follows freely: that of plain decay is close to free where classes are lost. */
export type LastBias = 'none' | 'decayed';

/** What the class is to learn. */
export interface ClassTarget {
  /** p, of the loss. */
  readonly share: number;
  /** ε. */
  readonly smoothing: number;
  /** K. */
  readonly classes: number;
}

/** max_a a^{1−2/L} e(a) for L ≥ 2 layers. Under MSE times 1 − p with a bias. */
export function isolatedReach(layers: number, loss: Loss, bias: LastBias, target: ClassTarget): number {
  switch (loss) {
    case 'mse':
      return (
        squaredReach(layers) * smoothedReach(layers, target) * (bias === 'decayed' ? 1 - target.share : 1)
      );
    case 'ce':
      return crossEntropyReach(layers, target);
    default:
      return loss satisfies never;
  }
}

function squaredReach(layers: number): number {
  const power = 1 - 2 / layers;
  const a = (layers - 2) / (2 * (layers - 1));
  return a ** power * (1 - a);
}

/** What label smoothing leaves of a limit under MSE. */
export function smoothedReach(layers: number, { smoothing }: Pick<ClassTarget, 'smoothing'>): number {
  return (1 - smoothing) ** (2 - 2 / layers);
}

function crossEntropyReach(layers: number, target: ClassTarget): number {
  const power = 1 - 2 / layers;
  // a → 0 has the largest error and, for L = 2, the largest product.
  if (power === 0) return crossEntropyError(0, target);
  const reach = (a: number) => a ** power * crossEntropyError(a, target);
  return maximiseLog(reach, { from: 1e-4, to: 1e2, points: 120 }).value;
}

/** u and v: the targets of a class at its own samples, and at all others. */
export function smoothedTargets({ smoothing, classes }: Omit<ClassTarget, 'share'>): {
  readonly inside: number;
  readonly outside: number;
} {
  const outside = smoothing / classes;
  return { inside: 1 - smoothing + outside, outside };
}

/** u − σ(a + b): what a class is wrong by at its own samples when its logit is raised by a. */
export function crossEntropyError(a: number, target: ClassTarget): number {
  const { share } = target;
  const { inside, outside } = smoothedTargets(target);
  const mean = share * inside + (1 - share) * outside;
  const grown = Math.exp(a);
  // t²·square + t·middle − mean = 0
  const square = grown * (1 - mean);
  const middle = share * grown + (1 - share) - mean * (1 + grown);
  const root = Math.sqrt(middle * middle + 4 * square * mean);
  // The same root twice: the sum of two numbers of one sign has all its digits.
  const t = middle >= 0 ? (2 * mean) / (middle + root) : (root - middle) / (2 * square);
  const z = t * grown;
  // 1/(1 + z) − (1 − u), where the second is nothing without smoothing.
  return 1 / (1 + z) - (1 - inside);
}
