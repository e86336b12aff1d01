/**
 * Signals in long work: the first asks it to stop and keep what it has, the second ends the program at once. Where nothing
 * listens yet, while libraries and data are read, the first ends it at once too. The exit code is 1 in each case.
 *
 * A terminal that is closed sends SIGHUP, once or twice: it only asks.
 */
import type { Host } from '../core/host.js';
import type { Terminal } from './terminal.js';

/** Lets the event loop see what came in, a signal above all. */
export const giveWay = (): Promise<void> => new Promise((done) => setImmediate(done));

export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back. */
  readonly release: () => void;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const exit = () => process.exit(1);

/** Until something listens, a signal ends the program with 1. */
export function exitOnSignals(): void {
  for (const signal of SIGNALS) process.on(signal, exit);
}

/** Listens for SIGINT, SIGTERM and SIGHUP. `message` says what stopping means here. */
export function listenForInterrupt(terminal: Terminal, message: string): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  const onSignal = (name: NodeJS.Signals) => {
    if (signal.aborted && name !== 'SIGHUP') process.exit(1);
    if (signal.aborted) return;
    controller.abort();
    terminal.note(`${message}; again to stop at once`);
  };
  for (const name of SIGNALS) {
    process.off(name, exit);
    process.on(name, onSignal);
  }
  return {
    signal,
    release: () => {
      for (const name of SIGNALS) {
        process.off(name, onSignal);
        process.on(name, exit);
      }
    },
  };
}

/** The host of long work in a terminal. */
export function hostFor<Progress>(
  { signal }: Interrupt,
  onProgress: (progress: Progress) => void,
): Host<Progress> {
  return { signal, clock: () => performance.now(), yield: giveWay, onProgress };
}

/** Done once a signal asks a server to end. */
export function untilInterrupted(): Promise<void> {
  return new Promise((done) => {
    for (const name of SIGNALS) {
      process.off(name, exit);
      process.once(name, () => done());
    }
  });
}
