/** The machine of one thread in Node. */
import { createBarrier } from './barrier.js';
import { portableGemm, type Machine } from './machine.js';
import { nativeGemm } from './nativeGemm.node.js';
import type { Workspaces } from './plan.js';
import type { SharedMemory } from '../../core/kernels.js';
import { instantiateKernels } from './wasm.js';

export interface MachineParts {
  readonly memory: SharedMemory;
  readonly workspaces: Workspaces;
  readonly thread: number;
  readonly threads: number;
  /** Of the BLAS; null for the portable kernels. */
  readonly library: string | null;
}

export function openMachine({ memory, workspaces, thread, threads, library }: MachineParts): Machine {
  const kernels = instantiateKernels(memory);
  const flags = new Int32Array(memory.buffer);
  return {
    thread,
    threads,
    kernels,
    gemm: library === null ? portableGemm(kernels) : nativeGemm(library, memory),
    floats: new Float32Array(memory.buffer),
    doubles: new Float64Array(memory.buffer),
    flags,
    scratch: workspaces.scratch[thread],
    common: workspaces.common,
    zeros: workspaces.zeros,
    waste: workspaces.waste[thread],
    sync: createBarrier(flags, threads),
  };
}
