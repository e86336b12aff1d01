/** Sets of images, and batches of them against a naive second way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../src/core/index.js';
import { createImageSet, type ImageSet, padImages, trainingImages } from '../../src/data/index.js';
import type { TrainingImages } from '../../src/nets/index.js';
import { refusal, someImages } from './imageFiles.js';

const refused = async (action: () => unknown, code: 'argument' | 'dimension' | 'format') =>
  (await refusal(() => Promise.resolve().then(action), code)).message;

/** Byte v of channel c as the network sees it. */
const normalised = (set: ImageSet, v: number, c: number): number =>
  Math.fround((v / 255 - set.mean[c]) / set.std[c]);

/** As torchvision does it: a black canvas 4 wider on each side, a window of it, mirrored, then normalised. */
function naive(set: ImageSet, samples: readonly number[], random: Random | null): number[] {
  const { height, width, channels } = set;
  const out: number[] = [];
  for (const sample of samples) {
    const [top, left] = random === null ? [4, 4] : [0, 0].map(() => Math.floor(random.uniform() * 9));
    const flips = random !== null && random.uniform() < 0.5;
    const canvas = Array.from({ length: height + 8 }, () =>
      Array.from({ length: width + 8 }, () => new Array<number>(channels).fill(0)),
    );
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < channels; c++)
          canvas[y + 4][x + 4][c] = set.pixels[((sample * height + y) * width + x) * channels + c];
    for (const line of canvas.slice(top, top + height)) {
      const window = line.slice(left, left + width);
      if (flips) window.reverse();
      out.push(...window.flatMap((pixel) => pixel.map((v, c) => normalised(set, v, c))));
    }
  }
  return out;
}

const shapes = fc.record({
  samples: fc.integer({ min: 1, max: 6 }),
  height: fc.integer({ min: 1, max: 12 }),
  width: fc.integer({ min: 1, max: 12 }),
  channels: fc.integer({ min: 1, max: 4 }),
  picks: fc.array(fc.nat(), { minLength: 1, maxLength: 8 }),
  seed: fc.integer(),
});

describe('batches of images', () => {
  it('equal the naive way, plain and augmented, of a subset', () => {
    fc.assert(
      fc.property(shapes, ({ samples, height, width, channels, picks, seed }) => {
        const set = someImages(samples, height, width, channels);
        const subset = Int32Array.from(picks.map((pick) => pick % samples));
        const wanted = picks.map((_, i) => (i * 3 + 1) % picks.length);
        const size = height * width * channels;
        for (const augmentation of ['none', 'crop-flip'] as const)
          for (const augmented of [false, true]) {
            const images: TrainingImages = trainingImages(set, subset, augmentation);
            const out = new Float32Array(wanted.length * size + 1).fill(-77);
            images.fillInto(out, Int32Array.from(wanted), augmented ? createRandom(seed) : null);
            const random = augmented && augmentation === 'crop-flip' ? createRandom(seed) : null;
            const places = wanted.map((i) => subset[i]);
            expect([...out.subarray(0, -1)]).toEqual(naive(set, places, random));
            // Nothing behind the batch is touched.
            expect(out[wanted.length * size]).toBe(-77);
          }
      }),
    );
  });

  it('draws three numbers a sample where it augments, none where not', () => {
    const set = someImages(4, 3, 3, 3);
    const out = new Float32Array(4 * 27);
    const order = Int32Array.from([2, 0, 1, 3]);
    const [used, counted] = [createRandom(3), createRandom(3)];
    trainingImages(set, null, 'none').fillInto(out, order, used);
    expect(used.state()).toEqual(counted.state());
    trainingImages(set, null, 'crop-flip').fillInto(out, order, used);
    for (let i = 0; i < 12; i++) counted.uniform();
    expect(used.state()).toEqual(counted.state());
  });

  it('shows every shift and mirror equally often', () => {
    // One white pixel in the middle of 9×9: where it lands tells the shift.
    const pixels = new Uint8Array(81);
    pixels[40] = 255;
    const set = { ...someImages(1, 9, 9, 1), pixels };
    const images = trainingImages(set, null, 'crop-flip');
    const out = new Float32Array(81);
    const seen = new Array<number>(81).fill(0);
    const random = createRandom(11);
    const runs = 16_200;
    for (let i = 0; i < runs; i++) {
      images.fillInto(out, Int32Array.of(0), random);
      seen[out.indexOf(Math.max(...out))]++;
    }
    // χ² with 80 degrees of freedom exceeds 140 with probability 4e-5.
    expect(seen.reduce((sum, count) => sum + (count - runs / 81) ** 2 / (runs / 81), 0)).toBeLessThan(140);
  });

  it('gives the labels of the chosen, and copies what it was given', () => {
    const set = someImages(5, 2, 2, 1);
    const subset = Int32Array.from([4, 1, 1]);
    const images = trainingImages(set, subset, 'none');
    subset.fill(0);
    expect([images.samples, [...images.labels]]).toEqual([3, [1, 1, 1]]);
    expect([...trainingImages(set, null, 'none').labels]).toEqual([...set.labels]);
    const out = new Float32Array(4);
    images.fillInto(out, Int32Array.of(0), null);
    expect([...out]).toEqual([...set.pixels.subarray(16)].map((v) => normalised(set, v, 0)));
  });

  it('refuses indices out of range and a batch without room', async () => {
    const set = someImages(3, 2, 2, 1);
    const images = trainingImages(set, Int32Array.of(0, 1), 'none');
    const out = new Float32Array(8);
    expect(await refused(() => images.fillInto(out, Int32Array.of(0, 2), null), 'argument')).toBe(
      'some, batch: indices of 0 to 1, got 2',
    );
    await refused(() => images.fillInto(out, Int32Array.of(-1), null), 'argument');
    await refused(() => images.fillInto(out, Int32Array.of(0, 1, 0), null), 'dimension');
    await refused(() => trainingImages(set, Int32Array.of(3), 'none'), 'argument');
    await refused(() => trainingImages(set, Int32Array.of(-1), 'none'), 'argument');
  });
});

