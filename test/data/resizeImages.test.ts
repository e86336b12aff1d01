/** Bilinear enlargement, beside bytes that Pillow 13.0 wrote, and grey images in three channels. */
import { describe, expect, it } from 'vitest';
import { createImageSet, inThreeChannels, resizeImages } from '../../src/data/index.js';
import { someImages } from './imageFiles.js';

/** One grey 28×28 image: the formula in rows y and columns x that the Pillow image was made of. */
const pattern = createImageSet({
  name: 'pattern',
  height: 28,
  width: 28,
  channels: 1,
  classNames: ['only'],
  pixels: Uint8Array.from({ length: 784 }, (_, i) => {
    const [y, x] = [Math.floor(i / 28), i % 28];
    return (y * 57 + x * 31 + Math.floor((y * x) / 3) * 7) % 256;
  }),
  labels: new Int32Array(1),
  mean: [0.3],
  std: [0.2],
});

describe('images at another size', () => {
  it('are those of Pillow, Image.resize((32, 32), BILINEAR)', () => {
    const { pixels, height, width } = resizeImages(pattern, 32, 32);
    expect([height, width, pixels.length]).toEqual([32, 32, 1024]);
    expect([...pixels.subarray(0, 8)]).toEqual([0, 25, 52, 79, 107, 134, 161, 188]);
    expect([...pixels.subarray(15 * 32 + 10, 15 * 32 + 18)]).toEqual([72, 51, 103, 152, 152, 9, 61, 119]);
    expect([...pixels.subarray(31 * 32 + 24)]).toEqual([179, 53, 88, 170, 140, 78, 161, 237]);
    expect(pixels.reduce((sum, byte) => sum + byte, 0)).toBe(128_458);
    expect(pixels.reduce((sum, byte, i) => sum + byte * i, 0) % 1_000_003).toBe(347_929);
  });

  it('keep a constant image, each channel and sample for itself', () => {
    const { pixels, ...rest } = someImages(2, 2, 3, 2);
    const flat = { ...rest, pixels: pixels.map((_, i) => [10, 20, 30, 40][(i >= 12 ? 2 : 0) + (i % 2)]) };
    const large = resizeImages(flat, 5, 4);
    expect([...large.pixels]).toEqual(
      [10, 20, 30, 40].flatMap((value, i) =>
        i % 2 === 0 ? new Array<readonly number[]>(20).fill([value, value + 10]).flat() : [],
      ),
    );
  });

  it('are not made smaller', () => {
    expect(() => resizeImages(pattern, 27, 28)).toThrow(/pattern, resizing: at least 28×28, got 27×28/);
    expect(() => resizeImages(pattern, 28.5, 28)).toThrow(/whole sizes/);
    expect(resizeImages(pattern, 28, 28)).toBe(pattern);
  });
});

describe('three channels', () => {
  it('hold the grey value thrice, with its constants', () => {
    const colour = inThreeChannels(pattern);
    expect([colour.channels, colour.mean, colour.std]).toEqual([3, [0.3, 0.3, 0.3], [0.2, 0.2, 0.2]]);
    expect([...colour.pixels]).toEqual([...pattern.pixels].flatMap((byte) => [byte, byte, byte]));
    expect(inThreeChannels(colour)).toBe(colour);
  });

  it('are not made of two', () => {
    expect(() => inThreeChannels(someImages(1, 2, 2, 2, 1))).toThrow(/images of 1 or 3 channels, got 2/);
  });
});
