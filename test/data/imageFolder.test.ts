/** Folders of images: made here, and the real ones beside the repository. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImageData } from '../../src/data/imageFolder.node.js';
import {
  chooseSamples,
  classCounts,
  type ImageKind,
  type ImageSet,
  padImages,
} from '../../src/data/index.js';
import { SHARED_IS_THERE, SHARED_NOTE, sharedPath } from '../support/shared.js';
import { cifarFile, idxFile, inFolder, refusal } from './imageFiles.js';

const TRAIN = ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'] as const;
const TEST = ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'] as const;

/** Writes images of one byte value each, with these labels. */
function writeIdx(
  folder: string,
  [images, labels]: readonly [string, string],
  values: readonly number[],
  packed = false,
): void {
  mkdirSync(folder, { recursive: true });
  const pixels = values.flatMap((value) => new Array<number>(784).fill(value * 10));
  const write = (name: string, bytes: Uint8Array) => {
    if (packed) writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes));
    else writeFileSync(join(folder, name), bytes);
  };
  write(images, idxFile([values.length, 28, 28], pixels));
  write(labels, idxFile([values.length], values));
}

const sha256 = (...parts: readonly Uint8Array[]): string =>
  createHash('sha256').update(Buffer.concat(parts)).digest('hex');

describe('folders of images', () => {
  it('reads the dotted names of old unpackers', async () => {
    await inFolder(async (folder) => {
      const [plain, dotted] = [join(folder, 'plain'), join(folder, 'dotted')];
      writeIdx(plain, TRAIN, [5, 0, 4]);
      writeIdx(dotted, ['train-images.idx3-ubyte', 'train-labels.idx1-ubyte'], [5, 0, 4]);
      expect(await openImageData(dotted, 'mnist')).toEqual(await openImageData(plain, 'mnist'));
      writeIdx(dotted, ['t10k-images.idx3-ubyte', 't10k-labels.idx1-ubyte'], [7], true);
      expect((await openImageData(dotted, 'mnist')).test?.samples).toBe(1);
    });
  });

  it('MNIST: plain and gzipped files give the same set and checksum', async () => {
    await inFolder(async (folder) => {
      const [plain, packed] = [join(folder, 'plain'), join(folder, 'packed')];
      for (const [path, gz] of [
        [plain, false],
        [packed, true],
      ] as const) {
        writeIdx(path, TRAIN, [5, 0, 4], gz);
        writeIdx(path, TEST, [7], gz);
      }
      const read = await openImageData(plain, 'mnist');
      expect(await openImageData(packed, 'mnist')).toEqual(read);
      expect(read.train).toMatchObject({
        name: 'mnist train',
        samples: 3,
        height: 28,
        channels: 1,
        classes: 10,
      });
      expect([...read.train.labels]).toEqual([5, 0, 4]);
      expect([read.train.pixels[783], read.train.pixels[784], read.train.pixels[1568]]).toEqual([50, 0, 40]);
      expect([...(read.test?.labels ?? [])]).toEqual([7]);
      const files = [TRAIN[1], TRAIN[0], TEST[1], TEST[0]].map((name) => readFileSync(join(plain, name)));
      expect(read.checksum).toBe(sha256(...files));
      const fashion = await openImageData(plain, 'fashion-mnist');
      expect(fashion.train).toMatchObject({ mean: [0.286], std: [0.353], name: 'fashion-mnist train' });
    });
  });

  it('says what of a set is not there, and nothing of a whole one', async () => {
    await inFolder(async (folder) => {
      writeIdx(join(folder, 'mnist'), TRAIN, [5, 0, 4]);
      expect((await openImageData(join(folder, 'mnist'), 'mnist')).shortfall).toBe(
        '3 of 60 000 training images, no test images: not the whole of MNIST',
      );
      writeFileSync(join(folder, 'data_batch_1.bin'), cifarFile([1, 2]));
      writeFileSync(join(folder, 'test_batch.bin'), cifarFile([4]));
      expect((await openImageData(folder, 'cifar-10')).shortfall).toBe(
        '1 of 5 training batches (2 of 50 000 images), 1 of 10 000 test images: not the whole of CIFAR-10',
      );
    });
  });

  it.skipIf(!SHARED_IS_THERE)(`says nothing of the whole of Fashion-MNIST${SHARED_NOTE}`, async () => {
    expect((await openImageData(sharedPath('data'), 'fashion-mnist')).shortfall).toBeNull();
  });

  it('CIFAR-10: the batches that are there, from the first on', async () => {
    await inFolder(async (folder) => {
      const files = [cifarFile([1, 2]), cifarFile([3]), cifarFile([4])];
      writeFileSync(join(folder, 'data_batch_1.bin'), files[0]);
      expect(await openImageData(folder)).toMatchObject({ kind: 'cifar-10', test: null });
      writeFileSync(join(folder, 'data_batch_2.bin'), files[1]);
      writeFileSync(join(folder, 'test_batch.bin'), files[2]);
      const { train, test, checksum } = await openImageData(folder, 'cifar-10');
      expect([[...train.labels], [...(test?.labels ?? [])]]).toEqual([[1, 2, 3], [4]]);
      expect(train).toMatchObject({
        name: 'cifar-10 train',
        height: 32,
        width: 32,
        channels: 3,
        classes: 10,
      });
      expect(checksum).toBe(sha256(...files));
      writeFileSync(join(folder, 'data_batch_4.bin'), files[1]);
      const refused = await refusal(() => openImageData(folder), 'file');
      expect(refused.message).toMatch(
        /got a folder without data_batch_3\.bin;.*cifar\.html.*give their folder$/,
      );
    });
  });

  it('finds the usual folder of a kind inside', async () => {
    await inFolder(async (folder) => {
      writeIdx(join(folder, 'MNIST/raw'), TRAIN, [1]);
      writeIdx(join(folder, 'fashion-mnist'), TRAIN, [2]);
      mkdirSync(join(folder, 'cifar-10-batches-bin'));
      writeFileSync(join(folder, 'cifar-10-batches-bin/data_batch_1.bin'), cifarFile([3]));
      const labels = async (kind: ImageKind) => (await openImageData(folder, kind)).train.labels[0];
      expect([await labels('mnist'), await labels('fashion-mnist'), await labels('cifar-10')]).toEqual([
        1, 2, 3,
      ]);
    });
  });

  it('says what is missing, where it is published and how to name its folder', async () => {
    await inFolder(async (folder) => {
      const empty = await refusal(() => openImageData(folder), 'file');
      for (const text of [...TRAIN, ...TEST, 'data_batch_1.bin', 'ossci-datasets', 'zalandoresearch', 'kriz'])
        expect(empty.message).toContain(text);
      const nowhere = await refusal(() => openImageData(join(folder, 'no'), 'fashion-mnist'), 'file');
      expect(nowhere.message).toMatch(
        /Fashion-MNIST's train-images.*got no folder.*zalandoresearch.*give their folder$/,
      );
      expect(nowhere.message).not.toMatch(/CIFAR|ossci/);
      writeFileSync(join(folder, 'test_batch.bin'), cifarFile([4]));
      expect((await refusal(() => openImageData(folder), 'file')).message).toMatch(/test batch alone/);
      expect((await refusal(() => openImageData(folder, 'mnist'), 'file')).message).toMatch(
        /MNIST's .*got a folder of CIFAR-10/,
      );
    });
    await inFolder(async (folder) => {
      writeIdx(folder, TEST, [1]);
      expect((await refusal(() => openImageData(folder, 'mnist'), 'file')).message).toMatch(
        /test files alone/,
      );
      writeFileSync(join(folder, TRAIN[0]), idxFile([1, 28, 28], new Uint8Array(784)));
      expect((await refusal(() => openImageData(folder, 'mnist'), 'file')).message).toMatch(
        /got a folder without train-labels-idx1-ubyte;/,
      );
      expect((await refusal(() => openImageData(folder, 'cifar-10'), 'file')).message).toMatch(
        /got a folder of MNIST or Fashion-MNIST/,
      );
    });
  });

  it('asks for the kind where the files do not tell it', async () => {
    await inFolder(async (folder) => {
      writeIdx(folder, TRAIN, [1, 2]);
      expect((await refusal(() => openImageData(folder), 'argument')).message).toMatch(
        /mnist or fashion-mnist/,
      );
      writeFileSync(join(folder, 'data_batch_1.bin'), cifarFile([3]));
      expect((await refusal(() => openImageData(folder), 'argument')).message).toMatch(
        /files of several sets"; say one of mnist, fashion-mnist, cifar-10$/,
      );
      expect((await openImageData(folder, 'mnist')).train.samples).toBe(2);
      expect((await openImageData(folder, 'cifar-10')).train.samples).toBe(1);
      await refusal(() => openImageData(folder, 'imagenet' as ImageKind), 'argument');
    });
  });

  it('refuses files that do not fit together, naming the one', async () => {
    await inFolder(async (folder) => {
      writeIdx(folder, TRAIN, [1, 2]);
      const labels = join(folder, TRAIN[1]);
      writeFileSync(labels, idxFile([3], [1, 2, 3]));
      expect((await refusal(() => openImageData(folder, 'mnist'), 'dimension')).where).toBe(labels);
      writeFileSync(labels, idxFile([2], [1, 10]));
      expect((await refusal(() => openImageData(folder, 'mnist'))).message).toBe(
        `${labels}: a label of 0 to 9 for sample 1, got 10`,
      );
      writeFileSync(labels, idxFile([2], [1, 1]));
      writeFileSync(join(folder, TRAIN[0]), idxFile([2, 20, 20], new Uint8Array(800)));
      expect((await refusal(() => openImageData(folder, 'mnist'), 'dimension')).message).toMatch(
        /images of MNIST, 28×28, got 20×20/,
      );
    });
  });
});

