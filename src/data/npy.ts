/**
 * The npy format: one array, magic `\x93NUMPY`, a version, a text header, the numbers.
 *
 * Source: numpy/lib/format.py. Versions 1.0, 2.0 and 3.0, both byte orders, C and Fortran order.
 * A file is exactly its header and its numbers: shorter and longer ones are refused.
 */
import { refuse, refuseShape, show } from '../core/errors.js';
import { type ArrayEntry, type ArrayFile, unknownName, type WordEntry } from './arrayFile.js';
import { type ByteSource, readRange, sliceSource } from './byteSource.js';
import { type DType, encodeItems } from './dtypes.js';
import { arrayEntry, shapeText } from './layout.js';
import { npyDescr, npyTextType, parseNpyFields, parseNpyHeader } from './npyHeader.js';
import { latin1, utf8Bytes, utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';
import { countItems } from './shape.js';
import { wordEntry } from './words.js';

/** The first bytes of every npy file. */
export const NPY_MAGIC: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

const MAX_HEADER = 65535;

/** What the one array of an npy file is called. */
const ONLY_NAME = 'array';

/** Opens a source that is an npy file. Throws a format error, naming what is wrong with it. */
export async function openNpy(source: ByteSource): Promise<ArrayFile> {
  const entry = await npyEntry(source, ONLY_NAME, source.name);
  return {
    format: 'npy',
    name: source.name,
    byteSize: source.size,
    names: [ONLY_NAME],
    metadata: new Map(),
    has: (name) => name === ONLY_NAME,
    get: (name) =>
      name === ONLY_NAME
        ? Promise.resolve(entry)
        : Promise.reject(unknownName(source.name, [ONLY_NAME], name)),
    words: (name) =>
      name === ONLY_NAME
        ? npyWords(source, source.name)
        : Promise.reject(unknownName(source.name, [ONLY_NAME], name)),
    close: async () => source.close?.(),
  };
}

/** The array of a source that is an npy file: the file itself, or a member of an npz. */
export async function npyEntry(source: ByteSource, name: string, where: string): Promise<ArrayEntry> {
  const { text, data } = await npyParts(source, where);
  return arrayEntry({ ...parseNpyHeader(where, text), name, where, data });
}

/** The same for an array of text; null where it is one of numbers. */
export async function npyWords(source: ByteSource, where: string): Promise<WordEntry | null> {
  const { text, data } = await npyParts(source, where);
  const { descr, fortran, shape } = parseNpyFields(where, text);
  const type = npyTextType(descr);
  return type === null ? null : wordEntry({ where, shape, fortran, type, data });
}

/** The text of the header, and the bytes behind it. */
async function npyParts(
  source: ByteSource,
  where: string,
): Promise<{ readonly text: string; readonly data: ByteSource }> {
  const start = await readRange(source, where, 'the npy magic and version', 0, 10);
  if (NPY_MAGIC.some((byte, i) => start[i] !== byte))
    refuseBytes(where, 'npy data (magic \\x93NUMPY)', show(start.slice(0, 6)));
  const version = start[6];
  if (version < 1 || version > 3) refuseBytes(where, 'npy version 1, 2 or 3', version);
  let length = start[8] + 256 * start[9];
  let at = 10;
  if (version > 1) {
    const high = await readRange(source, where, 'the npy header length', 10, 2);
    length += 65536 * (high[0] + 256 * high[1]);
    at = 12;
  }
  if (length > MAX_HEADER) refuseBytes(where, `an npy header of at most ${MAX_HEADER} bytes`, length);
  const bytes = await readRange(source, where, 'the npy header', at, length);
  const text = version < 3 ? latin1(bytes) : utf8OrNull(bytes);
  if (text === null) return refuseBytes(where, 'an npy header in UTF-8', 'other bytes');
  at += length;
  return { text, data: sliceSource(source, where, at, source.size - at) };
}

/**
 * The bytes of an npy file (version 1.0, little-endian, C order) holding `values` as `dtype`.
 * Throws a dimension error when the shape does not count the values, an argument error for numbers an integer
 * type cannot hold and for bfloat16, which npy has not.
 */
export function encodeNpy(values: ArrayLike<number>, shape: readonly number[], dtype: DType): Uint8Array {
  const where = 'encodeNpy';
  if (countItems(where, shape) !== values.length)
    refuseShape(where, 'a shape that counts the values', `${shapeText(shape)} for ${values.length}`);
  const descr = npyDescr(dtype);
  if (descr === null) return refuse(where, 'a number type of NumPy', dtype);
  const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shapeText(shape)}, }`;
  // Spaces and a line feed fill the header up to a multiple of 64, as NumPy writes it.
  const total = Math.ceil((10 + dict.length + 1) / 64) * 64;
  const data = encodeItems(values, dtype, where);
  const out = new Uint8Array(total + data.length);
  out.set(NPY_MAGIC);
  out.set([1, 0, (total - 10) & 255, (total - 10) >> 8], 6);
  out.set(utf8Bytes(`${dict.padEnd(total - 11)}\n`), 10);
  out.set(data, total);
  return out;
}
