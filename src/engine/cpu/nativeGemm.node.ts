/** sgemm of the system's BLAS on addresses of a linear memory, on the calling thread alone. */
import koffi from 'koffi';
import { openLibrary } from '../../core/nativeLibrary.node.js';
import type { Gemm } from './machine.js';
import type { SharedMemory } from '../../core/kernels.js';

const ROW_MAJOR = 101;
const OPERATION = { N: 111, T: 112 } as const;

/** `path`: a library with cblas symbols, as `Blas.path` names it. */
export function nativeGemm(path: string, memory: SharedMemory): Gemm {
  // Addresses go as integers: a view for every operand would cost more than a small product.
  const sgemm = openLibrary(path).routine(
    'void',
    'cblas_sgemm',
    'int order, int ta, int tb, integer m, integer n, integer k, float alpha, uintptr_t a, integer lda, uintptr_t b, integer ldb, float beta, uintptr_t c, integer ldc',
  );
  const base = Number(koffi.address(new Uint8Array(memory.buffer)));
  return (tA, tB, m, n, k, A, lda, B, ldb, beta, C, ldc) => {
    if (m === 0 || n === 0) return;
    sgemm(
      ROW_MAJOR,
      OPERATION[tA],
      OPERATION[tB],
      m,
      n,
      k,
      1,
      base + A,
      lda,
      base + B,
      ldb,
      beta,
      base + C,
      ldc,
    );
  };
}

/**
 * Runs work while the library keeps to one thread in each call: the network's threads divide the work themselves. Libraries
 * without such a switch are left as they are.
 */
export function oneThreadPerCall(path: string): (work: () => void) => void {
  const { optional } = openLibrary(path);
  const set =
    optional('void', 'openblas_set_num_threads', 'int n') ?? optional('void', 'MKL_Set_Num_Threads', 'int n');
  const get = optional('int', 'openblas_get_num_threads', '') ?? optional('int', 'MKL_Get_Max_Threads', '');
  if (set === null || get === null)
    return (work) => {
      work();
    };
  return (work) => {
    const before = get() as number;
    set(1);
    try {
      work();
    } finally {
      set(before);
    }
  };
}
