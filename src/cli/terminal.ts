/** Where output goes: results to stdout, progress and notes to stderr, and how wide both are. */
import { printable } from '../core/printable.js';
import { duration } from './format.js';
import { refusalText } from './refusalText.js';

export interface Terminal {
  /** Whether stdout could not be written, on a full disk say. This was said on stderr. */
  readonly failed: () => boolean;
  /** Columns of stdout; wide when it is not a terminal. */
  readonly width: number;
  print(text: string): void;
  note(text: string): void;
  /** One line on stderr, rewritten in place, not more often than an eye can follow; nothing where stderr is not a terminal. */
  progress(text: string): void;
  /** Removes the progress line. */
  clear(): void;
}

const REDRAW_MS = 50;

/** What a terminal writes to: the process's own streams, or others in their place. */
export type Streams = Readonly<Record<'stdout' | 'stderr', Stream>>;
type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & {
  write(text: string): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
};

export function createTerminal({ stdout, stderr }: Streams = process): Terminal {
  let failed = false;
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that leaves early (| head) is no failure.
    if (failed || error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED') return;
    failed = true;
    error.path = 'stdout';
    const refusal = refusalText(error) ?? `stdout: a place to write to, got ${error.code ?? 'an error'}`;
    note(`error: ${refusal}`);
    // Also where the verb is done already.
    if (Number(process.exitCode ?? 0) === 0) process.exitCode = 1;
  });
  // There is nowhere left to say it.
  stderr.on('error', () => undefined);
  let drawn = false;
  let drawnAt = 0;
  const clear = () => {
    if (drawn) stderr.write('\r\u001b[2K');
    drawn = false;
  };
  // What is written may hold names from a file: here, at the edge, they lose what could drive the terminal.
  const note = (text: string) => {
    clear();
    stderr.write(`${printable(text)}\n`);
  };
  return {
    failed: () => failed,
    width: Math.max(
      40,
      (stdout.isTTY ? stdout.columns : Number(process.env.COLUMNS)) || (stdout.isTTY ? 80 : 200),
    ),
    print(text) {
      clear();
      stdout.write(`${printable(text)}\n`);
    },
    note,
    progress(text) {
      const now = performance.now();
      if (!stderr.isTTY || (drawn && now - drawnAt < REDRAW_MS)) return;
      drawnAt = now;
      const room = (stderr.columns || 80) - 1;
      stderr.write(`\r\u001b[2K${Array.from(printable(text)).slice(0, room).join('')}`);
      drawn = true;
    },
    clear,
  };
}

/** "42 %  12 600/30 000  58 000/s  0:01 left". */
export function progressLine(
  label: string,
  done: number,
  total: number,
  from: number,
  seconds: number,
): string {
  const rate = seconds > 0 ? (done - from) / seconds : 0;
  const left = rate > 0 ? `${duration((total - done) / rate)} left` : '';
  const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
  return `${label}  ${percent} %  ${done}/${total}  ${Math.round(rate)}/s  ${left}`;
}
