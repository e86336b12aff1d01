/**
 * Number types of array files, and the way between their bytes and floats.
 *
 * float32, float16 and bfloat16 are handed out as Float32Array, everything else as Float64Array; each
 * conversion is exact, and an int64 or uint64 beyond ±(2⁵³ − 1), which no double holds for sure, is refused.
 * Little-endian hosts are assumed, as WebAssembly and every JavaScript platform in use have it.
 */
import { refuse } from '../core/errors.js';
import type { Floats } from '../core/matrix.js';
import { refuseBytes } from './refuseBytes.js';

/** The number types that can be read and written. */
export type DType =
  | 'float16'
  | 'bfloat16'
  | 'float32'
  | 'float64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'bool';

/** Bytes of one number. */
export function itemSize(dtype: DType): number {
  switch (dtype) {
    case 'int8':
    case 'uint8':
    case 'bool':
      return 1;
    case 'float16':
    case 'bfloat16':
    case 'int16':
    case 'uint16':
      return 2;
    case 'float32':
    case 'int32':
    case 'uint32':
      return 4;
    case 'float64':
    case 'int64':
    case 'uint64':
      return 8;
  }
  return dtype satisfies never;
}

/** True for the types handed out as Float32Array. */
export function isSingle(dtype: DType): boolean {
  return dtype === 'float32' || dtype === 'float16' || dtype === 'bfloat16';
}

/** An array of zeros of the kind `decodeItems` gives. */
export function floatsFor(dtype: DType, length: number): Floats {
  return isSingle(dtype) ? new Float32Array(length) : new Float64Array(length);
}

/**
 * The numbers in `bytes`, whose length is a multiple of the item size. Takes ownership: the result may be a
 * view of `bytes`, and big-endian bytes are swapped in place. `first` is the index of the first number in its
 * array, for the message about an integer that is too large.
 */
export function decodeItems(
  bytes: Uint8Array,
  dtype: DType,
  bigEndian: boolean,
  where: string,
  first = 0,
): Floats {
  const size = itemSize(dtype);
  const aligned = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  if (bigEndian && size > 1) swapInto(aligned, size);
  const { buffer, byteOffset } = aligned;
  const count = aligned.length / size;
  switch (dtype) {
    case 'float32':
      return new Float32Array(buffer, byteOffset, count);
    case 'float64':
      return new Float64Array(buffer, byteOffset, count);
    case 'float16':
      return throughTable(new Uint16Array(buffer, byteOffset, count), halfTable());
    case 'bfloat16':
      return fromBfloat(new Uint16Array(buffer, byteOffset, count));
    case 'int8':
      return new Float64Array(new Int8Array(buffer, byteOffset, count));
    case 'int16':
      return new Float64Array(new Int16Array(buffer, byteOffset, count));
    case 'int32':
      return new Float64Array(new Int32Array(buffer, byteOffset, count));
    case 'uint8':
      return new Float64Array(aligned);
    case 'uint16':
      return new Float64Array(new Uint16Array(buffer, byteOffset, count));
    case 'uint32':
      return new Float64Array(new Uint32Array(buffer, byteOffset, count));
    case 'bool':
      return Float64Array.from(aligned, (byte) => (byte === 0 ? 0 : 1));
    case 'int64':
      return fromLong(new Int32Array(buffer, byteOffset, 2 * count), where, first);
    case 'uint64':
      return fromLong(new Uint32Array(buffer, byteOffset, 2 * count), where, first);
  }
  return dtype satisfies never;
}

/**
 * The little-endian bytes of `values` as `dtype`; floats are rounded to nearest, ties to even.
 * Throws an argument error for a value an integer type cannot hold.
 */
