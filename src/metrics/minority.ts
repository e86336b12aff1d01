/**
 * Minority collapse (Fang et al. 2021): under cross-entropy the directions of small classes merge as imbalance grows.
 *
 * A class is called small when it has fewer samples than the average N/K. The measure is the angle between the directions of
 * two small classes, averaged over pairs, for the classifier's rows and for the class means, beside the same for the others.
 */
import type { Matrix } from '../core/matrix.js';

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
 * From counts (K) and the K×K Gram matrices PPᵀ and H̄ᵀH̄ (not centred: with a bias or not, the angle is the one that the
 * classifier sees). Null for equal counts, where no class is small.
 */
export function minorityAngles(
  counts: readonly number[],
  weights: Matrix | null,
  features: Matrix,
): MinorityAngles | null {
  const average = counts.reduce((sum, n) => sum + n, 0) / counts.length;
  const small = counts.flatMap((n, k) => (n < average ? [k] : []));
  if (small.length === 0) return null;
  const large = counts.flatMap((n, k) => (n < average ? [] : [k]));
  const group = (classes: readonly number[]): GroupAngles => ({
    classes,
    weights: weights === null ? null : meanAngle(weights, classes),
    features: meanAngle(features, classes),
  });
  return { minority: group(small), majority: group(large) };
}

function meanAngle({ data, cols }: Matrix, classes: readonly number[]): number | null {
  let sum = 0;
  let pairs = 0;
  classes.forEach((i, a) => {
    for (const j of classes.slice(a + 1)) {
      const size = Math.sqrt(data[i * cols + i]) * Math.sqrt(data[j * cols + j]);
      if (!(size > 0)) continue;
      const cosine = Math.max(-1, Math.min(1, data[i * cols + j] / size));
      sum += (Math.acos(cosine) * 180) / Math.PI;
      pairs++;
    }
  });
  return pairs === 0 ? null : sum / pairs;
}