/** Mean and deviation of each channel on the scale 0 … 1, over all pixels. */
function statistics({ pixels, channels }: ImageSet): { mean: number[]; std: number[] } {
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < pixels.length; i++) counts[i % channels][pixels[i]]++;
  const n = pixels.length / channels;
  const moment = (of: Float64Array, about: number, power: number): number =>
    of.reduce((sum, count, v) => sum + count * (v / 255 - about) ** power, 0) / n;
  const mean = counts.map((of) => moment(of, 0, 1));
  return { mean, std: counts.map((of, c) => Math.sqrt(moment(of, mean[c], 2))) };
}

const DATA = sharedPath('data');

describe.skipIf(!SHARED_IS_THERE || !existsSync(DATA))(`the real files${SHARED_NOTE}`, () => {
  it.each([
    ['mnist', [5, 0, 4, 1, 9, 2, 1, 3, 1, 4], [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]],
    ['fashion-mnist', [9, 0, 0, 3, 0, 2, 7, 2, 5, 5], new Array<number>(10).fill(6000)],
  ] as const)('%s', async (kind, firstLabels, counts) => {
    const { train, test, ...rest } = await openImageData(join(DATA, kind));
    expect(rest.kind).toBe(kind);
    expect([train.samples, test?.samples]).toEqual([60000, 10000]);
    expect([...train.labels.subarray(0, 10)]).toEqual(firstLabels);
    expect(classCounts(train)).toEqual(counts);
    // The constants have four digits.
    const { mean, std } = statistics(train);
    expect(Math.abs(mean[0] - train.mean[0])).toBeLessThan(6e-5);
    expect(Math.abs(std[0] - train.std[0])).toBeLessThan(6e-5);
    const padded = padImages(train, 32, 32);
    const sum = (bytes: Uint8Array) => bytes.reduce((total, byte) => total + byte, 0);
    expect(sum(padded.pixels)).toBe(sum(train.pixels));
  });

  it('cifar-10: one batch, and part of the test batch', async () => {
    const { train, test } = await openImageData(join(DATA, 'cifar-10-batches-bin'));
    expect([train.samples, test?.samples]).toEqual([10000, 2000]);
    expect([...train.labels.subarray(0, 10)]).toEqual([6, 9, 9, 4, 1, 1, 2, 7, 8, 3]);
    expect(classCounts(train)).toEqual([1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981]);
    const names = readFileSync(join(DATA, 'cifar-10-batches-bin/batches.meta.txt'), 'utf8')
      .trim()
      .split('\n');
    expect(train.classNames).toEqual(names);
    // A fifth of the training images: an image's mean varies by about 0.12, that of 10 000 by 0.0012; 4 of these. A deviation varies less.
    const { mean, std } = statistics(train);
    mean.forEach((value, c) => expect(Math.abs(value - train.mean[c])).toBeLessThan(0.005));
    std.forEach((value, c) => expect(Math.abs(value - train.std[c])).toBeLessThan(0.005));
  });

  it("the paper's imbalanced subset of cifar-10 lies in the first 5010 records", async () => {
    const { train } = await openImageData(DATA, 'cifar-10');
    const counts = [100, 100, 200, 200, 300, 300, 400, 400, 500, 500];
    const { indices } = chooseSamples(train, counts, { kind: 'first-come' });
    expect(indices.length).toBe(3000);
    expect(indices[2999]).toBeLessThan(5010);
  });

  it('MNIST and Fashion-MNIST are not taken for each other, nor training labels for test labels', async () => {
    const refused = await refusal(() => openImageData(join(DATA, 'mnist'), 'fashion-mnist'), 'file');
    expect(refused.message).toMatch(/the train labels of Fashion-MNIST, got the train labels of MNIST/);
    await refusal(() => openImageData(join(DATA, 'fashion-mnist'), 'mnist'), 'file');
    await inFolder(async (folder) => {
      const from = join(DATA, 'mnist');
      for (const name of readdirSync(from))
        writeFileSync(join(folder, name.replace('t10k', 'train')), readFileSync(join(from, name)));
      writeFileSync(
        join(folder, TRAIN[1]),
        gunzipSync(readFileSync(join(from, 't10k-labels-idx1-ubyte.gz'))),
      );
      expect((await refusal(() => openImageData(folder, 'mnist'), 'file')).message).toMatch(
        /the train labels of MNIST, got the test labels of MNIST/,
      );
    });
  });
});
