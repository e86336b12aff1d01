/** Files beside the project that some tests use; those tests skip, saying so, where they are not there. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openArrayFile } from '../../src/data/fileSource.node.js';
import { matrix, type Matrix } from '../../src/core/matrix.js';

const folder = fileURLToPath(new URL('../../../shared/', import.meta.url));

export const SHARED_IS_THERE = existsSync(folder);
/** Part of a skipped test's title. */
export const SHARED_NOTE = SHARED_IS_THERE ? '' : ' [skipped: ../shared is not beside the project]';

export function sharedPath(name: string): string {
  return folder + name;
}

/** Every array of an npz file as float64 matrices (vectors as one row). */
export async function readAll(path: string): Promise<Map<string, Matrix>> {
  const file = await openArrayFile(path);
  try {
    const out = new Map<string, Matrix>();
    for (const name of file.names) {
      const entry = await file.get(name);
      const [rows, cols] = entry.shape.length === 2 ? entry.shape : [1, entry.shape[0] ?? 1];
      out.set(name, matrix(Float64Array.from(await entry.all()), rows, cols));
    }
    return out;
  } finally {
    await file.close();
  }
}
