/**
 * Where the search for low cross-entropy solutions keeps its numbers: memories of WebAssembly, in which its kernels
 * (`kernels/search`) work with two numbers at a time.
 */
import { kernelsIn, openPlainMemory } from '../../core/kernels.js';
import { SEARCH } from './searchBytes.js';

/** Addresses in bytes; kernels/search/index.ts says what each does. */
export interface SearchKernels {
  evaluate(
    K: number,
    rank: number,
    depth: number,
    free: number,
    mu: number,
    constants: number,
    x: number,
    gradient: number,
    work: number,
  ): number;
  dot(bytes: number, a: number, b: number): number;
  sumInto(bytes: number, a: number, c: number, b: number, out: number): void;
  direction(
    bytes: number,
    held: number,
    next: number,
    memory: number,
    gradient: number,
    p: number,
    S: number,
    Y: number,
    curvature: number,
    alphas: number,
  ): void;
}

export interface SearchMemory {
  readonly buffer: ArrayBuffer;
  readonly kernels: SearchKernels;
  /** Zeros, at an address that is a multiple of 32 and room for a multiple of four. */
  floats(length: number): Float64Array<ArrayBuffer>;
}

/** What `length` numbers take when their room is a multiple of four. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** A memory with room for so many numbers, each vector padded. */
export function openSearchMemory(numbers: number): SearchMemory {
  const memory = openPlainMemory(8 * numbers);
  const kernels = kernelsIn(SEARCH, memory) as SearchKernels;
  const { buffer } = memory;
  let end = 0;
  return {
    buffer,
    kernels,
    floats(length) {
      const start = end;
      end += 8 * padded(length);
      return new Float64Array(buffer, start, length);
    },
  };
}
