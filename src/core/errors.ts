/**
 * Errors a caller can act on.
 *
 * Every refusal names WHERE it happened, the REQUIREMENT that was not met and the VALUE that was given, so that
 * the command line can print one line and a program can branch on `code`.
 */

/** What kind of thing was wrong: an argument, a matrix shape, the bytes of a file, or a file that is not there. */
export type ErrorCode = 'argument' | 'dimension' | 'format' | 'file';

/** A bad input. `message` reads `WHERE: REQUIREMENT, got VALUE`, followed by `; HINT` where there is one. */
export class InputError extends Error {
  override readonly name = 'InputError';
  constructor(
    readonly code: ErrorCode,
    readonly where: string,
    readonly requirement: string,
    readonly got: string,
    readonly hint?: string,
  ) {
    super(oneLine(`${where}: ${requirement}, got ${got}${hint === undefined ? '' : `; ${hint}`}`));
  }
}

/** Throws an `argument` error: a value the caller chose is out of its domain. */
export function refuse(where: string, requirement: string, got: unknown, hint?: string): never {
  throw new InputError('argument', where, requirement, show(got), hint);
}

/** Throws a `dimension` error: shapes that do not fit together. `got` lists the shapes. */
export function refuseShape(where: string, requirement: string, got: string, hint?: string): never {
  throw new InputError('dimension', where, requirement, got, hint);
}

/** Throws a `file` error: a path that is missing, a directory, or not readable. */
export function refuseFile(where: string, requirement: string, got: string, hint?: string): never {
  throw new InputError('file', where, requirement, got, hint);
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
  // Control characters in a hostile name must not reach a terminal.
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
