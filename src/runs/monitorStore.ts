/** A monitored run as it is read, wherever it lies: on disk, or as files that were dropped on a page. */
import { InputError, refuseFile } from '../core/errors.js';
import type { ArrayFile } from '../data/index.js';
import { Misshapen } from './jsonShape.js';
import {
  readEpochs,
  readManifest,
  type MonitoredEnd,
  type MonitoredEpoch,
  type MonitorManifest,
} from './monitorText.js';

export const MONITOR_FILES = { manifest: 'collapsar.json', epochs: 'epochs.jsonl' } as const;

export interface MonitorStore {
  /** What messages call it. */
  readonly location: string;
  readonly manifest: MonitorManifest;
  /** Ascending. */
  readonly epochs: readonly MonitoredEpoch[];
  /** How training ended; null where nothing says that it has. */
  readonly end: MonitoredEnd | null;
  /** The statistics of an epoch that has a file; of the size that its line says. */
  openEpoch(epoch: { readonly file: string; readonly bytes: number | null }): Promise<ArrayFile>;
}

/** The files of a run, by their names within its folder. */
export interface MonitorFiles {
  readonly location: string;
  /** What messages call a file. */
  nameOf(file: string): string;
  /** A text; null where there is no such file. */
  text(file: string): Promise<string | null>;
  /** Bytes of a file; null where there is none. */
  size(file: string): Promise<number | null>;
  open(file: string): Promise<ArrayFile>;
}

/** Reads manifest and lines. Throws one-line errors for a run that is damaged. */
export async function openMonitor(files: MonitorFiles): Promise<MonitorStore> {
  const manifest = await manifestOf(files);
  // Before the first measured epoch is done there are no lines.
  const { epochs, end, damage } = readEpochs((await files.text(MONITOR_FILES.epochs)) ?? '');
  if (damage !== null)
    refuseDamaged(
      `${files.nameOf(MONITOR_FILES.epochs)}: line ${damage.line}`,
      'a measured epoch',
      damage.what,
    );
  return {
    ...{ location: files.location, manifest, epochs, end },
    async openEpoch({ file, bytes }) {
      const size = await files.size(file);
      if (size === null) refuseFile(files.nameOf(file), 'the statistics of an epoch', 'no file of that name');
      if (size !== bytes) refuseDamaged(files.nameOf(file), `${bytes} bytes`, `there are ${size}`);
      return files.open(file);
    },
  };
}

async function manifestOf(files: MonitorFiles): Promise<MonitorManifest> {
  try {
    return readManifest((await files.text(MONITOR_FILES.manifest)) ?? '');
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    return refuseDamaged(
      files.nameOf(MONITOR_FILES.manifest),
      'what the companion for PyTorch writes',
      error.what,
    );
  }
}

function refuseDamaged(where: string, requirement: string, what: string): never {
  throw new InputError('format', where, requirement, `one where ${what}`, 'the file is damaged');
}
