/**
 * Minority collapse (Fang et al. 2021): under cross-entropy the directions of small classes merge as imbalance grows.
 *
 * A class is called small when it has fewer samples than the average N/K. The measure is the angle between the directions of
 * two small classes, averaged over pairs, for the classifier's rows and for the class means, beside the same for the others.
 */
import { forEachColumn, frameDiagonal, type MeasuredFrame } from '../model/index.js';

/** Mean angle over pairs in degrees; null where there are fewer than two classes with a direction. */
export interface GroupAngles {
  /** Labels of the classes in the group. */
  readonly classes: readonly number[];
  readonly weights: number | null;
  readonly features: number | null;
}

export interface MinorityAngles {
  readonly minority: GroupAngles;
  readonly majority: GroupAngles;
}

/**
 * From counts (K) and the Gram matrices PPᵀ and H̄ᵀH̄ (not centred: with a bias or not, the angle is the one that the
 * classifier sees). Null for equal counts, where no class is small.
 */
export function minorityAngles(
  counts: readonly number[],
  weights: MeasuredFrame | null,
  features: MeasuredFrame,
): MinorityAngles | null {
  const average = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  const isSmall = counts.map((n) => n < average);
  if (!isSmall.includes(true)) return null;
  const [ofWeights, ofFeatures] = [
    weights === null ? null : meanAngles(weights, isSmall),
    meanAngles(features, isSmall),
  ];
  const group = (small: boolean): GroupAngles => ({
    classes: counts.flatMap((_, k) => (isSmall[k] === small ? [k] : [])),
    weights: ofWeights === null ? null : ofWeights(small),
    features: ofFeatures(small),
  });
  return { minority: group(true), majority: group(false) };
}

/** The mean angle over pairs of small classes, and over pairs of the others. */
function meanAngles(gram: MeasuredFrame, isSmall: readonly boolean[]): (small: boolean) => number | null {
  const norms = frameDiagonal(gram).map(Math.sqrt);
  const sums = { true: 0, false: 0 };
  const pairs = { true: 0, false: 0 };
  const add = (column: Float64Array, k: number, from: number): void => {
    const small = isSmall[k];
    let [sum, count] = [0, 0];
    for (let j = k + 1; j < isSmall.length; j++) {
      const size = norms[k] * norms[j];
      if (isSmall[j] !== small || !(size > 0)) continue;
      sum += Math.acos(Math.max(-1, Math.min(1, column[j - from] / size)));
      count++;
    }
    sums[`${small}`] += sum;
    pairs[`${small}`] += count;
  };
  forEachColumn(gram, add, 'below');
  return (small) =>
    pairs[`${small}`] === 0 ? null : ((sums[`${small}`] / pairs[`${small}`]) * 180) / Math.PI;
}
