/** The folder that the companion for PyTorch writes, on disk. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, refuseFile } from '../core/errors.js';
import { isSystemRefusal } from '../core/systemErrors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { exists, isCode } from './folders.node.js';
import { Misshapen } from './jsonShape.js';
import type { MonitorStore } from './monitorStore.js';
import { readEpochs, readManifest } from './monitorText.js';

const MANIFEST = 'collapsar.json';
const EPOCHS = 'epochs.jsonl';

/** True for a folder that a monitor writes. */
export function holdsMonitor(folder: string): Promise<boolean> {
  return exists(join(folder, MANIFEST));
}

/** When the lines of a folder last changed, as a text to compare; null before the first. */
export async function monitorState(folder: string): Promise<string | null> {
  try {
    const { mtimeMs, size } = await stat(join(folder, EPOCHS));
    return `${mtimeMs} ${size}`;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Reads manifest and lines. Throws one-line errors for a folder that is damaged. */
export async function openMonitorFolder(folder: string): Promise<MonitorStore> {
  const manifest = parsed(join(folder, MANIFEST), readManifest, await textOf(join(folder, MANIFEST)));
  const { epochs, damage } = readEpochs(await textOf(join(folder, EPOCHS)));
  if (damage !== null)
    refuseDamaged(`${join(folder, EPOCHS)}: line ${damage.line}`, 'a measured epoch', damage.what);
  return {
    location: folder,
    manifest,
    epochs,
    async openEpoch({ file, bytes }) {
      const path = join(folder, file);
      const { size } = await stat(path).catch((error: unknown) => {
        if (isCode(error, 'ENOENT')) refuseFile(path, 'the statistics of an epoch', 'no file of that name');
        throw error;
      });
      if (size !== bytes) refuseDamaged(path, `${bytes} bytes`, `there are ${size}`);
      return openArrayFile(path);
    },
  };
}

function parsed<T>(where: string, read: (content: string) => T, content: string): T {
  try {
    return read(content);
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    return refuseDamaged(where, 'what the companion for PyTorch writes', error.what);
  }
}

function refuseDamaged(where: string, requirement: string, what: string): never {
  throw new InputError('format', where, requirement, `one where ${what}`, 'the file is damaged');
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // Before the first measured epoch is done there are no lines.
    if (isCode(error, 'ENOENT')) return '';
    if (isSystemRefusal(error)) throw error;
    return refuseFile(
      path,
      'a file that can be read',
      error instanceof Error ? error.message : String(error),
    );
  }
}
