/**
 * Where the results of a sweep lie, learned from its logs. A log only grows, so of each no more is read again than what was
 * appended since: to follow a million points costs what they write, and not what they have written.
 */
import { open, readdir, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { exists } from './folders.node.js';
import { Misshapen, parseJson } from './jsonShape.js';
import { mayLive, type Owner } from './runLock.node.js';
import { checksumOf, headShape, LOGS } from './sweepFolder.node.js';
import { readResult, type PointResult } from './sweepResult.js';

/** Where the result of each point lies. */
export interface SweepIndex {
  readonly points: number;
  /** Points with a result, and how many of these failed. */
  readonly done: number;
  readonly failed: number;
  /** Lines that were passed over. */
  readonly damaged: number;
  state(point: number): 'none' | 'done' | 'failed';
  /** Results in the order of points. */
  results(): AsyncGenerator<PointResult>;
  /** Reads what was appended since. */
  update(): Promise<void>;
  /** Processes of this machine that write logs and live. */
  owners(): Promise<Owner[]>;
}

/** The logs there are, in the order of their names. */
export async function logNames(folder: string): Promise<string[]> {
  if (!(await exists(join(folder, LOGS)))) return [];
  return (await readdir(join(folder, LOGS))).filter((name) => name.endsWith('.jsonl')).sort();
}

interface FollowedLog {
  readonly name: string;
  /** Bytes that were read: whole lines. */
  read: number;
  owner: Owner | null;
}

/**
 * The logs whose names begin with `prefix`. Of several results of a point the first in the order of names stands, one that did
 * not fail before one that did.
 */
export async function indexSweep(
  folder: string,
  source: string,
  points: number,
  prefix = '',
): Promise<SweepIndex> {
  const plan = checksumOf(source);
  const logs: FollowedLog[] = [];
  const known = new Set<string>();
  const [log, offset, length] = [
    new Int32Array(points).fill(-1),
    new Float64Array(points),
    new Int32Array(points),
  ];
  const failure = new Uint8Array(points);
  let [done, failed, damaged] = [0, 0, 0];

  const stands = (point: number, here: number, fails: boolean) => {
    const before = log[point];
    if (before < 0) return false;
    if (fails !== (failure[point] === 1)) return fails;
    return logs[before].name <= logs[here].name;
  };
  const readHead = (line: string, { name }: FollowedLog) => {
    const head = headShape(parseJson(line), '');
    if (head.plan !== plan)
      refuseFile(
        join(folder, LOGS, name),
        'a log of this sweep',
        'a log of another',
        'sweep.yaml was changed: sweep into another folder',
      );
    return head.owner;
  };
  const readPoint = (line: string, here: number, at: number, bytes: number) => {
    const { point, status } = readResult(line);
    if (point >= points) throw new Misshapen('a point beyond the last');
    const fails = status === 'failed';
    if (stands(point, here, fails)) return;
    if (log[point] < 0) done++;
    failed += Number(fails) - failure[point];
    [log[point], offset[point], length[point], failure[point]] = [here, at, bytes, Number(fails)];
  };
  const update = async () => {
    for (const name of await logNames(folder)) {
      if (known.has(name) || !name.startsWith(prefix)) continue;
      known.add(name);
      logs.push({ name, read: 0, owner: null });
    }
    const chunk = new Uint8Array(CHUNK);
    for (const [here, followed] of logs.entries())
      followed.read = await eachLine(
        join(folder, LOGS, followed.name),
        followed.read,
        chunk,
        (line, at, bytes) => {
          try {
            if (at === 0) followed.owner = readHead(line, followed);
            else readPoint(line, here, at, bytes);
          } catch (error) {
            if (!(error instanceof Misshapen)) throw error;
            damaged++;
          }
        },
      );
  };
  await update();
  return {
    points,
    update,
    get damaged() {
      return damaged;
    },
    get done() {
      return done;
    },
    get failed() {
      return failed;
    },
    state(point) {
      if (log[point] < 0) return 'none';
      return failure[point] === 1 ? 'failed' : 'done';
    },
    async owners() {
      const living: Owner[] = [];
      for (const { owner } of logs)
        if (owner?.host === hostname() && (await mayLive(owner))) living.push(owner);
      return living;
    },
    async *results() {
      const opened = new Map<number, FileHandle>();
      try {
        for (let point = 0; point < points; point++) {
          const at = log[point];
          if (at < 0) continue;
          const handle = opened.get(at) ?? (await open(join(folder, LOGS, logs[at].name), 'r'));
          opened.set(at, handle);
          const bytes = new Uint8Array(length[point]);
          await handle.read(bytes, 0, bytes.length, offset[point]);
          yield readResult(new TextDecoder().decode(bytes));
        }
      } finally {
        for (const handle of opened.values()) await handle.close();
      }
    },
  };
}

const CHUNK = 2 ** 20;

/**
 * Calls for each whole line from a byte on, with where the line begins and its length in bytes; what follows the last newline is
 * none. Gives the byte after that newline. `chunk` is room to read into.
 */
async function eachLine(
  path: string,
  begin: number,
  chunk: Uint8Array,
  use: (line: string, at: number, bytes: number) => void,
): Promise<number> {
  const handle = await open(path, 'r');
  try {
    const decoder = new TextDecoder();
    let held = new Uint8Array();
    for (let position = begin; ;) {
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) return begin;
      position += bytesRead;
      const bytes = new Uint8Array(held.length + bytesRead);
      bytes.set(held);
      bytes.set(chunk.subarray(0, bytesRead), held.length);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        use(decoder.decode(bytes.subarray(from, end)), begin + from, end - from);
        from = end + 1;
      }
      held = bytes.slice(from);
      begin += from;
    }
  } finally {
    await handle.close();
  }
}
