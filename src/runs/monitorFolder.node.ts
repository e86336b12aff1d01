/** The folder that the companion for PyTorch writes, on disk. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { isSystemRefusal } from '../core/systemErrors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { exists, isCode } from './folders.node.js';
import { MONITOR_FILES, openMonitor, type MonitorStore } from './monitorStore.js';

/** True for a folder that a monitor writes. */
export function holdsMonitor(folder: string): Promise<boolean> {
  return exists(join(folder, MONITOR_FILES.manifest));
}

/** When the lines of a folder last changed, as a text to compare; null before the first. */
export async function monitorState(folder: string): Promise<string | null> {
  const stats = await orNull(stat(join(folder, MONITOR_FILES.epochs)));
  return stats === null ? null : `${stats.mtimeMs} ${stats.size}`;
}

/** Reads manifest and lines. Throws one-line errors for a folder that is damaged. */
export function openMonitorFolder(folder: string): Promise<MonitorStore> {
  const nameOf = (file: string): string => join(folder, file);
  return openMonitor({
    ...{ location: folder, nameOf },
    text: (file) => textOf(nameOf(file)),
    size: async (file) => (await orNull(stat(nameOf(file))))?.size ?? null,
    open: (file) => openArrayFile(nameOf(file)),
  });
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await orNull(readFile(path, 'utf8'));
  } catch (error) {
    if (isSystemRefusal(error)) throw error;
    return refuseFile(
      path,
      'a file that can be read',
      error instanceof Error ? error.message : String(error),
    );
  }
}

/** Null where there is nothing of that name. */
async function orNull<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}
