/**
 * `Blas` on the system's own library (OpenBLAS, MKL or Accelerate), called through koffi without copies.
 *
 * Row-major products use the C interface (cblas_*). LAPACK is column-major: a row-major A is handed over as Aᵀ, and
 * the roles of left and right factors are swapped, so nothing is transposed. LP64 builds only (32-bit integers).
 */
import koffi from 'koffi';
import {
  checkFinite,
  checkGemm,
  checkGram,
  checkSameLength,
  checkSquare,
  checkTall,
  type Blas,
} from './blas.js';
import { refuse, refuseFile } from './errors.js';
import { copy, zeros, type Floats, type Matrix } from './matrix.js';
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
  linux: ['libopenblas.so.0', 'libopenblas.so', 'libmkl_rt.so.2', 'libmkl_rt.so'],
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
export function chooseBlas(choice: string | undefined, platform: string = process.platform): Blas {
  if (choice === 'portable') return portableBlas;
  if (choice === '')
    refuse(
      'COLLAPSAR_BLAS',
      '`portable` or the path of a BLAS library',
      choice,
      'unset it to search the usual places',
    );
  if (choice !== undefined) {
    const found = openBlas(choice);
    if (typeof found === 'string')
      refuseFile(
        'COLLAPSAR_BLAS',
        '`portable` or a library with cblas and LAPACK symbols',
        `${choice} (${found})`,
      );
    return found;
  }
  for (const path of CANDIDATES[platform] ?? []) {
    const found = openBlas(path);
    if (typeof found !== 'string') return found;
  }
  return portableBlas;
}

/** Loads one library; a string says why it cannot be used. */
export function openBlas(path: string): Blas | string {
  try {
    return bind(koffi.load(path), path);
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  }
}

type Library = ReturnType<typeof koffi.load>;

const GEMM = (name: string, type: string) =>
  `void ${name}(int order, int ta, int tb, int m, int n, int k, ${type} alpha, ${type}* a, int lda, ${type}* b, int ldb, ${type} beta, ${type}* c, int ldc)`;
const SYRK = (name: string, type: string) =>
  `void ${name}(int order, int uplo, int trans, int n, int k, ${type} alpha, ${type}* a, int lda, ${type} beta, ${type}* c, int ldc)`;

