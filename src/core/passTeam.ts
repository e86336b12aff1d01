/**
 * How the threads of the passes find each other: words of 32 bits at the start of their memory.
 *
 * A thread that is ready takes the next number and waits at its own word. The first thread never waits for one that is not ready:
 * until then, and where there can be none, it does all the work itself.
 */

/** Indices of words; from `mail` on, one a thread. */
const WORD = { ready: 0, done: 1, members: 2, stop: 3, failed: 4, mail: 16 } as const;
export const MOST_MEMBERS = 16;
const SPINS = 5000;
/** Between two looks at whether another thread has failed. */
const PATIENCE_MS = 1000;

/** The first thread: does its share while the others do theirs, and returns when all are done. */
export function withMembers(words: Int32Array, share: (thread: number, members: number) => void): void {
  const others = Math.min(MOST_MEMBERS - 1, Atomics.load(words, WORD.ready));
  Atomics.store(words, WORD.members, others + 1);
  Atomics.store(words, WORD.done, 0);
  for (let thread = 1; thread <= others; thread++) wake(words, thread);
  share(0, others + 1);
  waitUntil(words, WORD.done, (done) => done === others);
}

/** Another thread: does its share of each command until it is told to stop. */
export function serve(words: Int32Array, share: (thread: number, members: number) => void): void {
  const thread = Atomics.add(words, WORD.ready, 1) + 1;
  if (thread >= MOST_MEMBERS) return;
  try {
    for (let seen = 0; ; seen++) {
      waitUntil(words, WORD.mail + thread, (mail) => mail !== seen || isStopped(words));
      if (isStopped(words)) return;
      share(thread, Atomics.load(words, WORD.members));
      Atomics.add(words, WORD.done, 1);
      Atomics.notify(words, WORD.done);
    }
  } catch (error) {
    Atomics.store(words, WORD.failed, 1);
    throw error;
  }
}

/** Lets every thread end. */
export function stopMembers(words: Int32Array): void {
  Atomics.store(words, WORD.stop, 1);
  for (let thread = 1; thread < MOST_MEMBERS; thread++) wake(words, thread);
}

function wake(words: Int32Array, thread: number): void {
  Atomics.add(words, WORD.mail + thread, 1);
  Atomics.notify(words, WORD.mail + thread);
}

function isStopped(words: Int32Array): boolean {
  return Atomics.load(words, WORD.stop) !== 0;
}

/** Spins for a moment, for commands follow each other within microseconds, then sleeps. */
function waitUntil(words: Int32Array, word: number, holds: (value: number) => boolean): void {
  for (let i = 0; i < SPINS; i++) if (holds(Atomics.load(words, word))) return;
  for (;;) {
    const value = Atomics.load(words, word);
    if (holds(value)) return;
    if (Atomics.load(words, WORD.failed) !== 0) throw new Error('another thread of the passes failed');
    Atomics.wait(words, word, value, PATIENCE_MS);
  }
}
