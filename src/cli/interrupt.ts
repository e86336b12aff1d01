/** Ctrl-C in long work: the first asks it to stop and keep what it has, the second ends the program at once. */
import type { Terminal } from './terminal.js';

/** Lets the event loop see what came in, a signal above all. */
export const giveWay = (): Promise<void> => new Promise((done) => setImmediate(done));

export interface Interrupt {
  /** True once the user asked to stop. */
  readonly asked: () => boolean;
  /** Gives the signals back. */
  readonly release: () => void;
}

/** Listens for SIGINT and SIGTERM. `message` says what stopping means here. */
export function listenForInterrupt(terminal: Terminal, message: string): Interrupt {
  let asked = false;
  const onSignal = () => {
    if (asked) process.exit(1);
    asked = true;
    terminal.note(`${message}; again to stop at once`);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    asked: () => asked,
    release: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
