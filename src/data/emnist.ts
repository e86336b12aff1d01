/**
 * EMNIST: handwritten letters and digits in six divisions, in files like MNIST's. What differs from MNIST, and is undone in
 * reading: images are stored transposed (rows are columns), and the letters are labelled from 1.
 *
 * Source: Cohen, Afshar, Tapson & van Schaik (2017), and the files' names, classes and sizes as torchvision reads them. The
 * constants of normalisation of the letters are those of the public code of Dang et al. (2023); of the other divisions, the
 * three digits that are in common use. Limits: no file of EMNIST was at hand, so these are checked on files made in its
 * published shape, and no checksum tells a division from another: the names of the files do.
 */
import type { ImageKindFacts } from './imageKindFacts.js';

export type EmnistDivision = 'letters' | 'balanced' | 'byclass' | 'bymerge' | 'digits' | 'mnist';
export const EMNIST_DIVISIONS = [
  'letters',
  'balanced',
  'byclass',
  'bymerge',
  'digits',
  'mnist',
] as const satisfies readonly EmnistDivision[];
export type EmnistKind = `emnist-${EmnistDivision}`;

const DIGITS = Array.from('0123456789');
const CAPITALS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
const SMALL = Array.from('abcdefghijklmnopqrstuvwxyz');
/** Small letters that keep a class of their own where the others are merged with their capitals. */
const DISTINCT_SMALL = Array.from('abdefghnqrt');
const MERGED = [...DIGITS, ...CAPITALS, ...DISTINCT_SMALL];

const DIVISIONS: Readonly<
  Record<
    EmnistDivision,
    {
      readonly train: number;
      readonly test: number;
      readonly classNames: readonly string[];
      readonly mean: number;
      readonly std: number;
    }
  >
> = {
  letters: { train: 124_800, test: 20_800, classNames: SMALL, mean: 0.1722, std: 0.3309 },
  balanced: { train: 112_800, test: 18_800, classNames: MERGED, mean: 0.175, std: 0.333 },
  byclass: {
    train: 697_932,
    test: 116_323,
    classNames: [...DIGITS, ...CAPITALS, ...SMALL],
    mean: 0.174,
    std: 0.332,
  },
  bymerge: { train: 697_932, test: 116_323, classNames: MERGED, mean: 0.174, std: 0.332 },
  digits: { train: 240_000, test: 40_000, classNames: DIGITS, mean: 0.173, std: 0.332 },
  mnist: { train: 60_000, test: 10_000, classNames: DIGITS, mean: 0.173, std: 0.332 },
};

export const EMNIST_KINDS: readonly EmnistKind[] = EMNIST_DIVISIONS.map(
  (division) => `emnist-${division}` as const,
);

/** The label of the first class in the files. */
export function firstEmnistLabel(kind: EmnistKind): 0 | 1 {
  return kind === 'emnist-letters' ? 1 : 0;
}

export function emnistFacts(kind: EmnistKind): ImageKindFacts {
  const division = divisionOf(kind);
  const { train, test, classNames, mean, std } = DIVISIONS[division];
  return {
    title: `EMNIST (${division})`,
    published: { train, test },
    height: 28,
    width: 28,
    channels: 1,
    classNames,
    mean: [mean],
    std: [std],
  };
}

/** N images of height×width bytes with rows and columns exchanged: N×width×height, upright again. */
export function transposedImages(pixels: Uint8Array, height: number, width: number): Uint8Array {
  const upright = new Uint8Array(pixels.length);
  for (let start = 0; start < pixels.length; start += height * width)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) upright[start + x * height + y] = pixels[start + y * width + x];
  return upright;
}

export function divisionOf(kind: EmnistKind): EmnistDivision {
  return kind.slice('emnist-'.length) as EmnistDivision;
}
