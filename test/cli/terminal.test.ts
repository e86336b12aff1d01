/** The terminal on streams of our own: what is drawn where, how wide, and what a broken stream does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTerminal, progressLine } from '../../src/cli/terminal.js';

class Stream {
  text = '';
  listener: (error: NodeJS.ErrnoException) => void = () => undefined;
  constructor(
    readonly isTTY: boolean,
    readonly columns: number,
  ) {}
  write(text: string) {
    this.text += text;
  }
  on(_: 'error', listener: (error: NodeJS.ErrnoException) => void) {
    this.listener = listener;
  }
}

function terminalOn(out: Stream, err: Stream) {
  return createTerminal({ stdout: out, stderr: err });
}
const failure = (code: string) => Object.assign(new Error(code), { code, syscall: 'write', errno: -28 });
const ERASE = '\r\u001b[2K';

describe('the width', () => {
  let before: string | undefined;
  beforeEach(() => (before = process.env.COLUMNS));
  afterEach(() => {
    if (before === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = before;
  });

  it.each<[boolean, number, string | undefined, number]>([
    [true, 120, '77', 120],
    [true, 30, undefined, 40],
    [true, 0, undefined, 80],
    [false, 120, '77', 77],
    [false, 120, '39', 40],
    [false, 120, '41', 41],
    [false, 120, undefined, 200],
    [false, 120, 'wide', 200],
  ])('of a terminal (%s) of %s columns with COLUMNS=%s is %s', (isTTY, columns, variable, width) => {
    if (variable === undefined) delete process.env.COLUMNS;
    else process.env.COLUMNS = variable;
    expect(terminalOn(new Stream(isTTY, columns), new Stream(false, 0)).width).toBe(width);
  });
});

describe('progress', () => {
  it('is one line that is drawn over, and gone before anything else is said', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const [out, err] = [new Stream(true, 80), new Stream(true, 20)];
      const terminal = terminalOn(out, err);
      terminal.progress('first');
      vi.advanceTimersByTime(49);
      terminal.progress('too soon');
      vi.advanceTimersByTime(1);
      terminal.progress('x'.repeat(40));
      expect(err.text).toBe(`${ERASE}first${ERASE}${'x'.repeat(19)}`);
      err.text = '';
      terminal.print('result');
      terminal.note('note');
      // Nothing is drawn any more: there is nothing to erase twice.
      expect([out.text, err.text]).toEqual(['result\n', `${ERASE}note\n`]);
      terminal.progress('again');
      terminal.clear();
      terminal.clear();
      expect(err.text).toBe(`${ERASE}note\n${ERASE}again${ERASE}`);
      terminal.progress('more');
      err.text = '';
      terminal.note('said');
      expect(err.text).toBe(`${ERASE}said\n`);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is nothing where nobody looks', () => {
    const err = new Stream(false, 80);
    const terminal = terminalOn(new Stream(true, 80), err);
    terminal.progress('hidden');
    terminal.clear();
    expect(err.text).toBe('');
  });

  it('says how far it is, how fast since where it took up, and how long it will be', () => {
    expect(progressLine('training', 600, 1000, 200, 2)).toBe('training  60 %  600/1000  200/s  0:02 left');
    expect(progressLine('reading', 1, 3, 0, 0.5)).toBe('reading  33 %  1/3  2/s  0:01 left');
    expect(progressLine('training', 5, 9, 5, 0)).toBe('training  55 %  5/9  0/s  ');
    expect(progressLine('training', 5, 9, 5, 1)).toBe('training  55 %  5/9  0/s  ');
    expect(progressLine('training', 0, 0, 0, 1)).toBe('training  100 %  0/0  0/s  ');
  });
});

describe('a stdout that breaks', () => {
  let code: typeof process.exitCode;
  beforeEach(() => (code = process.exitCode));
  afterEach(() => {
    process.exitCode = code;
  });

  it('is a failure that is said once, and one whose reader left is none', () => {
    const [out, err] = [new Stream(false, 0), new Stream(false, 0)];
    const terminal = terminalOn(out, err);
    for (const quiet of ['EPIPE', 'ERR_STREAM_DESTROYED']) out.listener(failure(quiet));
    expect([terminal.failed(), err.text]).toEqual([false, '']);
    process.exitCode = 0;
    out.listener(failure('ENOSPC'));
    out.listener(failure('ENOSPC'));
    expect(terminal.failed()).toBe(true);
    expect(err.text).toMatch(/^error: stdout: [^\n]*disk that is full[^\n]*\n$/);
    expect(process.exitCode).toBe(1);
    const other = new Stream(false, 0);
    const unknown = terminalOn(other, err);
    process.exitCode = 2;
    other.listener(failure('EODD'));
    expect(err.text.split('\n')[1]).toMatch(/^error: stdout: .*EODD/);
    expect([unknown.failed(), process.exitCode]).toEqual([true, 2]);
    // stderr has nobody to tell.
    err.listener(failure('ENOSPC'));
  });
});