export function encodeItems(values: ArrayLike<number>, dtype: DType, where: string): Uint8Array {
  const count = values.length;
  switch (dtype) {
    case 'float32':
      return bytesOf(values instanceof Float32Array ? values : Float32Array.from(values));
    case 'float64':
      return bytesOf(values instanceof Float64Array ? values : Float64Array.from(values));
    case 'float16':
      return bytesOf(Uint16Array.from(values, (value) => floatBits(value, 10, 5)));
    case 'bfloat16':
      return bytesOf(Uint16Array.from(values, (value) => floatBits(value, 7, 8)));
    default:
      break;
  }
  const size = itemSize(dtype);
  const [low, high] = integerRange(dtype);
  const out = new DataView(new ArrayBuffer(count * size));
  for (let i = 0; i < count; i++) {
    const value = values[i];
    if (!Number.isInteger(value) || value < low || value > high)
      refuse(where, `integers from ${low} to ${high} for ${dtype}`, `${value} at index ${i}`);
    if (size === 1) out.setUint8(i, value & 0xff);
    else if (size === 2) out.setUint16(2 * i, value & 0xffff, true);
    else if (size === 4) out.setUint32(4 * i, value >>> 0, true);
    else out.setBigInt64(8 * i, BigInt(value), true);
  }
  return new Uint8Array(out.buffer);
}

function integerRange(dtype: DType): readonly [number, number] {
  if (dtype === 'bool') return [0, 1];
  const bits = 8 * itemSize(dtype);
  if (bits === 64) return [dtype === 'uint64' ? 0 : Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  return dtype.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Reverses the bytes of each item in place. */
function swapInto(bytes: Uint8Array, size: number): void {
  for (let at = 0; at < bytes.length; at += size)
    for (let low = at, high = at + size - 1; low < high; low++, high--) {
      const byte = bytes[low];
      bytes[low] = bytes[high];
      bytes[high] = byte;
    }
}

function fromLong(words: Int32Array | Uint32Array, where: string, first: number): Float64Array {
  const out = new Float64Array(words.length / 2);
  for (let i = 0; i < out.length; i++) {
    const value = words[2 * i + 1] * 2 ** 32 + (words[2 * i] >>> 0);
    if (!Number.isSafeInteger(value))
      refuseBytes(where, 'integers within ±(2^53 − 1)', `about ${value} at index ${first + i}`);
    out[i] = value;
  }
  return out;
}

let halves: Float32Array | undefined;

/** All 65 536 values of IEEE 754 binary16, built on first use. */
function halfTable(): Float32Array {
  if (halves !== undefined) return halves;
  halves = new Float32Array(2 ** 16);
  for (let bits = 0; bits < 2 ** 16; bits++) {
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const size = sizeOfHalf(exponent, fraction);
    halves[bits] = bits & 0x8000 ? -size : size;
  }
  return halves;
}

function throughTable(codes: Uint16Array, table: Float32Array): Float32Array {
  const out = new Float32Array(codes.length);
  for (let i = 0; i < out.length; i++) out[i] = table[codes[i]];
  return out;
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat(codes: Uint16Array): Float32Array {
  const bits = new Uint32Array(codes.length);
  for (let i = 0; i < bits.length; i++) bits[i] = codes[i] << 16;
  return new Float32Array(bits.buffer);
}

/** The bits of `value` as a 16-bit float of that many fraction and exponent bits, ties to even. */
function floatBits(value: number, fractionBits: number, exponentBits: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const top = 2 ** exponentBits - 1;
  const infinity = sign | (top << fractionBits);
  if (Number.isNaN(value)) return (top << fractionBits) | (1 << (fractionBits - 1));
  const size = Math.abs(value);
  if (size === Infinity) return infinity;
  if (size === 0) return sign;
  const bias = (top - 1) / 2;
  const smallest = 1 - bias;
  // log2 may be off by one at a power of two: both neighbours give the same rounded number below.
  const exponent = Math.max(Math.floor(Math.log2(size)), smallest);
  // Exact: a power of two scales the value, and the quotient is below 2^(fractionBits + 2).
  const steps = roundEven(size * 2 ** (fractionBits - exponent));
  // Counting steps of the unit in the last place carries over into the exponent field by itself.
  const bits = steps + (exponent - smallest) * 2 ** fractionBits;
  return bits >= top << fractionBits ? infinity : sign | bits;
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function sizeOfHalf(exponent: number, fraction: number): number {
  if (exponent === 31) return fraction === 0 ? Infinity : NaN;
  return exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
}
