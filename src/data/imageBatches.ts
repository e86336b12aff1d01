/**
 * Images as a training loop takes them: normalised float32, NHWC, augmented on the way.
 *
 * `crop-flip` is CIFAR-10's usual augmentation as torchvision does it on the picture, before normalisation:
 * RandomCrop(size, padding=4), whose margin is black, so (0 − mean)/std once normalised, then RandomHorizontalFlip().
 * A byte is normalised by a table, (v/255 − mean)/std in float64 rounded once. Class weights and re-sampling are not here.
 */
import { refuse, refuseShape } from '../core/errors.js';
import type { Random } from '../core/random.js';
import type { ImageSet } from './imageSet.js';

export type Augmentation = 'none' | 'crop-flip';

/** Margin of the random crop on each side. */
const MARGIN = 4;

/** Samples of a set, numbered anew from 0; the shape that training loops ask for. */
export interface PreparedImages {
  /** How many were chosen. */
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** One a chosen sample, 0 … K−1. */
  readonly labels: Int32Array;
  /**
   * Writes the samples of `indices` (of 0 … samples−1), NHWC, into the front of `out`; allocates nothing. `random` draws
   * the augmentation, three uniform numbers a sample (row, column, flip), none where it is 'none'; null turns it off.
   * Throws a dimension error where `out` is too short, an argument error for an index out of range.
   */
  fillInto(out: Float32Array, indices: Int32Array, random: Random | null): void;
}

/**
 * The samples of `set` at `indices` (null for all of them, in order). Throws an argument error for an index that is not
 * of 0 … N−1.
 */
export function trainingImages(
  set: ImageSet,
  indices: Int32Array | null,
  augmentation: Augmentation,
): PreparedImages {
  const chosen = indices === null ? Int32Array.from({ length: set.samples }, (_, i) => i) : indices.slice();
  const outside = chosen.find((index) => index < 0 || index >= set.samples);
  if (outside !== undefined) refuse(`${set.name}, indices`, `places of 0 to ${set.samples - 1}`, outside);
  return new Prepared(set, chosen, augmentation);
}

class Prepared implements PreparedImages {
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly labels: Int32Array;
  private readonly name: string;
  private readonly pixels: Uint8Array;
  /** The normalised values of the bytes 0 … 255, one table a channel. */
  private readonly tables: readonly Float32Array[];

  constructor(
    set: ImageSet,
    private readonly chosen: Int32Array,
    private readonly augmentation: Augmentation,
  ) {
    this.samples = chosen.length;
    this.height = set.height;
    this.width = set.width;
    this.channels = set.channels;
    this.labels = chosen.map((index) => set.labels[index]);
    this.name = set.name;
    this.pixels = set.pixels;
    this.tables = set.mean.map((mean, c) =>
      Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - mean) / set.std[c]),
    );
  }

  fillInto(out: Float32Array, indices: Int32Array, random: Random | null): void {
    const size = this.height * this.width * this.channels;
    const { samples, pixels, tables, chosen } = this;
    if (out.length < indices.length * size)
      refuseShape(`${this.name}, batch`, `room for ${indices.length}×${size} numbers`, `${out.length}`);
    const augments = this.augmentation === 'crop-flip' && random !== null;
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (index < 0 || index >= samples)
        refuse(`${this.name}, batch`, `indices of 0 to ${samples - 1}`, index);
      const from = chosen[index] * size;
      if (augments) this.cropAndFlip(out, i * size, from, random);
      else copyPixels(out, i * size, pixels, from, size, tables);
    }
  }

  /** Row y of the result is row y + down of the picture, column x is x + right, mirrored afterwards where it flips. */
  private cropAndFlip(out: Float32Array, to: number, from: number, random: Random): void {
    const { height, width, channels, pixels, tables } = this;
    const down = Math.floor(random.uniform() * (2 * MARGIN + 1)) - MARGIN;
    const right = Math.floor(random.uniform() * (2 * MARGIN + 1)) - MARGIN;
    const flips = random.uniform() < 0.5;
    const row = width * channels;
    // Columns [left, end) of the result, before mirroring, come from the picture.
    const left = Math.min(width, Math.max(0, -right));
    const end = Math.max(left, Math.min(width, width - right));
    for (let y = 0; y < height; y++) {
      const at = to + y * row;
      const sourceRow = y + down;
      if (sourceRow < 0 || sourceRow >= height) {
        blacken(out, at, 0, width, tables);
        continue;
      }
      const source = from + sourceRow * row + (left + right) * channels;
      if (flips) {
        blacken(out, at, width - left, width, tables);
        mirrorPixels(out, at + (width - 1 - left) * channels, pixels, source, end - left, tables);
        blacken(out, at, 0, width - end, tables);
      } else {
        blacken(out, at, 0, left, tables);
        copyPixels(out, at + left * channels, pixels, source, (end - left) * channels, tables);
        blacken(out, at, end, width, tables);
      }
    }
  }
}

/** `size` numbers, in order. */
function copyPixels(
  out: Float32Array,
  to: number,
  pixels: Uint8Array,
  from: number,
  size: number,
  tables: readonly Float32Array[],
): void {
  const channels = tables.length;
  if (channels === 3) {
    const [red, green, blue] = tables;
    for (let i = 0; i < size; i += 3) {
      out[to + i] = red[pixels[from + i]];
      out[to + i + 1] = green[pixels[from + i + 1]];
      out[to + i + 2] = blue[pixels[from + i + 2]];
    }
  } else {
    for (let c = 0; c < channels; c++) {
      const table = tables[c];
      for (let i = c; i < size; i += channels) out[to + i] = table[pixels[from + i]];
    }
  }
}

/** `count` pixels: the first goes to `to`, the next before it. */
function mirrorPixels(
  out: Float32Array,
  to: number,
  pixels: Uint8Array,
  from: number,
  count: number,
  tables: readonly Float32Array[],
): void {
  const channels = tables.length;
  for (let c = 0; c < channels; c++) {
    const table = tables[c];
    for (let x = 0; x < count; x++) out[to + c - x * channels] = table[pixels[from + c + x * channels]];
  }
}

/** Columns [start, end) of the row at `at`. */
function blacken(
  out: Float32Array,
  at: number,
  start: number,
  end: number,
  tables: readonly Float32Array[],
): void {
  const channels = tables.length;
  for (let c = 0; c < channels; c++) {
    const black = tables[c][0];
    for (let x = start; x < end; x++) out[at + x * channels + c] = black;
  }
}
