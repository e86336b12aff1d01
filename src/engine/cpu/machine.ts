/**
 * What one thread computes with. All threads of a network run the same program in lockstep, each on its share of the work,
 * and meet at barriers (SPMD): so a program is a list of functions of a `Machine`, and one thread is merely the simplest case.
 */
import type { Kernels } from './wasm.js';

/** C ← op(A)·op(B) + β·C, row-major float32 at addresses in bytes; leading dimensions in numbers. On the calling thread alone. */
export type Gemm = (
  transposeA: 'N' | 'T',
  transposeB: 'N' | 'T',
  m: number,
  n: number,
  k: number,
  A: number,
  lda: number,
  B: number,
  ldb: number,
  beta: number,
  C: number,
  ldc: number,
) => void;

export interface Machine {
  readonly thread: number;
  readonly threads: number;
  readonly kernels: Kernels;
  readonly gemm: Gemm;
  /** The whole memory: entry i lies at address 4i, or 8i. */
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly flags: Int32Array;
  /** Addresses of the workspaces: this thread's own, the one of all threads, zeros to read, a place to write what is not needed. */
  readonly scratch: number;
  readonly common: number;
  readonly zeros: number;
  readonly waste: number;
  /** Waits for all threads to get here; what each has written is then seen by all. */
  sync(): void;
}

/** The part [from, to) of `total` items that falls to this thread, cut at multiples of `grain`. */
export function shareOf(machine: Machine, total: number, grain = 1): readonly [number, number] {
  const pieces = Math.ceil(total / grain);
  const cut = (thread: number) => Math.min(total, grain * Math.floor((pieces * thread) / machine.threads));
  return [cut(machine.thread), cut(machine.thread + 1)];
}

/** The gemm of the kernels, for where there is no native one. */
export function portableGemm(kernels: Kernels): Gemm {
  return (tA, tB, m, n, k, A, lda, B, ldb, beta, C, ldc) => {
    kernels.gemm(tA === 'T', tB === 'T', m, n, k, A, lda, B, ldb, beta, C, ldc);
  };
}
