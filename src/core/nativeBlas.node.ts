/**
 * `Blas` on the system's own library (OpenBLAS, MKL or Accelerate), called through koffi without copies.
 *
 * Row-major products use the C interface (cblas_*). LAPACK is column-major: a row-major A is handed over as Aᵀ, and
 * the roles of left and right factors are swapped, so nothing is transposed. `nativeLibrary.node.ts` knows the names of the symbols
 * and the width of the integers.
 */
import { availableParallelism } from 'node:os';
import { checkGemm, checkGram, checkSameLength, type Blas } from './blas.js';
import { refuse, refuseFile } from './errors.js';
import { openPasses } from './layerPasses.node.js';
import type { Floats, Matrix } from './matrix.js';
import { bindLapack } from './nativeLapack.node.js';
import { openLibrary, type NativeLibrary } from './nativeLibrary.node.js';
import { portableBlas } from './portableBlas.js';

const ROW_MAJOR = 101;
const UPPER = 121;
const OPERATION = { N: 111, T: 112 } as const;

/**
 * OpenBLAS wakes its threads for a vector of more than 10 000 entries. Between two small products they have gone to sleep,
 * and waking them costs ten times what they save: vectors up to `WORTH_THREADS` go in pieces that stay on one thread.
 */
const ONE_THREAD = 8192;
const WORTH_THREADS = 2 ** 16;

const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    'libopenblas.so.0',
    // Alpine's.
    'libopenblas.so.3',
    'libopenblas.so',
    'libmkl_rt.so.2',
    'libmkl_rt.so',
    // With 64-bit integers, as Debian names it.
    'libopenblas64.so.0',
  ],
  darwin: [
    // Accelerate lives in the loader's cache, not on disk: it must be opened without looking first.
    '/System/Library/Frameworks/Accelerate.framework/Accelerate',
    '/opt/homebrew/opt/openblas/lib/libopenblas.dylib',
    '/usr/local/opt/openblas/lib/libopenblas.dylib',
  ],
  win32: ['libopenblas.dll', 'openblas.dll', 'mkl_rt.2.dll', 'mkl_rt.dll'],
};

/**
 * The BLAS to use: `choice` is `portable`, a path or library name, or undefined to search the usual places and fall
 * back to the portable one. (The command line passes the environment variable COLLAPSAR_BLAS.)
 * Throws a `file` error when a library was asked for by name and cannot be used.
 */
export function chooseBlas(choice?: string, platform: string = process.platform): Blas {
  if (choice === 'portable') return portableBlas;
  if (choice === '')
    refuse(
      'COLLAPSAR_BLAS',
      '`portable` or the path of a BLAS library',
      choice,
      'unset it to search the usual places',
    );
  if (choice !== undefined) {
    const library = openBlas(choice);
    if (typeof library === 'string')
      refuseFile(
        'COLLAPSAR_BLAS',
        '`portable` or a library with cblas and LAPACK symbols',
        `${choice} (${library})`,
      );
    return library;
  }
  for (const path of CANDIDATES[platform] ?? []) {
    const library = openBlas(path);
    if (typeof library !== 'string') return library;
  }
  return portableBlas;
}

