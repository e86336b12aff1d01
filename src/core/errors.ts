/**
 * Errors a caller can act on.
 *
 * Every refusal names WHERE it happened, the REQUIREMENT that was not met and the VALUE that was given, so that
 * the command line can print one line and a program can branch on `code`.
 */

/**
 * What kind of thing was wrong: an argument, a matrix shape, the bytes of a file, a file that is not there, or a matrix that holds
 * NaN or Infinity where it is to be factored.
 */
export type ErrorCode = 'argument' | 'dimension' | 'format' | 'file' | 'range';

/** An argument by its name in the library: who shows an error knows what it is called where the reader stands. */
export type ArgumentName =
  'biasName' | 'data' | 'featureDecay' | 'features' | 'ignore' | 'out' | 'series' | 'weights';

/** A bad input. `message` reads `WHERE: REQUIREMENT, got VALUE`, followed by `; HINT` where there is one. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    readonly code: ErrorCode,
    readonly where: string,
    readonly requirement: string,
    readonly got: string,
    readonly hint?: string,
    /** What the hint says to give or to change. */
    readonly argument?: ArgumentName,
  ) {
    super(oneLine(`${where}: ${requirement}, got ${got}${hint === undefined ? '' : `; ${hint}`}`));
  }
}

/**
 * A computation that ran and failed, for no fault of the input: LAPACK that does not converge. `message` reads as that of an
 * `InputError`.
 */
export class ComputationError extends Error {
  override readonly name = 'ComputationError';
  constructor(message: string) {
    super(oneLine(message));
  }

  /** `what`: what was sought, as "singular values"; `of`: the shape of the matrix. */
  static notConverged(what: string, of: string): ComputationError {
    return new ComputationError(
      `linear algebra: ${what} to which the iteration converges, got none for a matrix of ${of}; try another library (COLLAPSAR_BLAS), or other scales of the data`,
    );
  }
}

/** Throws an `argument` error: a value the caller chose is out of its domain. */
export function refuse(
  where: string,
  requirement: string,
  got: unknown,
  hint?: string,
  argument?: ArgumentName,
): never {
  throw new InputError('argument', where, requirement, show(got), hint, argument);
}

/** Throws a `range` error: a matrix that is to be factored holds NaN or Infinity. */
export function refuseRange(where: string, requirement: string, got: number): never {
  throw new InputError('range', where, requirement, show(got));
}

/** Throws a `dimension` error: shapes that do not fit together. `got` lists the shapes. */
export function refuseShape(where: string, requirement: string, got: string, hint?: string): never {
  throw new InputError('dimension', where, requirement, got, hint);
}

/** Throws a `file` error: a path that is missing, a directory, or not readable. */
export function refuseFile(
  where: string,
  requirement: string,
  got: string,
  hint?: string,
  argument?: ArgumentName,
): never {
  throw new InputError('file', where, requirement, got, hint, argument);
}

/** A value as it appears in a one-line message: short, quoted when it is text, never a stack or a dump. */
export function show(value: unknown): string {
  if (typeof value === 'string') return value.length > 80 ? `"${value.slice(0, 77)}…"` : `"${value}"`;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value);
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    const items = value as unknown as ArrayLike<unknown>;
    const head = Array.from({ length: Math.min(8, items.length) }, (_, i) =>
      // A list within a list is not opened: it may be nested without end.
      typeof items[i] === 'object' && items[i] !== null ? '…' : show(items[i]),
    );
    return `[${head.join(', ')}${items.length > 8 ? `, … ${items.length} in all` : ''}]`;
  }
  return typeof value;
}

function oneLine(text: string): string {
  // Control characters in a hostile name must not reach a terminal, nor those that turn the direction of writing.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, ' ');
}
