/**
 * What threads tell each other, in the first page of the shared memory: a barrier, a command, and whether one has failed.
 *
 * Threads spin for a moment before they sleep: barriers follow each other within microseconds, and waking takes longer.
 */

/** Indices of Int32 words. */
const WORD = { arrived: 0, generation: 1, command: 2, work: 3, samples: 4, failed: 5 } as const;
const SPINS = 5000;
/** Between two looks at whether another thread has failed. */
const PATIENCE_MS = 1000;

export const WORK = { step: 1, evaluate: 2, stop: 3 } as const;
export type WorkName = keyof typeof WORK;

/** Waits until all `threads` have called it. Throws when another thread has failed, as it would never come. */
export function createBarrier(flags: Int32Array, threads: number): () => void {
  if (threads === 1) return () => undefined;
  return () => {
    const generation = Atomics.load(flags, WORD.generation);
    if (Atomics.add(flags, WORD.arrived, 1) === threads - 1) {
      Atomics.store(flags, WORD.arrived, 0);
      Atomics.add(flags, WORD.generation, 1);
      Atomics.notify(flags, WORD.generation);
      return;
    }
    waitWhile(flags, WORD.generation, generation);
  };
}

/** Tells the threads that wait what to do. */
export function giveCommand(flags: Int32Array, work: WorkName, samples: number): void {
  flags[WORD.work] = WORK[work];
  flags[WORD.samples] = samples;
  Atomics.add(flags, WORD.command, 1);
  Atomics.notify(flags, WORD.command);
}

/** The number of commands given so far. */
export function commandsGiven(flags: Int32Array): number {
  return Atomics.load(flags, WORD.command);
}

/** Waits for a command after number `seen`. */
export function awaitCommand(
  flags: Int32Array,
  seen: number,
): { readonly work: number; readonly samples: number } {
  waitWhile(flags, WORD.command, seen);
  return { work: flags[WORD.work], samples: flags[WORD.samples] };
}

/** Lets every thread that waits at a barrier know that it waits in vain. */
export function announceFailure(flags: Int32Array): void {
  Atomics.store(flags, WORD.failed, 1);
  Atomics.notify(flags, WORD.generation);
}

function waitWhile(flags: Int32Array, word: number, value: number): void {
  for (let i = 0; i < SPINS; i++) if (Atomics.load(flags, word) !== value) return;
  while (Atomics.load(flags, word) === value) {
    if (Atomics.load(flags, WORD.failed) !== 0) throw new Error('another thread of the network failed');
    Atomics.wait(flags, word, value, PATIENCE_MS);
  }
}
