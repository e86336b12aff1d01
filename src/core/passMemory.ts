/**
 * The memory of the passes over layers, which threads share, and the kernels (`kernels/passes`) that work in it.
 *
 * A command is an operation and its numbers, written by the first thread; each thread does its share. The first page holds
 * them, the words by which threads tell each other where they are, and the place where the kernels leave what nobody reads.
 */
import { kernelsIn, type SharedMemory } from './kernels.js';
import { PASSES } from './passBytes.js';

/** Addresses and pitches in bytes; kernels/passes/index.ts says what each does. */
export interface PassKernels {
  product(
    from: number,
    to: number,
    rows: number,
    cols: number,
    groups: number,
    W: number,
    left: number,
    leftPitch: number,
    out: number,
    outPitch: number,
  ): void;
  step(
    from: number,
    to: number,
    cols: number,
    groups: number,
    W: number,
    V: number,
    R: number,
    pitch: number,
    left: number,
    right: number,
    leftPitch: number,
    beta: number,
    lambda: number,
    eta: number,
    spare: number,
  ): void;
}

/** Where the numbers of a command lie, in float64 numbers from the start of the memory. */
export const NUMBERS = 64;
export const OPERATION = { product: 1, step: 2 } as const;

/** The number of values for the passes' memory to hold one row of `length` with what the kernels write beyond it. */
export function pitchOf(length: number): number {
  // Rows that lie a multiple of 4096 bytes apart would share the sets of the first cache.
  return Math.ceil(length / 8) * 8 + 8;
}

export function passKernels(memory: SharedMemory): PassKernels {
  return kernelsIn(PASSES, memory) as PassKernels;
}

/** The share of thread `thread` of `members` in `total` items, cut at multiples of `grain`. */
function shareOf(total: number, grain: number, thread: number, members: number): readonly [number, number] {
  const pieces = Math.ceil(total / grain);
  const cut = (i: number) => Math.min(total, grain * Math.floor((pieces * i) / members));
  return [cut(thread), cut(thread + 1)];
}

/** Does one thread's share of the command that stands in the memory. */
export function runShare(kernels: PassKernels, numbers: Float64Array, thread: number, members: number): void {
  const [operation, rows, cols, groups, W, V, left, leftPitch, R, pitch, out, outPitch] = numbers.subarray(
    NUMBERS,
    NUMBERS + 12,
  );
  if (operation === OPERATION.product) {
    const [from, to] = shareOf(cols, 8, thread, members);
    if (from < to) kernels.product(from, to, rows, cols, groups, W, left, leftPitch, out, outPitch);
    return;
  }
  const [beta, lambda, eta, spare, spareBytes] = numbers.subarray(NUMBERS + 12, NUMBERS + 17);
  const [from, to] = shareOf(rows, 4, thread, members);
  if (from < to)
    kernels.step(
      from,
      to,
      cols,
      groups,
      W,
      V,
      R,
      pitch,
      left,
      out,
      leftPitch,
      beta,
      lambda,
      eta,
      spare + thread * spareBytes,
    );
}
