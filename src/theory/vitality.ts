/**
 * When a measured class counts as alive.
 *
 * A living class has reached more than half the fit that theory predicts (and no more than twice its target: beyond, nothing
 * is fitted). It is lost only when next to nothing is left of it: a class on its way is neither. Where theory predicts death,
 * the yardstick of both is half the least fit that any living mode can have: at b_exist, x^M = (M−1)/(M+1), so
 * f = (M−1)/(2M) (for M = 1 life fades continuously, and a twentieth of the target is taken, as under cross-entropy, which
 * has no regimes).
 */
import { livesInTheory } from '../model/index.js';
import type { ClassPrediction } from './prediction.js';

const FADING = 0.1;

/** A fit beyond this is no fit: the class's own output overshoots its target of 1 by as much as zero misses it. */
export const ALIVE_AT_MOST = 2;

/** Share of the predicted fit below which a class that theory lets live counts as lost. */
const NEXT_TO_NOTHING = 0.1;

/** ‖p‖·‖h̄‖, which bounds the class's own output, up to which a class of this prediction counts as lost. */
export function lostUpTo(predicted: ClassPrediction, depth: number): number {
  if (livesInTheory(predicted.regime, predicted.fit)) return NEXT_TO_NOTHING * predicted.fit;
  return aliveAbove(predicted, depth);
}

/** The fit above which a class of this prediction counts as alive. */
export function aliveAbove(predicted: ClassPrediction, depth: number): number {
  if (livesInTheory(predicted.regime, predicted.fit)) return predicted.fit / 2;
  if (predicted.regime === null) return FADING / 2;
  return (depth === 1 ? FADING : (depth - 1) / (2 * depth)) / 2;
}

/** Shorter than this share of the longest, a vector of a prediction is zero. */
const ROUNDING = 1e-7;

/**
 * By class: whether nothing is left of it at a minimum, neither its row of P nor its mean. Where modes mix classes (a free
 * bias, unequal counts) a class whose main mode is zero may keep both; they are then shared with other classes.
 */
export function zeroClasses(
  classes: readonly Pick<ClassPrediction, 'weightNorm' | 'featureNorm'>[],
): readonly boolean[] {
  const longest = (norm: 'weightNorm' | 'featureNorm') =>
    classes.reduce((most, norms) => Math.max(most, norms[norm]), 0);
  const [p, h] = [longest('weightNorm'), longest('featureNorm')];
  return classes.map((norms) => norms.weightNorm <= ROUNDING * p && norms.featureNorm <= ROUNDING * h);
}
