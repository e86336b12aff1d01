/**
 * Images at another size, and grey images in three channels: as the public code of Dang et al. (2023) prepares MNIST and EMNIST,
 * with torchvision's `Grayscale(3)` and `Resize(32)`.
 *
 * Bilinear as in Pillow, for images that become larger: pixel centres at half-integers, weights of the two nearest pixels along
 * each axis, columns first and then rows, rounded to whole bytes after each. Limits: making smaller needs a wider filter and is
 * refused.
 */
import { refuse, refuseShape } from '../core/errors.js';
import type { ImageSet } from './imageSet.js';

/** The two pixels that a new one lies between, and the weight of the second. */
interface Between {
  readonly low: Int32Array;
  readonly high: Int32Array;
  readonly weight: Float64Array;
}

/** N×H×W×C to N×height×width×C. The constants of normalisation stay. Throws a dimension error for a smaller size. */
export function resizeImages(set: ImageSet, height: number, width: number): ImageSet {
  const where = `${set.name}, resizing`;
  if (!Number.isSafeInteger(height) || !Number.isSafeInteger(width))
    refuse(where, 'whole sizes', [height, width]);
  if (height < set.height || width < set.width)
    refuseShape(where, `at least ${set.height}×${set.width}`, `${height}×${width}`);
  if (height === set.height && width === set.width) return set;
  const { samples, channels } = set;
  const columns = between(set.width, width);
  const rows = between(set.height, height);
  const wide = new Uint8Array(set.height * width * channels);
  const pixels = new Uint8Array(samples * height * width * channels);
  for (let i = 0; i < samples; i++) {
    const image = set.pixels.subarray(
      i * set.height * set.width * channels,
      (i + 1) * set.height * set.width * channels,
    );
    blendColumns(image, wide, set.height, set.width, channels, columns);
    const out = pixels.subarray(i * height * width * channels, (i + 1) * height * width * channels);
    blendRows(wide, out, width * channels, rows);
  }
  return { ...set, height, width, pixels };
}

/** A grey set with the same values in three channels: N×H×W×1 to N×H×W×3. Others are refused. */
export function inThreeChannels(set: ImageSet): ImageSet {
  if (set.channels === 3) return set;
  if (set.channels !== 1)
    refuseShape(`${set.name}, channels`, 'images of 1 or 3 channels', String(set.channels));
  const pixels = new Uint8Array(set.pixels.length * 3);
  for (let i = 0; i < set.pixels.length; i++) pixels.fill(set.pixels[i], 3 * i, 3 * i + 3);
  const thrice = (value: number) => [value, value, value];
  return { ...set, channels: 3, pixels, mean: thrice(set.mean[0]), std: thrice(set.std[0]) };
}

function between(from: number, to: number): Between {
  const low = new Int32Array(to);
  const high = new Int32Array(to);
  const weight = new Float64Array(to);
  for (let i = 0; i < to; i++) {
    const centre = ((i + 0.5) * from) / to - 0.5;
    const below = Math.floor(centre);
    low[i] = Math.max(0, below);
    high[i] = Math.min(from - 1, below + 1);
    weight[i] = centre - below;
  }
  return { low, high, weight };
}

function blendColumns(
  image: Uint8Array,
  out: Uint8Array,
  height: number,
  width: number,
  channels: number,
  { low, high, weight }: Between,
): void {
  for (let y = 0; y < height; y++)
    for (let x = 0; x < weight.length; x++)
      for (let c = 0; c < channels; c++) {
        const at = (column: number) => image[(y * width + column) * channels + c];
        out[(y * weight.length + x) * channels + c] = blend(at(low[x]), at(high[x]), weight[x]);
      }
}

function blendRows(image: Uint8Array, out: Uint8Array, row: number, { low, high, weight }: Between): void {
  for (let y = 0; y < weight.length; y++)
    for (let x = 0; x < row; x++)
      out[y * row + x] = blend(image[low[y] * row + x], image[high[y] * row + x], weight[y]);
}

function blend(first: number, second: number, weight: number): number {
  return Math.floor(first + (second - first) * weight + 0.5);
}
