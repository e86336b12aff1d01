/** Folders on disk: making them, and what is there. */
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { isSystemRefusal, pathTrouble } from '../core/systemErrors.js';

/**
 * Makes a folder and those above it. (Node's own recursive mkdir never returns where a file system answers ENOENT for a
 * folder whose parent exists, as /proc does.)
 */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (isCode(error, 'EEXIST')) return;
    // The command line has words for what is wrong with a path.
    if (isSystemRefusal(error) || (!isCode(error, 'ENOENT') && pathTrouble(error) !== null)) throw error;
    const above = dirname(folder);
    if (!isCode(error, 'ENOENT') || above === folder) refuseUnmade(folder, error);
    // Another process may have made it since: then this one can be made, but on such a file system.
    if (await exists(above)) await makeIn(folder);
    else {
      await makeFolder(above);
      await makeFolder(folder);
    }
  }
}

/** Makes a folder in one that is there. */
async function makeIn(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) refuseUnmade(folder, error);
  }
}

function refuseUnmade(folder: string, error: unknown): never {
  refuseFile(
    folder,
    'a folder that can be made',
    error instanceof Error && 'code' in error ? String(error.code) : 'an error',
  );
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
