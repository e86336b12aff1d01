/** EMNIST from files made in its published shape: upright images, letters from 0, divisions told by the files' names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openImageData } from '../../src/data/imageFolder.node.js';
import { type EmnistKind, IMAGE_KIND_NAMES, IMAGE_KINDS } from '../../src/data/index.js';
import { idxFile, inFolder, refusal } from './imageFiles.js';

/** A stored image whose byte at stored row r and column c is 10 r + c: upright, row y and column x hold 10 x + y. */
const STORED = Array.from({ length: 784 }, (_, i) => (10 * Math.floor(i / 28) + (i % 28)) & 255);

function writeDivision(folder: string, division: string, labels: readonly number[], packed = false): void {
  mkdirSync(folder, { recursive: true });
  for (const part of ['train', 'test']) {
    const write = (name: string, bytes: Uint8Array) => {
      writeFileSync(join(folder, packed ? `${name}.gz` : name), packed ? gzipSync(bytes) : bytes);
    };
    const prefix = `emnist-${division}-${part}`;
    write(
      `${prefix}-images-idx3-ubyte`,
      idxFile(
        [labels.length, 28, 28],
        labels.flatMap(() => STORED),
      ),
    );
    write(`${prefix}-labels-idx1-ubyte`, idxFile([labels.length], labels));
  }
}

describe('EMNIST', () => {
  it.each([
    ['letters', 26, 'a', 'z', 1],
    ['balanced', 47, '0', 't', 0],
    ['byclass', 62, '0', 'z', 0],
    ['bymerge', 47, '0', 't', 0],
    ['digits', 10, '0', '9', 0],
    ['mnist', 10, '0', '9', 0],
  ] as const)('%s has %i classes, from %s to %s', async (division, classes, first, last, base) => {
    const kind: EmnistKind = `emnist-${division}`;
    await inFolder(async (folder) => {
      const labels = Array.from({ length: classes }, (_, k) => k + base);
      writeDivision(folder, division, labels);
      const { train, test, shortfall } = await openImageData(folder, kind);
      expect([train.classes, train.classNames[0], train.classNames[classes - 1]]).toEqual([
        classes,
        first,
        last,
      ]);
      expect(new Set(train.classNames).size).toBe(classes);
      expect([...train.labels]).toEqual(labels.map((_, k) => k));
      expect(test?.samples).toBe(classes);
      expect(shortfall).toMatch(/not the whole of EMNIST \(/);
    });
  });

  it('turns images upright', async () => {
    await inFolder(async (folder) => {
      writeDivision(folder, 'digits', [3]);
      const { pixels } = (await openImageData(folder)).train;
      for (const [y, x] of [
        [0, 1],
        [1, 0],
        [27, 3],
        [13, 20],
      ])
        expect(pixels[28 * y + x]).toBe((10 * x + y) & 255);
    });
  });

  it("finds torchvision's folder, gzipped files, and the division by the names", async () => {
    await inFolder(async (folder) => {
      writeDivision(join(folder, 'EMNIST/raw'), 'letters', [1, 26, 13], true);
      const { kind, train } = await openImageData(folder, 'emnist-letters');
      expect([kind, [...train.labels]]).toEqual(['emnist-letters', [0, 25, 12]]);
      writeDivision(join(folder, 'EMNIST/raw'), 'digits', [4]);
      expect((await openImageData(folder, 'emnist-digits')).train.labels[0]).toBe(4);
      expect((await refusal(() => openImageData(join(folder, 'EMNIST/raw')), 'argument')).message).toMatch(
        /files of several sets"; say one of emnist-letters, emnist-digits$/,
      );
    });
  });

  it('refuses letters labelled from 0, labels beyond the classes, and the files of another division', async () => {
    await inFolder(async (folder) => {
      writeDivision(folder, 'letters', [1, 0]);
      expect((await refusal(() => openImageData(folder, 'emnist-letters'))).message).toMatch(
        /labels of EMNIST \(letters\), which run from 1, got 0 for sample 1/,
      );
      writeDivision(folder, 'letters', [27]);
      expect((await refusal(() => openImageData(folder, 'emnist-letters'))).message).toMatch(
        /a label of 0 to 25 for sample 0, got 26/,
      );
      expect((await refusal(() => openImageData(folder, 'emnist-balanced'), 'file')).message).toMatch(
        /emnist-balanced-train-images.*got a folder of EMNIST \(letters\).*nist\.gov/,
      );
    });
  });
});

describe('what is known of the sets', () => {
  it.each(IMAGE_KIND_NAMES)('%s: names of classes and a constant a channel', (kind) => {
    const { classNames, channels, mean, std, published } = IMAGE_KINDS[kind];
    expect(new Set(classNames).size).toBe(classNames.length);
    expect([mean.length, std.length]).toEqual([channels, channels]);
    expect(published.train).toBeGreaterThan(published.test);
  });
});
