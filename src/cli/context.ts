/** What every verb's command-line side is given. */
import type { Blas } from '../core/blas.js';
import type { Terminal } from './terminal.js';

export interface Context {
  readonly terminal: Terminal;
  /** Chosen on first use, so that `--help` and bad arguments load no library. */
  readonly blas: () => Blas;
  readonly version: string;
  /** The command as typed. */
  readonly command: string;
}

/** Exit codes: done; it ran and failed; bad input. */
export type ExitCode = 0 | 1 | 2;

/** One verb. */
export interface Verb {
  readonly help: string;
  /** `--help TOPIC`: what would make `help` too long. */
  readonly topics?: Readonly<Record<string, string>>;
  run(args: readonly string[], context: Context): Promise<ExitCode>;
}