function bind(library: Library, path: string): Blas {
  const dgemm = library.func(GEMM('cblas_dgemm', 'double'));
  const sgemm = library.func(GEMM('cblas_sgemm', 'float'));
  const dsyrk = library.func(SYRK('cblas_dsyrk', 'double'));
  const ssyrk = library.func(SYRK('cblas_ssyrk', 'float'));
  const daxpy = library.func('void cblas_daxpy(int n, double a, double* x, int ix, double* y, int iy)');
  const saxpy = library.func('void cblas_saxpy(int n, float a, float* x, int ix, float* y, int iy)');
  const ddot = library.func('double cblas_ddot(int n, double* x, int ix, double* y, int iy)');
  const dsyevd = library.func(
    'void dsyevd_(char* jobz, char* uplo, int* n, double* a, int* lda, double* w, double* work, int* lwork, int* iwork, int* liwork, int* info)',
  );
  const dgesdd = library.func(
    'void dgesdd_(char* jobz, int* m, int* n, double* a, int* lda, double* s, double* u, int* ldu, double* vt, int* ldvt, double* work, int* lwork, int* iwork, int* info)',
  );
  const dgelqf = library.func(
    'void dgelqf_(int* m, int* n, double* a, int* lda, double* tau, double* work, int* lwork, int* info)',
  );
  const dorglq = library.func(
    'void dorglq_(int* m, int* n, int* k, double* a, int* lda, double* tau, double* work, int* lwork, int* info)',
  );
  const int = (value: number) => Int32Array.of(value);
  /** Runs a LAPACK routine twice: once to ask for the size of its workspace, once to compute. */
  const withWork = (name: string, run: (work: Float64Array, lwork: Int32Array, info: Int32Array) => void) => {
    const info = int(0);
    const query = new Float64Array(1);
    run(query, int(-1), info);
    const size = Math.max(1, Math.ceil(query[0]));
    run(new Float64Array(size), int(size), info);
    if (info[0] !== 0) refuse(name, 'a finite matrix on which LAPACK converges', `info = ${info[0]}`);
  };

  return {
    ...describe(library, path),
    path,

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

    gramInto<T extends Floats>(alpha: number, A: Matrix<T>, beta: number, C: Matrix<T>) {
      checkGram(A, C);
      const d = A.cols;
      if (d === 0) return;
      const product = C.data instanceof Float64Array ? dsyrk : ssyrk;
      product(ROW_MAJOR, UPPER, OPERATION.T, d, A.rows, alpha, A.data, d, beta, C.data, d);
      mirrorUpper(C);
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

    eigenSymmetric(A) {
      checkSquare('eigenSymmetric', A);
      checkFinite('eigenSymmetric', A);
      const n = A.rows;
      const values = new Float64Array(n);
      if (n === 0) return { values, vectors: zeros(0, 0) };
      const rows = copy(A);
      // dsyevd's workspaces are known in advance: 1 + 6n + 2n² and 3 + 5n.
      const lwork = 1 + 6 * n + 2 * n * n;
      const info = int(0);
      dsyevd(
        'V',
        'U',
        int(n),
        rows.data,
        int(n),
        values,
        new Float64Array(lwork),
        int(lwork),
        new Int32Array(3 + 5 * n),
        int(3 + 5 * n),
        info,
      );
      if (info[0] !== 0)
        refuse('eigenSymmetric', 'a finite matrix on which LAPACK converges', `info = ${info[0]}`);
      const vectors = zeros(n, n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors.data[j * n + i] = rows.data[i * n + j];
      return { values, vectors };
    },

    svd(A) {
      checkFinite('svd', A);
      const [m, n] = [A.rows, A.cols];
      const k = Math.min(m, n);
      const out = { U: zeros(m, k), s: new Float64Array(k), Vt: zeros(k, n) };
      if (k === 0) return out;
      const a = A.data.slice();
      // Column-major Aᵀ = Vt'·s·U': LAPACK's left factor is our right one.
      withWork('svd', (work, lwork, info) => {
        dgesdd(
          'S',
          int(n),
          int(m),
          a,
          int(n),
          out.s,
          out.Vt.data,
          int(n),
          out.U.data,
          int(k),
          work,
          lwork,
          new Int32Array(8 * k),
          info,
        );
      });
      return out;
    },

    qr(A) {
      checkTall('qr', A);
      checkFinite('qr', A);
      const [m, n] = [A.rows, A.cols];
      if (n === 0) return { Q: zeros(m, 0), R: zeros(0, 0) };
      const a = A.data.slice();
      const tau = new Float64Array(n);
      // Column-major Aᵀ = L·Q': the LQ of Aᵀ is the QR of A.
      withWork('qr', (work, lwork, info) => {
        dgelqf(int(n), int(m), a, int(n), tau, work, lwork, info);
      });
      const R = zeros(n, n);
      for (let i = 0; i < n; i++) for (let j = i; j < n; j++) R.data[i * n + j] = a[i * n + j];
      withWork('qr', (work, lwork, info) => {
        dorglq(int(n), int(m), int(n), a, int(n), tau, work, lwork, info);
      });
      return { Q: { data: a, rows: m, cols: n }, R };
    },
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

function describe(library: Library, path: string): { name: string; threads: number | null } {
  const call = (declaration: string): unknown => {
    try {
      return (library.func(declaration) as () => unknown)();
    } catch {
      return undefined;
    }
  };
  const config = call('const char* openblas_get_config()');
  const threads = call('int openblas_get_num_threads()') ?? call('int MKL_Get_Max_Threads()');
  const name =
    typeof config === 'string'
      ? config.split(' ').slice(0, 2).join(' ')
      : path.includes('mkl')
        ? 'Intel MKL'
        : path.includes('Accelerate')
          ? 'Accelerate'
          : path;
  return { name, threads: typeof threads === 'number' ? threads : null };
}
