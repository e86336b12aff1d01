/** The file that `--out` names: refused before long work for it begins, and written. */
import { access, constants, stat, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { InputError, refuse, refuseFile } from '../core/errors.js';
import { isSystemRefusal, naming, pathTrouble } from '../core/systemErrors.js';

/** Refuses the folder of a run, or of several, whose name is that of a file. */
export async function checkRunPlace(path: string): Promise<void> {
  const isFile = await stat(path).then(
    (entry) => entry.isFile(),
    () => false,
  );
  if (isFile) refuseFile(path, 'a folder to write runs into', 'a file', 'name a folder that is new or empty');
}

/**
 * Refuses a path that cannot be written, or that names another kind of file than `ending`, before long work for it begins.
 */
export async function checkWritable(path: string, ...endings: ('.npz' | '.svg')[]): Promise<void> {
  if (path === '') refuse('--out', 'the name of a file', path);
  const ending = extname(path).toLowerCase();
  if (ending !== '' && !endings.some((allowed) => allowed === ending))
    refuse('--out', `a file ending in ${endings.join(' or ')}`, path);
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK);
  } catch {
    refuseFile(path, 'a file in a folder that can be written', `the folder ${folder}`);
  }
  try {
    if ((await stat(path)).isDirectory()) refuseFile(path, 'a file that can be written', 'a folder');
    await access(path, constants.W_OK);
  } catch (error) {
    // A file that is not there yet can be written into its folder.
    if (error instanceof InputError || (error instanceof Error && 'code' in error && error.code !== 'ENOENT'))
      refuseUnwritable(path, error);
  }
}

/** Writes a file the user named; refuses what cannot be written in one line. */
export async function writeBytes(path: string, bytes: Uint8Array | string): Promise<void> {
  try {
    await naming(path, () => writeFile(path, bytes));
  } catch (error) {
    if (isSystemRefusal(error)) throw error;
    refuseUnwritable(path, error);
  }
}

function refuseUnwritable(path: string, error: unknown): never {
  if (error instanceof InputError) throw error;
  const trouble = pathTrouble(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an error';
  refuseFile(path, 'a file that can be written', trouble?.got ?? code, trouble?.advice);
}
