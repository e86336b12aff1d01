/** Images that are noise about one random pattern a class: what a training test can learn in a second. */
import { createRandom } from '../../src/core/random.js';
import type { TrainingImages } from '../../src/nets/index.js';
import { labelsOf } from '../support/naive.js';

export interface GaussianImages {
  readonly counts: readonly number[];
  readonly size: { readonly height: number; readonly width: number; readonly channels: number };
  /** Of the noise; patterns are N(0, 1). */
  readonly spread: number;
  readonly seed: number;
  /** Standard deviation of noise that is drawn anew each time where augmentation is on. */
  readonly augmentation?: number;
}

export function gaussianImages({
  counts,
  size,
  spread,
  seed,
  augmentation = 0,
}: GaussianImages): TrainingImages {
  const pixels = size.height * size.width * size.channels;
  const labels = labelsOf(counts);
  const draw = createRandom(seed);
  const patterns = counts.map(() => draw.normalsInto(new Float32Array(pixels), 1));
  const images = Array.from(labels, (label) =>
    patterns[label].map((value) => value + spread * draw.normal()),
  );
  return {
    samples: labels.length,
    ...size,
    labels,
    fillInto(out, indices, random) {
      indices.forEach((index, at) => {
        const image =
          random === null || augmentation === 0
            ? images[index]
            : images[index].map((value) => value + augmentation * random.normal());
        out.set(image, at * pixels);
      });
    },
  };
}
