/** Labels that say nothing of their images (Zhang et al. 2017): what a network does with them it does by heart. */
import { shuffle } from '../core/order.js';
import { createRandom } from '../core/random.js';
import type { ImageSet } from './imageSet.js';

/** The set with the labels of the samples at `indices` permuted among them, uniformly: each class keeps its count. */
export function permuteLabels(set: ImageSet, indices: Int32Array, seed: number): ImageSet {
  const drawn = shuffle(
    indices.map((index) => set.labels[index]),
    createRandom(seed),
  );
  const labels = set.labels.slice();
  indices.forEach((index, i) => (labels[index] = drawn[i]));
  return { ...set, labels };
}
