/** Files of images made in the tests. */
import { createImageSet, type ImageSet } from '../../src/data/index.js';
export { countingSource, inFolder, refusal } from './helpers.js';

/** An IDX file of unsigned bytes; the data need not fit the shape. */
export function idxFile(shape: readonly number[], data: Iterable<number>): Uint8Array {
  const items = [...data];
  const file = Buffer.alloc(4 + 4 * shape.length + items.length);
  file[2] = 8;
  file[3] = shape.length;
  shape.forEach((axis, i) => file.writeUInt32BE(axis, 4 + 4 * i));
  file.set(items, 4 + 4 * shape.length);
  return new Uint8Array(file);
}

/** The byte of CIFAR-10 in sample i, row y, column x, channel c of `cifarFile`: no two near ones alike. */
export function cifarByte(i: number, y: number, x: number, c: number): number {
  return (i * 57 + y * 31 + x * 7 + c * 101) & 255;
}

/** A batch of CIFAR-10 with these labels. */
export function cifarFile(labels: readonly number[]): Uint8Array {
  const file = new Uint8Array(labels.length * 3073);
  labels.forEach((label, i) => {
    file[i * 3073] = label;
    for (let c = 0; c < 3; c++)
      for (let y = 0; y < 32; y++)
        for (let x = 0; x < 32; x++) file[i * 3073 + 1 + c * 1024 + y * 32 + x] = cifarByte(i, y, x, c);
  });
  return file;
}

/** A set of any shape, pixels by a formula, labels i mod K. */
export function someImages(
  samples: number,
  height: number,
  width: number,
  channels: number,
  classes = 3,
): ImageSet {
  return createImageSet({
    name: 'some',
    height,
    width,
    channels,
    classNames: Array.from({ length: classes }, (_, k) => `class ${k}`),
    pixels: Uint8Array.from(
      { length: samples * height * width * channels },
      (_, i) => (i * 7 + (i >> 5)) & 255,
    ),
    labels: Int32Array.from({ length: samples }, (_, i) => i % classes),
    mean: Array.from({ length: channels }, (_, c) => 0.3 + 0.1 * c),
    std: Array.from({ length: channels }, (_, c) => 0.2 + 0.05 * c),
  });
}
