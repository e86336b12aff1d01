/** The text of a spec file. */
import { readFile, stat } from 'node:fs/promises';
import { InputError, refuseFile } from '../core/errors.js';
import { pathTrouble } from '../core/systemErrors.js';

const OBSTACLES: Readonly<Partial<Record<string, string>>> = {
  ENOENT: 'no file of that name',
  EISDIR: 'a directory',
};

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
    const obstacle = OBSTACLES[code] ?? pathTrouble(error)?.got ?? code;
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

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return 'utf-8';
}

/** UTF-8, or UTF-16 by its byte order mark, as editors on Windows write it. */
function textOf(bytes: Uint8Array, path: string): string {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return refuseFile(path, 'a spec in UTF-8 or UTF-16', 'other bytes');
  }
}
