/**
 * A run folder belongs to one process: the file `.lock` names it while it trains there.
 *
 * A lock whose process is gone is taken over: a process of this machine that does not run, or that began at another time
 * (numbers of processes come again). Of a process on another machine nothing is known: its lock is left alone.
 */
import { unlinkSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rmdir, stat, unlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { exists, isCode, makeFolder } from './folders.node.js';
import { fields, Misshapen, orNull, parseJson, positiveWhole, text } from './jsonShape.js';

const LOCK = '.lock';
/** Held for the moments in which a lock is taken over; older than this, its process was killed in them. */
const TAKEOVER = '.lock.takeover';
const TAKEOVER_MS = 10_000;

/** Files that a process leaves beside their place when it is killed while it writes them; and its lock. */
const LEFT_OVER = /^\.(?:.+\.\d+\.tmp|lock|lock\.takeover)$/;

/** What stands in the file; `began` is the kernel's word for when the process did, where it has one. */
export interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly began: string | null;
}
export const ownerShape = fields({ pid: positiveWhole, host: text, began: orNull(text) });

/** Whether nothing but what a killed process leaves, files of these names included, is in a folder, or it is not there. */
export async function holdsNothing(folder: string, leaves: readonly string[] = []): Promise<boolean> {
  try {
    return (await readdir(folder)).every((name) => LEFT_OVER.test(name) || leaves.includes(name));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return true;
    if (isCode(error, 'ENOTDIR')) refuseFile(folder, 'a folder', 'a file');
    throw error;
  }
}

/** Whether a process was killed here before it wrote the spec of its run. */
export async function holdsLeftOversOnly(folder: string, leaves: readonly string[] = []): Promise<boolean> {
  return (await holdsNothing(folder, leaves)) && (await readdir(folder).catch(() => [])).length > 0;
}

/** Makes a folder that was not there, whoever else tries; false where it was. */
export async function claimFolder(folder: string): Promise<boolean> {
  await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** Whose lock a folder has; null where it has none, or one whose process is gone. */
export async function lockOwner(folder: string): Promise<Owner | null> {
  const owner = (await exists(join(folder, LOCK))) ? await readOwner(join(folder, LOCK)) : null;
  return owner !== null && (await mayLive(owner)) ? owner : null;
}

/** Removes the lock of a folder whose process is known to be gone, wherever it ran. */
export async function breakLock(folder: string): Promise<void> {
  await unlink(join(folder, LOCK)).catch(() => undefined);
}

/** Does `work` as the one process of a run folder, which is made where there is none and removed again if it stays empty. */
export async function withRunLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(folder);
  const path = join(folder, LOCK);
  await acquire(path);
  // Also where the program ends at once.
  const release = () => {
    try {
      unlinkSync(path);
    } catch {
      // It is gone with its folder.
    }
  };
  process.on('exit', release);
  try {
    await removeLeftOvers(folder);
    return await work();
  } finally {
    process.off('exit', release);
    release();
    // Fails where it holds a run, as it should.
    await rmdir(folder).catch(() => undefined);
  }
}

async function acquire(path: string): Promise<void> {
  const mine = JSON.stringify(await thisProcess());
  if (await createWith(path, mine)) return;
  const owner = await readOwner(path);
  if (owner !== null && (await mayLive(owner))) refuseLocked(path, owner);
  // One process at a time looks again and replaces it.
  const takeover = join(dirname(path), TAKEOVER);
  if (await isOlderThan(takeover, TAKEOVER_MS)) await unlink(takeover).catch(() => undefined);
  if (!(await createWith(takeover, mine))) refuseLocked(path, owner);
  try {
    const current = await readOwner(path);
    if (current !== null && (await mayLive(current))) refuseLocked(path, current);
    const beside = `${path}.${process.pid}.tmp`;
    await writeFile(beside, mine);
    await rename(beside, path);
  } finally {
    await unlink(takeover).catch(() => undefined);
  }
}

function refuseLocked(path: string, owner: Owner | null): never {
  const who = owner === null ? 'another process' : `process ${owner.pid} on ${owner.host}`;
  refuseFile(
    dirname(path),
    'a run folder that no other process trains in',
    `one that is locked by ${who}`,
    `wait for it, choose another folder, or remove ${path} if that process is gone`,
    'out',
  );
}

/** Writes a file that was not there; false where it was. */
async function createWith(path: string, content: string): Promise<boolean> {
  let file;
  try {
    file = await open(path, 'wx');
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
  return true;
}

/** Null for a lock that says nothing: its process was killed before it could, or is about to. */
async function readOwner(path: string): Promise<Owner | null> {
  for (let tries = 0; tries < 5; tries++) {
    try {
      return ownerShape(parseJson(await readFile(path, 'utf8')), '');
    } catch (error) {
      if (!(error instanceof Misshapen) && !isCode(error, 'ENOENT')) throw error;
    }
    await new Promise((done) => setTimeout(done, 20));
  }
  return null;
}

/** Whether the process may still run; of one on another machine nothing is known. */
export async function mayLive({ pid, host, began }: Owner): Promise<boolean> {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process may not be asked, but lives.
    return isCode(error, 'EPERM');
  }
  const now = await beginningOf(pid);
  return began === null || now === null || began === now;
}

export async function thisProcess(): Promise<Owner> {
  return { pid: process.pid, host: hostname(), began: await beginningOf(process.pid) };
}

/** Ticks since the machine started, as Linux tells them; null elsewhere. */
async function beginningOf(pid: number): Promise<string | null> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, in parentheses, may hold spaces; the beginning is field 22 of the whole.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

async function isOlderThan(path: string, age: number): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > age;
  } catch {
    return false;
  }
}

async function removeLeftOvers(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (LEFT_OVER.test(name) && name.endsWith('.tmp'))
      await unlink(join(folder, name)).catch(() => undefined);
}
