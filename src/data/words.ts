/**
 * Arrays of text in npy files: `<U3` (UTF-32, padded with zeros) and `|S3` (bytes). Read for labels that are words.
 *
 * Limits: words of 256 characters; C order.
 */
import { type ByteSource, readRange } from './byteSource.js';
import type { WordEntry } from './arrayFile.js';
import { shapeText } from './layout.js';
import type { NpyTextType } from './npyHeader.js';
import { utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';
import { countItems } from './shape.js';

const LONGEST_WORD = 256;
const LARGEST_CODE = 0x10ffff;

export function wordEntry(layout: {
  readonly where: string;
  readonly shape: readonly number[];
  readonly fortran: boolean;
  readonly type: NpyTextType;
  readonly data: ByteSource;
}): WordEntry {
  const { where, shape, type, data } = layout;
  const itemCount = countItems(where, shape);
  const bytes = type.kind === 'U' ? 4 * type.width : type.width;
  if (type.width > LONGEST_WORD)
    refuseBytes(where, `words of at most ${LONGEST_WORD} characters`, type.width);
  if (itemCount * bytes !== data.size)
    refuseBytes(where, `${itemCount * bytes} bytes for text of shape ${shapeText(shape)}`, data.size);
  return {
    where,
    shape,
    itemCount,
    async read(start, count) {
      const part = await readRange(data, where, 'the words', start * bytes, count * bytes);
      const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
      return Array.from({ length: count }, (_, i) =>
        type.kind === 'U'
          ? fromUtf32(view, i * bytes, type, where, start + i)
          : fromBytes(part.subarray(i * bytes, (i + 1) * bytes), where, start + i),
      );
    },
  };
}

function fromUtf32(view: DataView, at: number, type: NpyTextType, where: string, index: number): string {
  let word = '';
  let length = type.width;
  while (length > 0 && view.getUint32(at + 4 * (length - 1), true) === 0) length--;
  for (let j = 0; j < length; j++) {
    const code = view.getUint32(at + 4 * j, !type.bigEndian);
    if (code > LARGEST_CODE) refuseBytes(where, 'text in UTF-32', `${code} at index ${index}`);
    word += String.fromCodePoint(code);
  }
  return word;
}

function fromBytes(bytes: Uint8Array, where: string, index: number): string {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return (
    utf8OrNull(bytes.subarray(0, length)) ??
    refuseBytes(where, 'text in UTF-8', `other bytes at index ${index}`)
  );
}
