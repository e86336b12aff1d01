/**
 * Labelled images in memory, and what is known of the sets that are read: names of classes and constants of
 * normalisation.
 *
 * The constants are those in common use, per channel on the scale 0 … 1: mean and standard deviation (1/n) over all pixels
 * of the training images. Class weights and re-sampling are not here: every chosen sample counts once.
 */
import { refuse, refuseShape } from '../core/errors.js';
import { CIFAR_FACTS, CIFAR_KINDS, type CifarKind } from './cifarFacts.js';
import { EMNIST_DIVISIONS, emnistFacts, type EmnistKind } from './emnist.js';
import type { ImageKindFacts } from './imageKindFacts.js';
import { refuseBytes } from './refuseBytes.js';

export type { ImageKindFacts };

/** Plain data: one part (training or test) of a data set. */
export interface ImageSet {
  /** What messages call it, for example `mnist train`. */
  readonly name: string;
  /** N. */
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** K. */
  readonly classes: number;
  /** K names. */
  readonly classNames: readonly string[];
  /** N×H×W×C bytes. */
  readonly pixels: Uint8Array;
  /** N of 0 … K−1. */
  readonly labels: Int32Array;
  /** Per channel, for pixels divided by 255. */
  readonly mean: readonly number[];
  /** Per channel, for pixels divided by 255. */
  readonly std: readonly number[];
}

/** The data sets with a reader. */
export type ImageKind = 'mnist' | 'fashion-mnist' | EmnistKind | CifarKind;

/** Their names, as specs and flags write them. */
export const IMAGE_KIND_NAMES = [
  'mnist',
  'fashion-mnist',
  ...EMNIST_DIVISIONS.map((division) => `emnist-${division}` as const),
  ...CIFAR_KINDS,
] as const satisfies readonly ImageKind[];

const EMNIST = Object.fromEntries(
  EMNIST_DIVISIONS.map((division) => [`emnist-${division}`, emnistFacts(`emnist-${division}`)]),
) as Record<EmnistKind, ImageKindFacts>;

export const IMAGE_KINDS: Readonly<Record<ImageKind, ImageKindFacts>> = {
  mnist: {
    title: 'MNIST',
    published: { train: 60_000, test: 10_000 },
    height: 28,
    width: 28,
    channels: 1,
    classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
    mean: [0.1307],
    std: [0.3081],
  },
  'fashion-mnist': {
    title: 'Fashion-MNIST',
    published: { train: 60_000, test: 10_000 },
    height: 28,
    width: 28,
    channels: 1,
    classNames: [
      'T-shirt/top',
      'trouser',
      'pullover',
      'dress',
      'coat',
      'sandal',
      'shirt',
      'sneaker',
      'bag',
      'ankle boot',
    ],
    mean: [0.286],
    std: [0.353],
  },
  ...CIFAR_FACTS,
  ...EMNIST,
};

/**
 * A set from its parts; N is the number of labels, K that of the names. Throws a dimension error where `pixels` is not
 * N×H×W×C or the constants are not one a channel, an argument error for sizes or constants out of their domain, and a
 * format error naming the first sample whose label is not of 0 … K−1. `where` is what these name: a file, or the set.
 */
export function createImageSet(
  parts: Omit<ImageSet, 'samples' | 'classes'>,
  where: string = parts.name,
): ImageSet {
  const { height, width, channels, classNames, pixels, labels, mean, std } = parts;
  const samples = labels.length;
  const classes = classNames.length;
  for (const size of [height, width, channels])
    if (!Number.isSafeInteger(size) || size < 1) refuse(where, 'positive whole sizes of an image', size);
  if (pixels.length !== samples * height * width * channels)
    refuseShape(where, `pixels of ${samples}×${height}×${width}×${channels}`, `${pixels.length} bytes`);
  if (mean.length !== channels || std.length !== channels)
    refuseShape(
      where,
      `a mean and a deviation for each of ${channels} channels`,
      `${mean.length} and ${std.length}`,
    );
  if (!mean.every(Number.isFinite)) refuse(where, 'finite means', mean);
  if (!std.every((value) => value > 0 && Number.isFinite(value))) refuse(where, 'positive deviations', std);
  for (let i = 0; i < samples; i++)
    if (!(labels[i] >= 0 && labels[i] < classes))
      refuseBytes(where, `a label of 0 to ${classes - 1} for sample ${i}`, labels[i]);
  return { ...parts, samples, classes };
}

/**
 * The images in the middle of larger ones, height×width, surrounded by black (0, the background of MNIST): 28×28 to
 * 32×32 for networks that halve a map five times. An odd surplus leaves the larger margin below and to the right. The
 * constants of normalisation stay. Throws a dimension error for a smaller size.
 */
export function padImages(set: ImageSet, height: number, width: number): ImageSet {
  if (!Number.isSafeInteger(height) || !Number.isSafeInteger(width))
    refuse(`${set.name}, padding`, 'whole sizes', [height, width]);
  if (height < set.height || width < set.width)
    refuseShape(`${set.name}, padding`, `at least ${set.height}×${set.width}`, `${height}×${width}`);
  if (height === set.height && width === set.width) return set;
  const { samples, channels } = set;
  const row = set.width * channels;
  const paddedRow = width * channels;
  const pixels = new Uint8Array(samples * height * paddedRow);
  const start =
    Math.floor((height - set.height) / 2) * paddedRow + Math.floor((width - set.width) / 2) * channels;
  for (let i = 0; i < samples; i++)
    for (let y = 0; y < set.height; y++) {
      const from = (i * set.height + y) * row;
      pixels.set(set.pixels.subarray(from, from + row), start + (i * height + y) * paddedRow);
    }
  return { ...set, height, width, pixels };
}
