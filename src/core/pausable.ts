/**
 * Long work that can be paused: a generator that yields wherever it may be, and two ways to run it to its end.
 *
 * Solvers are written once. A library call runs them through and blocks; a program that has to see its user's Ctrl-C, or
 * to redraw a page, runs the same work in slices. What to report and when to stop are in the `Host` of the work itself.
 */

/** Yields at most a few milliseconds to seconds apart, the larger the problem the rarer; returns its result. */
export type Pausable<T> = Generator<undefined, T, undefined>;

/** Between two pauses: often enough for a hand on the keyboard, rarely enough to cost nothing. */
const SLICE_MS = 80;

/** Runs the work to its end without a pause. */
export function runThrough<T>(work: Pausable<T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}

/** Runs the work to its end; `giveWay` lets other things happen, first at once and then a dozen times a second. */
export async function runInSlices<T>(work: Pausable<T>, giveWay: () => Promise<void>): Promise<T> {
  let next = 0;
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    if (Date.now() < next) continue;
    await giveWay();
    next = Date.now() + SLICE_MS;
  }
}
