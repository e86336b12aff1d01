/**
 * Networks on the processor: float32, layer by layer, products of matrices by the system's BLAS and all else by WebAssembly
 * kernels in one memory that both work in. No automatic differentiation: every layer knows its backward pass.
 */
import { availableParallelism } from 'node:os';
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { parametersOf, type Engine } from '../../nets/index.js';
import { createExecutable } from './executable.js';
import type { Machine } from './machine.js';

export type { Gemm, Machine } from './machine.js';
export type { ConvolutionMethod } from './plan.js';
export type { Kernels, TapGradientKernel, TapKernel, TileKernel, TileOutputKernel } from './wasm.js';
import type { ConvolutionMethod } from './plan.js';
import { planProgram, type PlainRule, type ProgramParts } from './program.js';
import { startTeam } from './team.node.js';

export interface CpuEngineOptions {
  readonly blas: Blas;
  /** Threads to divide the work among; by default one for each core, at most 16. */
  readonly threads?: number | undefined;
  /** How 3×3 convolutions of stride 1 are computed, by default `winograd`. */
  readonly convolutions?: ConvolutionMethod | undefined;
  /** Wraps what the first thread computes with, as to time it; the results must stay the same. */
  readonly observe?: ((machine: Machine) => Machine) | undefined;
}

const MOST_THREADS = 64;
const USUAL_THREADS = 16;

/** Throws an argument error for a number of threads that is not from 1 to 64. */
export function createCpuEngine(options: CpuEngineOptions): Engine {
  const { blas, threads: wanted, convolutions = 'winograd', observe } = options;
  const threads = wanted ?? Math.min(USUAL_THREADS, availableParallelism());
  if (!Number.isSafeInteger(threads) || threads < 1 || threads > MOST_THREADS)
    refuse('threads', `a whole number from 1 to ${MOST_THREADS}`, threads);
  return {
    name: 'cpu',
    blas: { name: blas.name, threads },
    async compile(network, { weightDecay, ...rest }, batch) {
      if (!Number.isSafeInteger(batch) || batch < 1) refuse('batch', 'a positive whole number', batch);
      const decays = Object.fromEntries(parametersOf(network).map(({ name }) => [name, weightDecay(name)]));
      const rule: PlainRule = { ...rest, decays };
      const parts: ProgramParts = { network, rule, batch, threads, convolutions };
      const program = planProgram(parts);
      const team = await startTeam({ parts, program, blas, observe });
      return createExecutable(network, program, batch, team);
    },
  };
}
