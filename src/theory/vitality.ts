/**
 * When a measured class counts as alive.
 *
 * A living class has reached more than half the fit that theory predicts. Where theory predicts death, the yardstick is
 * the least fit that any living mode can have: at b_exist, x^M = (M−1)/(M+1), so f = (M−1)/(2M) (for M = 1 life fades
 * continuously, and a twentieth of the target is taken).
 */
import type { ClassPrediction } from './prediction.js';

const FADING = 0.1;

/** The fit above which a class of this prediction counts as alive. */
export function aliveAbove(predicted: ClassPrediction, depth: number): number {
  if (predicted.fit > 0 && predicted.regime === 'alive') return predicted.fit / 2;
  return (depth === 1 ? FADING : (depth - 1) / (2 * depth)) / 2;
}
