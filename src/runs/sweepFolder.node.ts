/**
 * The folder of a sweep: `sweep.yaml`, `sweep.json`, `logs/`, `points/`, `results.csv`, `sweep.html`, `figures/`.
 *
 * Results are lines of append-only logs, one log a worker, so that nobody but its worker writes to a file and nothing is locked:
 * ten thousand points are a few files instead of fifty thousand, and a file system shared between machines needs no more than
 * exclusive creation. A line is a point, whole or not there: what a kill or a power cut left of one is passed over, and its
 * point is run again, to the same numbers. Lines reach the disk a second after they are written at the latest.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, refuseFile } from '../core/errors.js';
import { crc32 } from '../data/index.js';
import { exists, isCode, makeFolder } from './folders.node.js';
import { fields, Misshapen, orNull, parseJson, text, whole, flag } from './jsonShape.js';
import { replaceFile } from './runFolder.node.js';
import { ownerShape, thisProcess } from './runLock.node.js';
import type { PointResult } from './sweepResult.js';

export const SWEEP_FILE = 'sweep.yaml';
const META = 'sweep.json';
export const LOGS = 'logs';
const POINTS = 'points';
export const RESULTS = 'results.csv';
export const REPORT = 'sweep.html';

/** What a sweep was started with, beside its file. */
export interface SweepMeta {
  readonly schema: 1;
  readonly collapsar: string;
  readonly command: string;
  /** The folder that names of files in the sweep are relative to, and in which its command runs. */
  readonly home: string;
  /** Of images, where one was named. */
  readonly data: string | null;
  /** Whether every point becomes a run folder. */
  readonly folders: boolean;
}

const metaShape = fields({
  schema: (value: unknown, name: string): 1 =>
    value === 1 ? value : newer(`${name} is not 1: it is of another version`),
  collapsar: text,
  command: text,
  home: text,
  data: orNull(text),
  folders: flag,
});

function newer(what: string): never {
  throw new Misshapen(what);
}

export function holdsSweep(folder: string): Promise<boolean> {
  return exists(join(folder, SWEEP_FILE));
}

/** What a process leaves of a sweep that is killed before it has written what the sweep is. */
export const SWEEP_BEGINNINGS: readonly string[] = [META];

/** Writes what a sweep is, before anything runs; its own file comes last. */
export async function writeSweep(folder: string, source: string, meta: SweepMeta): Promise<void> {
  await makeFolder(folder);
  await writeMeta(folder, meta);
  await replaceFile(join(folder, SWEEP_FILE), source);
}

/** Writes anew what stands beside a sweep's file. */
export function writeMeta(folder: string, meta: SweepMeta): Promise<void> {
  return replaceFile(join(folder, META), `${JSON.stringify(meta, null, 2)}\n`);
}

export async function readSweep(
  folder: string,
): Promise<{ readonly source: string; readonly meta: SweepMeta }> {
  const path = join(folder, META);
  try {
    const source = await readFile(join(folder, SWEEP_FILE), 'utf8');
    return { source, meta: metaShape(parseJson(await readFile(path, 'utf8')), '') };
  } catch (error) {
    if (error instanceof Misshapen)
      throw new InputError('format', path, 'what a sweep was started with', `one where ${error.what}`);
    if (isCode(error, 'ENOENT'))
      refuseFile(folder, 'the folder of a sweep, with sweep.yaml and sweep.json', 'a folder without');
    throw error;
  }
}

/** The folder of a point that is one. */
export function pointFolder(folder: string, point: number): string {
  return join(folder, POINTS, String(point).padStart(6, '0'));
}

/** Writes a file of a sweep whole or not at all. */
export function writeSweepFile(folder: string, name: string, content: string): Promise<void> {
  return replaceFile(join(folder, name), content);
}

const CHUNK = 2 ** 20;

/** The same, piece by piece. */
export async function writeSweepStream(
  folder: string,
  name: string,
  pieces: AsyncIterable<string>,
): Promise<void> {
  const beside = join(folder, `.${name}.${process.pid}.tmp`);
  const file = await open(beside, 'w');
  try {
    let held = '';
    for await (const piece of pieces) {
      held += piece;
      if (held.length < CHUNK) continue;
      await file.write(held);
      held = '';
    }
    await file.write(held);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, join(folder, name));
}

export interface SweepLog {
  readonly path: string;
  append(result: PointResult): void;
  close(): void;
}

const SYNC_MS = 1000;

/** A log that nobody else has, for results of a sweep with this source; null where there is one of that name already. */
export async function createLog(folder: string, name: string, source: string): Promise<SweepLog | null> {
  await makeFolder(join(folder, LOGS));
  const path = join(folder, LOGS, `${name}.jsonl`);
  let file: number;
  try {
    file = openSync(path, 'ax');
  } catch (error) {
    if (isCode(error, 'EEXIST')) return null;
    throw error;
  }
  const write = (value: unknown) => writeSync(file, `${JSON.stringify(value)}\n`);
  write({ schema: 1, plan: checksumOf(source), owner: await thisProcess() });
  let syncedAt = Date.now();
  return {
    path,
    append(result) {
      write(result);
      if (Date.now() - syncedAt < SYNC_MS) return;
      fdatasyncSync(file);
      syncedAt = Date.now();
    },
    close() {
      fdatasyncSync(file);
      closeSync(file);
    },
  };
}

/** The first line of a log. */
export const headShape = fields({ schema: whole, plan: text, owner: ownerShape });

export function checksumOf(source: string): string {
  return crc32(new TextEncoder().encode(source)).toString(16).padStart(8, '0');
}
