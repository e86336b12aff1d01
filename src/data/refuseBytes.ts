/**
 * The refusal this room uses: bytes that are not what their format promises, the finding told in words.
 */
import { InputError, show } from '../core/errors.js';

/**
 * Throws a `format` error. `got` is printed as it is; text taken from a file goes through `show` or `brief`
 * first.
 */
export function refuseBytes(where: string, requirement: string, got: string | number, hint?: string): never {
  throw new InputError('format', where, requirement, String(got), hint);
}

/**
 * A value parsed from a file as a message has it. Lists and objects are only named: they may be nested
 * without end.
 */
export function brief(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : show(value);
}