/** Loads one library; a string says why it cannot be used. */
export function openBlas(path: string): Blas | string {
  try {
    return bind(openLibrary(path));
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

const GEMM = (type: string) =>
  `int order, int ta, int tb, integer m, integer n, integer k, ${type} alpha, ${type}* a, integer lda, ${type}* b, integer ldb, ${type} beta, ${type}* c, integer ldc`;
const SYRK = (type: string) =>
  `int order, int uplo, int trans, integer n, integer k, ${type} alpha, ${type}* a, integer lda, ${type} beta, ${type}* c, integer ldc`;
const AXPY = (type: string) => `integer n, ${type} a, ${type}* x, integer ix, ${type}* y, integer iy`;

function bind(library: NativeLibrary): Blas {
  const dgemm = library.routine('void', 'cblas_dgemm', GEMM('double'));
  const sgemm = library.routine('void', 'cblas_sgemm', GEMM('float'));
  const dsyrk = library.routine('void', 'cblas_dsyrk', SYRK('double'));
  const ssyrk = library.routine('void', 'cblas_ssyrk', SYRK('float'));
  const daxpy = library.routine('void', 'cblas_daxpy', AXPY('double'));
  const saxpy = library.routine('void', 'cblas_saxpy', AXPY('float'));
  const ddot = library.routine(
    'double',
    'cblas_ddot',
    'integer n, double* x, integer ix, double* y, integer iy',
  );
  const factorisations = bindLapack(library);

  const described = describe(library);
  return {
    ...described,
    path: library.path,
    openPasses: (plan) => openPasses(plan, described.threads ?? availableParallelism()),

    gemm<T extends Floats>(
      tA: 'N' | 'T',
      tB: 'N' | 'T',
      alpha: number,
      A: Matrix<T>,
      B: Matrix<T>,
      beta: number,
      C: Matrix<T>,
    ) {
      const k = checkGemm(tA, tB, A, B, C);
      if (C.data.length === 0) return;
      // A leading dimension of zero is refused by BLAS even where nothing is read.
      const [lda, ldb] = [Math.max(1, A.cols), Math.max(1, B.cols)];
      const product = C.data instanceof Float64Array ? dgemm : sgemm;
      product(
        ROW_MAJOR,
        OPERATION[tA],
        OPERATION[tB],
        C.rows,
        C.cols,
        k,
        alpha,
        A.data,
        lda,
        B.data,
        ldb,
        beta,
        C.data,
        C.cols,
      );
    },

    gramInto<T extends Floats>(
      alpha: number,
      A: Matrix<T>,
      beta: number,
      C: Matrix<T>,
      triangles: 'both' | 'upper' = 'both',
    ) {
      checkGram(A, C);
      const d = A.cols;
      if (d === 0) return;
      const product = C.data instanceof Float64Array ? dsyrk : ssyrk;
      product(ROW_MAJOR, UPPER, OPERATION.T, d, A.rows, alpha, A.data, d, beta, C.data, d);
      if (triangles === 'both') mirrorUpper(C);
    },

    axpy(alpha, x, y) {
      checkSameLength('axpy', x, y);
      const add = x instanceof Float64Array ? daxpy : saxpy;
      if (x.length <= ONE_THREAD || x.length > WORTH_THREADS) {
        if (x.length > 0) add(x.length, alpha, x, 1, y, 1);
        return;
      }
      for (let start = 0; start < x.length; start += ONE_THREAD) {
        const end = Math.min(start + ONE_THREAD, x.length);
        add(end - start, alpha, x.subarray(start, end), 1, y.subarray(start, end), 1);
      }
    },

    dot(x, y) {
      checkSameLength('dot', x, y);
      if (x.length === 0) return 0;
      // OpenBLAS sums a float32 product in float32 within blocks; a plain loop keeps float64.
      if (!(x instanceof Float64Array)) return portableBlas.dot(x, y);
      return ddot(x.length, x, 1, y, 1) as number;
    },

    ...factorisations,
  };
}

/** Copies the upper triangle into the lower one, tile by tile: columns of a large matrix do not fit the cache. */
function mirrorUpper<T extends Floats>({ data, rows: d }: Matrix<T>): void {
  const tile = 32;
  for (let row = 0; row < d; row += tile)
    for (let col = 0; col <= row; col += tile)
      for (let i = row; i < Math.min(d, row + tile); i++)
        for (let j = col; j < Math.min(i, col + tile); j++) data[i * d + j] = data[j * d + i];
}

function describe({ path, config, core, longIntegers, optional }: NativeLibrary): {
  name: string;
  threads: number | null;
} {
  const threads =
    optional('int', 'openblas_get_num_threads', '')?.() ?? optional('int', 'MKL_Get_Max_Threads', '')?.();
  const release = config === null ? productAt(path) : config.split(/\s+/).slice(0, 2).join(' ');
  // Other kernels round otherwise: a run is continued bit for bit by the same ones only.
  const product = core === null ? release : `${release} ${core}`;
  return {
    name: longIntegers ? `${product}, 64-bit integers` : product,
    threads: typeof threads === 'number' ? threads : null,
  };
}

/** A product that does not say its name, by the path of its library. */
function productAt(path: string): string {
  if (path.includes('mkl')) return 'Intel MKL';
  return path.includes('Accelerate') ? 'Accelerate' : path;
}
