/**
 * The IDX format of MNIST and Fashion-MNIST: images (magic 0x00000803) and labels (0x00000801), plain or gzipped.
 *
 * Source: the description at http://yann.lecun.com/exdb/mnist/. A file is the magic, one big-endian uint32 an axis, and
 * one byte an item, nothing after. Limits: unsigned bytes only, at most 2^30 of them. The sizes in the header must give
 * the length of the file (for a gzip file the length it declares) before anything of that length is allocated.
 */
import { refuseShape } from '../core/errors.js';
import { type ByteSource, readRange } from './byteSource.js';
import { gunzipped, isGzip } from './gzip.js';
import { refuseBytes } from './refuseBytes.js';

const MAX_ITEMS = 2 ** 30;

/** Images with their labels, as the files have them. */
export interface IdxPair {
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  /** N×H×W bytes. */
  readonly pixels: Uint8Array;
  /** N bytes. */
  readonly labels: Uint8Array;
}

/** One IDX file. */
export interface IdxArray {
  /** [N, H, W] for images, [N] for labels; each at least 1. */
  readonly shape: readonly number[];
  /** The items in C order: the part of `file` behind its header. */
  readonly data: Uint8Array;
  /** The whole file, unpacked. */
  readonly file: Uint8Array;
}

/**
 * Reads an IDX file of images (N×H×W) or labels (N), gzipped or not. Throws a format error, one line naming the file,
 * for another magic, an axis of zero, a length that is not the header's, or damaged gzip data.
 */
export async function readIdx(source: ByteSource, holds: 'images' | 'labels'): Promise<IdxArray> {
  const { name } = source;
  const plain = (await isGzip(source)) ? await gunzipped(source) : source;
  const axes = holds === 'images' ? 3 : 1;
  const headerSize = 4 + 4 * axes;
  const header = await readRange(plain, name, 'the IDX magic', 0, 4);
  const magic = new DataView(header.buffer, header.byteOffset).getUint32(0);
  const wanted = 0x0800 + axes;
  if (magic !== wanted)
    refuseBytes(name, `an IDX file of ${holds} (magic ${hex(wanted)})`, `magic ${hex(magic)}`);
  const rest = await readRange(plain, name, 'the IDX header', 0, headerSize);
  const fields = new DataView(rest.buffer, rest.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => fields.getUint32(4 + 4 * axis));
  const items = shape.reduce((product, axis) => product * axis, 1);
  const text = shape.join('×');
  if (items < 1 || items > MAX_ITEMS) refuseBytes(name, `${holds} of 1 to ${MAX_ITEMS} bytes in all`, text);
  const length = headerSize + items;
  if (plain.size !== length)
    refuseBytes(
      name,
      `${length} bytes${plain === source ? '' : ' unpacked'}, a header and ${text} ${holds}`,
      plain.size,
      plain.size < length ? 'the file is cut off' : 'there are bytes behind the last item',
    );
  const file = await readRange(plain, name, `the ${holds}`, 0, length);
  return { shape, data: file.subarray(headerSize), file };
}

/**
 * Images and labels that belong together. Throws a dimension error naming the file of labels where there is not one
 * label an image.
 */
export function pairIdx(images: IdxArray, labels: IdxArray, labelsName: string): IdxPair {
  const [samples, height, width] = images.shape;
  if (labels.shape[0] !== samples)
    refuseShape(labelsName, `one label for each of ${samples} images`, `${labels.shape[0]} labels`);
  return { samples, height, width, pixels: images.data, labels: labels.data };
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
