/** Images made here, small, of three classes: bright patches in noise. */
import { createRandom } from '../../src/core/random.js';
import { createImageSet, type ImageSet } from '../../src/data/index.js';

const CLASSES = 3;
/** Pixels of a side. */
export const SIDE = 8;

/** Class k is bright in columns 2k and 2k + 1. */
export function patches(perClass: number, seed: number): ImageSet {
  const random = createRandom(seed);
  const samples = CLASSES * perClass;
  const labels = Int32Array.from({ length: samples }, (_, i) => i % CLASSES);
  const pixels = new Uint8Array(samples * SIDE * SIDE);
  for (let i = 0; i < pixels.length; i++) {
    const label = labels[Math.floor(i / (SIDE * SIDE))];
    const bright = (i % SIDE) >> 1 === label;
    pixels[i] = Math.max(0, Math.min(255, 15 * random.normal() + (bright ? 160 : 90)));
  }
  const classNames = ['left', 'middle', 'right'];
  return createImageSet({
    name: 'patches',
    height: SIDE,
    width: SIDE,
    channels: 1,
    classNames,
    pixels,
    labels,
    mean: [0.4],
    std: [0.2],
  });
}
