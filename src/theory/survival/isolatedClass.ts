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
 */
import type { Loss } from '../../model/index.js';
import { maximiseLog } from './maximise.js';

/** `none`, or a last bias that follows freely: that of plain decay is close to free where classes are lost. */
export type LastBias = 'none' | 'decayed';

/** max_a a^{1−2/L} e(a) for L ≥ 2 layers and a class of share p; under MSE times 1 − p with a bias. */
export function isolatedReach(layers: number, loss: Loss, bias: LastBias, share: number): number {
  switch (loss) {
    case 'mse':
      return squaredReach(layers) * (bias === 'decayed' ? 1 - share : 1);
    case 'ce':
      return crossEntropyReach(layers, share);
    default:
      return loss satisfies never;
  }
}

function squaredReach(layers: number): number {
  const power = 1 - 2 / layers;
  const a = (layers - 2) / (2 * (layers - 1));
  return a ** power * (1 - a);
}

function crossEntropyReach(layers: number, share: number): number {
  const power = 1 - 2 / layers;
  // a → 0 has the largest error and, for L = 2, the largest product.
  if (power === 0) return crossEntropyError(0, share);
  const reach = (a: number) => a ** power * crossEntropyError(a, share);
  return maximiseLog(reach, { from: 1e-4, to: 1e2, points: 120 }).value;
}

/** 1 − σ(a + b): what a class of share p is wrong by at its own samples when its logit is raised by a. */
export function crossEntropyError(a: number, share: number): number {
  const [grown, middle] = [Math.exp(a), 1 - 2 * share];
  const root = Math.sqrt(middle * middle + 4 * share * (1 - share) * grown);
  // The same root twice: the sum of two numbers of one sign has all its digits.
  const t = middle >= 0 ? (2 * share) / (middle + root) : (root - middle) / (2 * (1 - share) * grown);
  return 1 / (1 + t * grown);
}
