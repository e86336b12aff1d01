/**
 * What every array format looks like from outside: named arrays whose rows can be read a few at a time.
 *
 * "Rows" are slices along the first axis, whatever the rank; an array of rank 0 counts as one row of one
 * number.
 */
import { InputError, show } from '../core/errors.js';
import type { Floats } from '../core/matrix.js';
import { nearest } from '../core/suggest.js';
import type { DType } from './dtypes.js';

/**
 * One read hands out at most this many numbers (1 GiB as float64); `rows` in smaller pieces has no such
 * limit.
 */
export const MAX_ITEMS_AT_ONCE = 2 ** 27;

/** One array of a file. Nothing of it is held in memory. */
export interface ArrayEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** Numbers in all: the product of the shape. */
  readonly itemCount: number;
  /** Length of the first axis; 1 at rank 0. */
  readonly rowCount: number;
  /** Numbers in one row: the product of the other axes. */
  readonly rowLength: number;
  /** File and array, for messages: `run.npz[features]`. */
  readonly where: string;
  /**
   * Rows [start, start + count) in C order, count × rowLength numbers: a Float32Array for float32, float16
   * and bfloat16, otherwise a Float64Array. The caller owns the result.
   *
   * Memory: the bytes of those rows and, unless they are little-endian float32 or float64, their numbers
   * beside them; a Fortran-ordered array adds at most 16 MiB. Time: compressed arrays are read forwards, so
   * going back, or a Fortran-ordered compressed array, inflates again from its start on each call.
   * Throws an argument error outside the array, or for more than `MAX_ITEMS_AT_ONCE` numbers; a format error
   * for truncated or corrupt bytes or integers beyond ±(2⁵³ − 1).
   */
  rows(start: number, count: number): Promise<Floats>;
  /** The whole array in C order as float64. Throws an argument error above `MAX_ITEMS_AT_ONCE` numbers. */
  all(): Promise<Float64Array>;
}

/** One array of text. Nothing of it is held in memory. */
export interface WordEntry {
  readonly where: string;
  readonly shape: readonly number[];
  readonly itemCount: number;
  /** Items [start, start + count) in the order of the file. */
  read(start: number, count: number): Promise<string[]>;
}

/** An open file of named arrays. */
export interface ArrayFile {
  readonly format: 'npy' | 'npz' | 'safetensors' | 'pt';
  /** What the byte source was called, for example the path. */
  readonly name: string;
  /** Bytes of the file itself: a bound for what its reader may ask of the memory. */
  readonly byteSize: number;
  /** Names in the order of the file. The one array of an npy file is called `array`, and so is a tensor saved alone. */
  readonly names: readonly string[];
  /** The free texts of a safetensors file, single numbers and texts of a torch.save file; empty for the other formats. */
  readonly metadata: ReadonlyMap<string, string>;
  has(name: string): boolean;
  /**
   * The array of that name; its header is read and checked here, its numbers are not read yet.
   * Throws an argument error listing the names that are there, a format error for a bad or unsupported array.
   */
  get(name: string): Promise<ArrayEntry>;
  /**
   * The array of that name where it is one of text (npy and npz alone have them), null for numbers. Throws as `get` does.
   */
  words(name: string): Promise<WordEntry | null>;
  /** Closes the byte source. */
  close(): Promise<void>;
}

/** How messages name an array of a file. */
export function arrayWhere(file: string, name: string): string {
  return `${file}[${name.length > 80 ? `${name.slice(0, 77)}…` : name}]`;
}

/** The names of a file's arrays, for messages. */
export function listNames(names: readonly string[]): string {
  return names.slice(0, 30).join(', ') + (names.length > 30 ? `, … ${names.length} in all` : '');
}

/** The argument error for a name that is not in the file, with the names that are. */
export function unknownName(file: string, names: readonly string[], name: string): InputError {
  const there = names.length === 0 ? 'it holds no arrays' : `it holds ${listNames(names)}`;
  const near = nearest(name, names);
  const hint = near === null ? there : `did you mean ${near}? ${there}`;
  return new InputError('argument', file, 'the name of an array in the file', show(name), hint);
}
