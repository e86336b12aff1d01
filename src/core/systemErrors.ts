/**
 * What the machine refuses while a command runs: a full disk, too many open files. Neither a bad input nor a bug.
 *
 * Codes are those of POSIX, as Node puts them on its errors; nothing here needs Node.
 */

/** By code: what was needed, what was found, and what to do. */
const REFUSALS: Readonly<Partial<Record<string, readonly [string, string, string]>>> = {
  ENOSPC: ['room on its disk', 'a disk that is full', 'free some'],
  EDQUOT: ['room in the quota of its disk', 'a quota that is used up', 'free some, or ask for more'],
  EFBIG: ['a file of a size that is allowed here', 'one that grew larger', 'raise the limit (ulimit -f)'],
  EIO: ['a disk that reads and writes', 'an input/output error', 'look at the disk, or choose another'],
  EROFS: ['a disk that can be written', 'one that is read-only', 'choose another place'],
  EMFILE: ['a file more', 'too many open files', 'raise the limit (ulimit -n)'],
  ENFILE: ['a file more', 'too many open files on this machine', 'close some programs'],
  EBUSY: ['a file that is free', 'one that is in use', 'try again'],
  ESTALE: ['a file on a server that answers', 'a stale handle', 'mount it again, or choose another place'],
};

/** The same for paths that cannot be: what a user typed, not what the machine lacks. */
const PATHS: Readonly<Partial<Record<string, readonly [string, string, string]>>> = {
  ENAMETOOLONG: ['a name that the file system takes', 'one that is too long', 'shorten it'],
  ENOTDIR: ['a path through folders', 'one through a file', 'look at its parts'],
  EISDIR: ['a file', 'a folder', 'name a file in it'],
  ENOENT: ['a place that is there', 'a folder or file that is not', 'look at its spelling'],
  EACCES: ['a place that you may use', 'one that you may not', 'choose another, or change its permissions'],
  EPERM: ['a place that you may use', 'one that you may not', 'choose another, or change its permissions'],
  ELOOP: ['links that lead somewhere', 'links in a circle', 'mend them'],
};

interface Coded extends Error {
  readonly code?: unknown;
  path?: unknown;
}

/** Whether the machine refused, by the code of the error. */
export function isSystemRefusal(error: unknown): error is Coded {
  return error instanceof Error && String((error as Coded).code) in REFUSALS;
}

/** Does `work`; a refusal of the machine that names no file then names `path`, as those of open files do not. */
export async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isSystemRefusal(error)) error.path = path;
    throw error;
  }
}

/** `FILE: REQUIREMENT, got VALUE (CODE); what to do`; null for any other error. */
export function describeSystemRefusal(error: unknown): string | null {
  if (!isSystemRefusal(error)) return null;
  const code = String(error.code);
  const refusal = REFUSALS[code];
  if (refusal === undefined) return null;
  const [needed, got, advice] = refusal;
  const where = typeof error.path === 'string' ? error.path : 'files';
  return `${where}: ${needed}, got ${got} (${code}); ${advice}, then run it again`;
}

/** What is wrong with a path, by the code of the error: `needed`, `got` with the code, `advice`; null for any other error. */
export function pathTrouble(
  error: unknown,
): { readonly needed: string; readonly got: string; readonly advice: string } | null {
  const code = error instanceof Error ? String((error as Coded).code) : '';
  const words = PATHS[code];
  if (words === undefined) return null;
  const [needed, got, advice] = words;
  return { needed, got: `${got} (${code})`, advice };
}

/** `FILE: REQUIREMENT, got VALUE (CODE); what to do` for a path that cannot be; null for any other error. */
export function describePathTrouble(error: unknown): string | null {
  const trouble = pathTrouble(error);
  if (trouble === null) return null;
  const { path } = error as Coded;
  return `${typeof path === 'string' ? path : 'files'}: ${trouble.needed}, got ${trouble.got}; ${trouble.advice}`;
}