describe('sets of images', () => {
  it('count their samples and classes', () => {
    expect(someImages(5, 2, 3, 1)).toMatchObject({ samples: 5, classes: 3 });
  });

  it('refuse parts that do not fit', async () => {
    const parts = someImages(4, 2, 2, 3);
    const make = (change: Partial<ImageSet>) => () => createImageSet({ ...parts, ...change });
    await refused(make({ pixels: new Uint8Array(47) }), 'dimension');
    await refused(make({ labels: new Int32Array(3) }), 'dimension');
    await refused(make({ mean: [0] }), 'dimension');
    await refused(make({ mean: [0, NaN, 0] }), 'argument');
    await refused(make({ std: [1, 0, 1] }), 'argument');
    await refused(make({ height: 0 }), 'argument');
    expect(await refused(make({ labels: Int32Array.of(0, 2, 3, 1) }), 'format')).toBe(
      'some: a label of 0 to 2 for sample 2, got 3',
    );
    await refused(make({ labels: Int32Array.of(0, -1, 0, 1) }), 'format');
  });

  it('are padded with black around', async () => {
    fc.assert(
      fc.property(shapes, fc.nat(5), fc.nat(5), ({ samples, height, width, channels }, more, wider) => {
        const set = someImages(samples, height, width, channels);
        const padded = padImages(set, height + more, width + wider);
        const [top, left] = [Math.floor(more / 2), Math.floor(wider / 2)];
        const expected = Array.from({ length: padded.pixels.length }, (_, i) => {
          const [c, x, y, n] = [
            i % channels,
            (Math.floor(i / channels) % padded.width) - left,
            (Math.floor(i / channels / padded.width) % padded.height) - top,
            Math.floor(i / channels / padded.width / padded.height),
          ];
          const inside = x >= 0 && x < width && y >= 0 && y < height;
          return inside ? set.pixels[((n * height + y) * width + x) * channels + c] : 0;
        });
        expect([...padded.pixels]).toEqual(expected);
        expect(padded).toMatchObject({ samples, channels, mean: set.mean, labels: set.labels });
      }),
    );
    await refused(() => padImages(someImages(1, 3, 3, 1), 2, 3), 'dimension');
    await refused(() => padImages(someImages(1, 3, 3, 1), 4.5, 4), 'argument');
  });
});
