/** What is at a path that a user named. */
import { access, stat } from 'node:fs/promises';

export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

/** Where such folders may be: in those of `places` that are there; `none` where none is. */
export async function folderHint(places: readonly string[], none: string): Promise<string> {
  const there = [];
  for (const place of places) if (await isFolder(place)) there.push(place);
  return there.length === 0 ? none : `ls ${there.join(' ')} shows some`;
}
