/**
 * One native BLAS with LAPACK, opened through koffi: its spelling of the symbols and the width of its integers.
 *
 * Builds differ in both. An LP64 library takes 32-bit integers, an ILP64 one 64-bit integers (OpenBLAS: `USE64BITINT`), with
 * plain names (Debian's libopenblas64, nixpkgs) or with `64_` appended (Julia, Fedora) and `scipy_` in front (NumPy, SciPy).
 * Calling the one as the other reads half of an integer and ends the process, so the width is asked for before anything is called.
 */
import { statSync, type Stats } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import type koffiModule from 'koffi';

type Routine = (...values: unknown[]) => unknown;

/** What a library puts around the names of its routines. */
interface Spelling {
  readonly prefix: string;
  readonly suffix: string;
}

/** The plain one first: a library that has several has LP64 under the plain names. */
const SPELLINGS: readonly Spelling[] = [
  { prefix: '', suffix: '' },
  { prefix: '', suffix: '64_' },
  { prefix: 'scipy_', suffix: '' },
  { prefix: 'scipy_', suffix: '64_' },
];

export interface NativeLibrary {
  readonly path: string;
  /** What OpenBLAS says of its build; null for another library. */
  readonly config: string | null;
  /** The kernels that OpenBLAS computes with, by the name of a processor; null for another library. */
  readonly core: string | null;
  /** Whether the integers of its interface have 64 bits. */
  readonly longIntegers: boolean;
  /**
   * A routine by its plain name; throws where the library has none. In `parameters` the word `integer` stands for the library's
   * own integers, `int` for those of C (enumerations, numbers of threads).
   */
  readonly routine: (result: string, name: string, parameters: string) => Routine;
  /** As `routine`, null where the library has none. */
  readonly optional: (result: string, name: string, parameters: string) => Routine | null;
  /** Values for a parameter `integer*`. */
  readonly integers: (...values: readonly number[]) => Int32Array | BigInt64Array;
  /** Room for `length` integers. */
  readonly integerSpace: (length: number) => Int32Array | BigInt64Array;
}

/** Loaded with the first library: it takes a third of the time of a small command, and some need none. */
function requireKoffi(): typeof koffiModule {
  return createRequire(import.meta.url)('koffi') as typeof koffiModule;
}

/** Opens a library by path or by name; throws an Error with one sentence where it cannot be used. */
export function openLibrary(path: string): NativeLibrary {
  refuseSpecialFile(path);
  const library = requireKoffi().load(path);
  const spelling = SPELLINGS.find((form) => has(library, form, 'cblas_dgemm')) ?? SPELLINGS[0];
  const bind = (result: string, name: string, parameters: string): Routine =>
    library.func(`${result} ${spell(spelling, name)}(${parameters})`);
  const attempt = (result: string, name: string, parameters: string): Routine | null => {
    try {
      return bind(result, name, parameters);
    } catch {
      return null;
    }
  };

  const described = attempt('const char*', 'openblas_get_config', '')?.();
  const config = typeof described === 'string' ? described : null;
  const core = attempt('const char*', 'openblas_get_corename', '')?.();
  const longIntegers = config?.includes('USE64BITINT') === true || writesLongIntegers(attempt);
  const integer = longIntegers ? 'int64_t' : 'int32_t';
  const declare = (parameters: string) => parameters.replace(/\binteger\b/g, integer);

  return {
    path,
    config,
    core: typeof core === 'string' ? core : null,
    longIntegers,
    routine: (result, name, parameters) => bind(result, name, declare(parameters)),
    optional: (result, name, parameters) => attempt(result, name, declare(parameters)),
    integers: (...values) =>
      longIntegers ? BigInt64Array.from(values, (value) => BigInt(value)) : Int32Array.from(values),
    integerSpace: (length) => (longIntegers ? new BigInt64Array(length) : new Int32Array(length)),
  };
}

function spell({ prefix, suffix }: Spelling, name: string): string {
  return `${prefix}${name}${suffix}`;
}

function has(library: ReturnType<typeof koffiModule.load>, form: Spelling, name: string): boolean {
  try {
    library.func(`void ${spell(form, name)}()`);
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks LAPACK for its version in three integers of 64 bits whose bits are all set: 32-bit integers leave the upper halves as
 * they were. This tells the width of any library, also that of an MKL that was switched (MKL_INTERFACE_LAYER).
 */
function writesLongIntegers(
  attempt: (result: string, name: string, parameters: string) => Routine | null,
): boolean {
  const version = attempt('void', 'ilaver_', 'int64_t* major, int64_t* minor, int64_t* patch');
  if (version === null) return false;
  const [major, minor, patch] = [0, 1, 2].map(() => BigInt64Array.of(-1n));
  version(major, minor, patch);
  return major[0] >= 0n && minor[0] >= 0n;
}

/**
 * Refuses what is there and is no regular file: opening a FIFO would wait for a writer for ever. What is not there may still be a
 * library: a name that the loader looks up, or Accelerate, which lives in the loader's cache.
 */
function refuseSpecialFile(path: string): void {
  const folders = (process.env.LD_LIBRARY_PATH ?? '').split(delimiter);
  const places = /[/\\]/.test(path) ? [path] : folders.map((folder) => join(folder, path));
  for (const place of places) {
    const stats = look(place);
    if (stats !== null && !stats.isFile()) throw new Error(`${kindOf(stats)}, no library`);
  }
}

function look(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    // The loader says what is wrong with it.
    return null;
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
