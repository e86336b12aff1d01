/**
 * A run folder on disk: `spec.yaml`, `records.jsonl`, `checkpoint.safetensors`, `summary.json`, `report.html`;
 * of networks that keep a series also `checkpoint-EPOCH.safetensors`.
 *
 * Files that must be whole are written beside their place, synced and renamed over it, so that a kill at any moment leaves
 * the old one or the new one. Every write is on the disk before it returns: what is written later is never there without
 * what was written before.
 */
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { InputError, refuseFile } from '../core/errors.js';
import { isSystemRefusal, naming } from '../core/systemErrors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { exists, isCode, makeFolder } from './folders.node.js';
import { Misshapen, printable } from './jsonShape.js';
import { readRecords } from './readRecords.js';
import { readSummary } from './readSummary.js';
import type { TrainRecord } from './records.js';
import { claimFolder } from './runLock.node.js';
import type { RunStore } from './store.js';

const SPEC = 'spec.yaml';
const RECORDS = 'records.jsonl';
const CHECKPOINT = 'checkpoint.safetensors';
/** One of a series: the checkpoint of an epoch's start. */
const KEPT = /^checkpoint-(\d+)\.safetensors$/;
const SUMMARY = 'summary.json';
const REPORT = 'report.html';

/** Opens (or prepares) a run folder. The folder itself is made by the first write. */
export function openRunFolder(folder: string): RunStore {
  const at = (name: string) => join(folder, name);
  return {
    location: folder,
    writeSpec: (yaml) => replaceFile(at(SPEC), yaml),
    readSpec: () => readText(at(SPEC)),
    async readRecords() {
      const text = (await readText(at(RECORDS))) ?? '';
      const lines = text.split('\n');
      // Whatever follows the last newline was cut off while it was written.
      lines.pop();
      const { records, damage } = readRecords(lines.join('\n'));
      if (damage !== null)
        refuseDamaged(`${at(RECORDS)}: line ${damage.line}`, 'a record of a training', damage.what);
      return [...records];
    },
    writeRecords: (records) => replaceFile(at(RECORDS), toLines(records)),
    async appendRecords(records) {
      const file = await openForWriting(at(RECORDS), 'a');
      await naming(at(RECORDS), async () => {
        try {
          await file.writeFile(toLines(records));
          await file.sync();
        } finally {
          await file.close();
        }
      });
    },
    writeCheckpoint: (bytes) => replaceFile(at(CHECKPOINT), bytes),
    async openCheckpoint() {
      return (await exists(at(CHECKPOINT))) ? openArrayFile(at(CHECKPOINT)) : null;
    },
    keepCheckpoint: (epoch, bytes) => replaceFile(at(keptName(epoch)), bytes),
    async keptEpochs() {
      const names = (await exists(folder)) ? await readdir(folder) : [];
      return names.flatMap((name) => KEPT.exec(name)?.slice(1).map(Number) ?? []).sort((a, b) => a - b);
    },
    openKept: (epoch) => openArrayFile(at(keptName(epoch))),
    writeSummary: (summary) => replaceFile(at(SUMMARY), `${JSON.stringify(summary, printableTexts, 2)}\n`),
    async readSummary() {
      const text = await readText(at(SUMMARY));
      if (text === null) return null;
      try {
        return readSummary(text);
      } catch (error) {
        if (!(error instanceof Misshapen)) throw error;
        return refuseDamaged(at(SUMMARY), 'the summary of a run', error.what);
      }
    },
    writeReport: (html) => replaceFile(at(REPORT), html),
  };
}

function keptName(epoch: number): string {
  return `checkpoint-${String(epoch).padStart(6, '0')}.safetensors`;
}

/** Where the report of a run folder lies. */
export function reportPath(folder: string): string {
  return join(folder, REPORT);
}

/** True for a folder with a run's spec in it. */
export function holdsRun(folder: string): Promise<boolean> {
  // Asked for each point of a sweep, of which nearly none has one: a failing promise would cost ten times as much.
  return Promise.resolve(existsSync(join(folder, SPEC)));
}

/** True for a folder with a checkpoint in it. */
export function holdsCheckpoint(folder: string): Promise<boolean> {
  return exists(join(folder, CHECKPOINT));
}

/** Refuses a path that is not an existing run folder. */
export async function checkRunFolder(folder: string): Promise<void> {
  let entry;
  try {
    entry = await stat(folder);
  } catch {
    refuseFile(
      folder,
      'a run folder',
      'no folder of that name',
      'a training that is given a folder makes one',
    );
  }
  if (!entry.isDirectory()) refuseFile(folder, 'a run folder', 'a file');
  if (!(await exists(join(folder, SPEC))))
    refuseFile(
      folder,
      `a run folder with ${SPEC} in it`,
      'a folder without',
      'a training that is given a folder makes one',
    );
}

/** Makes `runs/NAME`, or the first of `runs/NAME-2`, `runs/NAME-3` … that is not there; two calls never get the same. */
export async function makeRunFolder(parent: string, name: string): Promise<string> {
  for (let i = 1; ; i++) {
    const candidate = join(parent, numbered(name, i));
    if (await claimFolder(candidate)) return candidate;
  }
}

/** The last of `runs/NAME`, `runs/NAME-2` … that is there; null where none is. */
export async function latestRunFolder(parent: string, name: string): Promise<string | null> {
  const names = (await exists(parent)) ? new Set(await readdir(parent)) : new Set<string>();
  for (let i = 1; ; i++)
    if (!names.has(numbered(name, i))) return i === 1 ? null : join(parent, numbered(name, i - 1));
}

function numbered(name: string, i: number): string {
  return i === 1 ? name : `${name}-${i}`;
}

function toLines(records: readonly TrainRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** A command may hold any character; what is read back may not. */
function printableTexts(_: string, value: unknown): unknown {
  return typeof value === 'string' ? printable(value) : value;
}

function refuseDamaged(where: string, requirement: string, what: string): never {
  throw new InputError('format', where, requirement, `one where ${what}`, 'the file is damaged');
}

/** Writes a file beside its place and renames it over it, each on the disk. */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  const folder = dirname(path);
  await makeFolder(folder);
  const beside = join(folder, `.${basename(path)}.${process.pid}.tmp`);
  await naming(path, async () => {
    const file = await openForWriting(beside);
    try {
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(beside, path);
      await syncFolder(folder);
    } catch (error) {
      // Half a file helps nobody, least of all on a full disk.
      await unlink(beside).catch(() => undefined);
      throw error;
    }
  });
}

/** Puts the new name of a file on the disk too; where folders cannot be opened (Windows) there is nothing to do. */
async function syncFolder(folder: string): Promise<void> {
  let handle;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    if (isSystemRefusal(error)) throw error;
  } finally {
    await handle?.close();
  }
}

async function openForWriting(path: string, flags = 'w') {
  try {
    return await open(path, flags);
  } catch (error) {
    if (isSystemRefusal(error)) throw error;
    refuseFile(
      path,
      'a file that can be written',
      error instanceof Error && 'code' in error ? String(error.code) : 'an error',
    );
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    if (isSystemRefusal(error)) throw error;
    refuseFile(path, 'a file that can be read', error instanceof Error ? error.message : String(error));
  }
}
