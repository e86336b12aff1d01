/** The text of a spec file. */
import { readFile, stat } from 'node:fs/promises';
import { InputError, refuseFile } from '../core/errors.js';
import { pathTrouble } from '../core/systemErrors.js';

/** Throws one-line errors for a file that is not there, too large, or not text. */
export async function readSpecFile(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_SPEC_FILE)
      refuseFile(path, `a spec of at most ${LARGEST_SPEC_FILE} bytes`, String(size));
    return textOf(await readFile(path), path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const obstacle =
      code === 'ENOENT'
        ? 'no file of that name'
        : code === 'EISDIR'
          ? 'a directory'
          : (pathTrouble(error)?.got ?? code);
    refuseFile(
      path,
      'a spec file',
      obstacle,
      code === 'ENOENT' ? 'presets/ has some to start from' : undefined,
    );
  }
}

/** Two bytes a character of the longest spec. */
const LARGEST_SPEC_FILE = 2 ** 21;

/** UTF-8, or UTF-16 by its byte order mark, as editors on Windows write it. */
function textOf(bytes: Uint8Array, path: string): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe
      ? 'utf-16le'
      : bytes[0] === 0xfe && bytes[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return refuseFile(path, 'a spec in UTF-8 or UTF-16', 'other bytes');
  }
}
