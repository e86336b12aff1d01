/**
 * NumPy arrays in a pickle: an empty array is made, and filled by its state.
 *
 * Source: `array_reduce` and `array_setstate` of NumPy's methods.c, and `_frombuffer` of its protocol 5; NumPy 2 calls its core
 * `numpy._core`. Limits: bytes and integers in C order, which is what labels and images are; every other type is refused.
 */
import { isKind, type PickleMade, type PickleNames, type PickleValue } from './pickle.js';
import { utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';

/** An array of a pickle. */
export interface PickledArray {
  readonly shape: readonly number[];
  /** Bytes of an item; signed or not. */
  readonly itemSize: number;
  readonly signed: boolean;
  /** The items in C order, little-endian. */
  readonly bytes: Uint8Array;
}

interface DTypeCode {
  readonly itemSize: number;
  readonly signed: boolean;
}

const ARRAY = 'array';
const DTYPE = 'dtype';
const CORES = ['numpy.core', 'numpy._core'];

/** The names of a pickle of arrays; `where` is what errors call the file. */
export function numpyNames(where: string, hint: string): PickleNames {
  const refuseArray = (got: string) =>
    refuseBytes(where, 'NumPy arrays of bytes or integers in C order', got, hint);
  const dtypeOf = (value: PickleValue | undefined): DTypeCode =>
    value !== undefined && isKind(value, 'made') && value.what === DTYPE
      ? (value.value as DTypeCode)
      : refuseArray('an array without its type');
  const arrayOf = (
    shape: PickleValue | undefined,
    dtype: DTypeCode,
    bytes: PickleValue | undefined,
  ): PickledArray => {
    if (!Array.isArray(shape) || !shape.every(isSize)) return refuseArray('no shape');
    const items = shape.reduce((product, size) => product * size, 1);
    if (!(bytes instanceof Uint8Array) || bytes.length !== items * dtype.itemSize)
      return refuseArray(`other bytes than ${items} items have`);
    return { shape, ...dtype, bytes };
  };
  const reconstruct = (): PickleMade => {
    const made: { kind: 'made'; what: string; value: unknown; build: (state: PickleValue) => void } = {
      ...{ kind: 'made', what: ARRAY, value: null },
      build(state) {
        // (version, shape, dtype, Fortran order, bytes)
        if (!Array.isArray(state) || state.length !== 5) return refuseArray('another state of an array');
        const [, shape, dtype, fortran, bytes] = state;
        if (fortran === true || fortran === 1) refuseArray('an array in Fortran order');
        made.value = arrayOf(shape, dtypeOf(dtype), bytes);
      },
    };
    return made;
  };
  const calls = new Map<string, (args: readonly PickleValue[]) => PickleValue>([
    ['numpy.dtype', ([code]) => dtypeMade(textOf(code) ?? refuseArray('a type without a name'), refuseArray)],
    ...CORES.flatMap((core): [string, (args: readonly PickleValue[]) => PickleValue][] => [
      [`${core}.multiarray._reconstruct`, reconstruct],
      [
        `${core}.numeric._frombuffer`,
        ([bytes, dtype, shape, order]) => {
          if (textOf(order) !== 'C') refuseArray('an array in Fortran order');
          return { kind: 'made', what: ARRAY, value: arrayOf(shape, dtypeOf(dtype), bytes) };
        },
      ],
    ]),
  ]);
  return { calls, names: new Set(['numpy.ndarray']), hint };
}

/** The array that a value is; null for another, and for one that was not filled. */
export function pickledArray(value: PickleValue | undefined): PickledArray | null {
  return value !== undefined && isKind(value, 'made') && value.what === ARRAY
    ? (value.value as PickledArray | null)
    : null;
}

/** Its items as numbers: integers of at most six bytes' worth are exact. */
export function arrayNumbers({ itemSize, signed, bytes }: PickledArray): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read: Readonly<Record<number, (at: number) => number>> = {
    1: (at) => (signed ? view.getInt8(at) : view.getUint8(at)),
    2: (at) => (signed ? view.getInt16(at, true) : view.getUint16(at, true)),
    4: (at) => (signed ? view.getInt32(at, true) : view.getUint32(at, true)),
    8: (at) => Number(signed ? view.getBigInt64(at, true) : view.getBigUint64(at, true)),
  };
  return Array.from({ length: bytes.length / itemSize }, (_, i) => read[itemSize](i * itemSize));
}

/** `u1`, `<i8` and so on; its state says the byte order again. */
function dtypeMade(code: string, refuseArray: (got: string) => never): PickleMade {
  const match = /^[<|=]?([iub])([1248])$/.exec(code);
  if (match === null) return refuseArray(`the type ${code}`);
  const [, kind, size] = match;
  const value: DTypeCode = { itemSize: Number(size), signed: kind === 'i' };
  return {
    ...{ kind: 'made', what: DTYPE, value },
    build(state) {
      // (version, byte order, …)
      if (Array.isArray(state) && textOf(state[1]) === '>') refuseArray('big-endian items');
    },
  };
}

/** Text, also as the bytes that Python 2 wrote. */
function textOf(value: PickleValue | undefined): string | null {
  if (value instanceof Uint8Array) return utf8OrNull(value);
  return typeof value === 'string' ? value : null;
}

function isSize(value: PickleValue): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
