/**
 * The safetensors format: a length, a JSON header, then the tensors one after another.
 *
 * Source: https://github.com/huggingface/safetensors, "Format": 8 bytes little-endian header length, JSON
 * starting with `{` (spaces may follow it), per tensor `dtype`, `shape` and `data_offsets` counted from the
 * end of the header, `__metadata__` of texts; tensors cover the rest of the file without overlap or hole.
 * Values are little-endian, C order.
 * Limits: 16 MiB of header, which bounds the memory (the format itself allows 100 MB).
 */
import { show } from '../core/errors.js';
import { type ArrayEntry, type ArrayFile, arrayWhere, unknownName } from './arrayFile.js';
import { type ByteSource, readRange, sliceSource } from './byteSource.js';
import { type DType, itemSize } from './dtypes.js';
import { arrayEntry, shapeText } from './layout.js';
import { utf8OrNull } from './platform.js';
import { repeatedKey } from './jsonKeys.js';
import { brief, refuseBytes } from './refuseBytes.js';
import { countItems } from './shape.js';

/** Longest header that is read, in bytes. */
export const MAX_SAFETENSORS_HEADER = 2 ** 24;

/** The key that is not a tensor. */
export const METADATA_KEY = '__metadata__';

/** What safetensors calls the types that can be read. */
export const SAFETENSORS_DTYPES: ReadonlyMap<string, DType> = new Map([
  ['F16', 'float16'],
  ['BF16', 'bfloat16'],
  ['F32', 'float32'],
  ['F64', 'float64'],
  ['I8', 'int8'],
  ['I16', 'int16'],
  ['I32', 'int32'],
  ['I64', 'int64'],
  ['U8', 'uint8'],
  ['U16', 'uint16'],
  ['U32', 'uint32'],
  ['U64', 'uint64'],
  ['BOOL', 'bool'],
]);

/** Bytes an item of types that may be in a file but are not read. */
const OTHER_SIZES: ReadonlyMap<string, number> = new Map([
  ['F8_E4M3', 1],
  ['F8_E5M2', 1],
  ['F8_E8M0', 1],
  ['C64', 8],
]);

interface Tensor {
  readonly name: string;
  readonly code: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** Opens a source that is a safetensors file; the whole header is checked here. Throws a format error. */
export async function openSafetensors(source: ByteSource): Promise<ArrayFile> {
  const { name: where } = source;
  const lengthBytes = await readRange(source, where, 'the safetensors header length', 0, 8);
  const length = Number(new DataView(lengthBytes.buffer).getBigUint64(0, true));
  if (length < 2 || length > MAX_SAFETENSORS_HEADER)
    refuseBytes(where, `a safetensors header of 2 to ${MAX_SAFETENSORS_HEADER} bytes`, length);
  const bytes = await readRange(source, where, 'the safetensors header', 8, length);
  const { tensors, metadata } = parseHeader(where, bytes);
  checkCover(where, tensors, source.size - 8 - length);
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const names = [...byName.keys()];
  return {
    format: 'safetensors',
    name: where,
    byteSize: source.size,
    names,
    metadata,
    has: (name) => byName.has(name),
    async get(name) {
      const tensor = byName.get(name);
      if (tensor === undefined) throw unknownName(where, names, name);
      return Promise.resolve(tensorEntry(source, 8 + length, tensor));
    },
    words: (name) =>
      byName.has(name) ? Promise.resolve(null) : Promise.reject(unknownName(where, names, name)),
    close: async () => source.close?.(),
  };
}

function tensorEntry(source: ByteSource, dataStart: number, tensor: Tensor): ArrayEntry {
  const { name, code, shape, begin, end } = tensor;
  const where = arrayWhere(source.name, name);
  const dtype = SAFETENSORS_DTYPES.get(code);
  if (dtype === undefined) refuseBytes(where, 'float16/32/64, bfloat16, integers or bool', show(code));
  const data = sliceSource(source, where, dataStart + begin, end - begin);
  return arrayEntry({ name, where, shape, dtype, bigEndian: false, fortran: false, data });
}

function parseHeader(
  where: string,
  bytes: Uint8Array,
): { readonly tensors: readonly Tensor[]; readonly metadata: ReadonlyMap<string, string> } {
  const text = utf8OrNull(bytes);
  if (text?.startsWith('{') !== true)
    return refuseBytes(where, 'a safetensors header that is JSON in UTF-8 starting with {', 'other bytes');
  const header = parseJson(where, text);
  const metadata = new Map<string, string>();
  const tensors: Tensor[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name !== METADATA_KEY) tensors.push(parseTensor(arrayWhere(where, name), name, value));
    else
      for (const [key, item] of Object.entries(objectOf(`${where}[${METADATA_KEY}]`, value))) {
        if (typeof item !== 'string')
          refuseBytes(`${where}[${METADATA_KEY}]`, `text for ${show(key)}`, brief(item));
        metadata.set(key, item);
      }
  }
  return { tensors, metadata };
}

function parseTensor(where: string, name: string, value: unknown): Tensor {
  const fields = objectOf(where, value);
  const unknown = Object.keys(fields).find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (unknown !== undefined) refuseBytes(where, 'dtype, shape and data_offsets only', show(unknown));
  const { dtype, shape, data_offsets: offsets } = fields;
  if (typeof dtype !== 'string') return refuseBytes(where, 'a dtype', brief(dtype));
  const known = SAFETENSORS_DTYPES.get(dtype);
  const size = known === undefined ? OTHER_SIZES.get(dtype) : itemSize(known);
  if (!Array.isArray(shape)) return refuseBytes(where, 'a shape', brief(shape));
  const count = countItems(where, shape);
  if (!Array.isArray(offsets) || offsets.length !== 2)
    return refuseBytes(where, 'data_offsets of two numbers', brief(offsets));
  const [begin, end] = offsets as readonly unknown[];
  if (!isOffset(begin) || !isOffset(end) || begin > end)
    return refuseBytes(
      where,
      'data_offsets of two integers, begin ≤ end',
      `${brief(begin)} and ${brief(end)}`,
    );
  const axes = shape as readonly number[];
  // Of a type that is new or odd the size is not known; whoever asks for it is refused.
  if (size !== undefined && end - begin !== count * size)
    refuseBytes(where, `${count * size} bytes for ${dtype} of shape ${shapeText(axes)}`, end - begin);
  return { name, code: dtype, shape: axes, begin, end };
}

/** The tensors, by offset, have to cover the `size` bytes after the header exactly once. */
function checkCover(where: string, tensors: readonly Tensor[], size: number): void {
  const order = [...tensors].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let at = 0;
  for (const { name, begin, end } of order) {
    if (begin !== at)
      refuseBytes(
        arrayWhere(where, name),
        `tensors without ${begin < at ? 'overlap' : 'holes'}: one that begins at ${at}`,
        begin,
      );
    at = end;
  }
  if (at !== size) refuseBytes(where, `${at} bytes of tensors after the header`, size);
}

function parseJson(where: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    refuseBytes(where, 'a safetensors header that is JSON', show(text.slice(0, 40)));
  }
  const twice = repeatedKey(text);
  if (twice !== null) refuseBytes(where, 'a safetensors header with each key once', `${show(twice)} twice`);
  return objectOf(where, value);
}

function objectOf(where: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuseBytes(where, 'a JSON object', brief(value));
  return value as Readonly<Record<string, unknown>>;
}

function isOffset(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
