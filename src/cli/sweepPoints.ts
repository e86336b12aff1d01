/** Runs points of a sweep in this process, one after another, each result a line in a log of its own. */
import { isAbsolute, resolve } from 'node:path';
import type { Blas } from '../core/blas.js';
import { InputError } from '../core/errors.js';
import type { StopSignal } from '../core/host.js';
import { openRunFolder, holdsRun } from '../runs/runFolder.node.js';
import { breakLock, withRunLock } from '../runs/runLock.node.js';
import { createLog, pointFolder, readSweep, SWEEP_FILE, type SweepLog } from '../runs/sweepFolder.node.js';
import type { PointStatus } from '../runs/index.js';
import { parseSweep } from '../verbs/sweep/plan.js';
import { failedResult } from '../verbs/sweep/result.js';
import { createPointRunner } from '../verbs/sweep/runPoint.js';
import { giveWay } from './interrupt.js';
import { runPointCommand } from './sweepCommand.js';
import { trainingInput } from './trainingInput.js';

/** How a point ended: with a result in the log, or not at all. */
export type PointEnd = PointStatus | 'interrupted';

export interface PointWorker {
  run(point: number): Promise<PointEnd>;
  /** Logs what ended the worker that had this point. */
  fail(point: number, why: string): void;
  close(): void;
}

export interface PointWorkerOptions {
  readonly folder: string;
  /** Of the log, which must be new. */
  readonly name: string;
  readonly blas: () => Blas;
  readonly version: string;
  readonly signal: StopSignal;
  readonly onNote: (note: string) => void;
  /** `of the task`: nobody else has these points, so that a lock in their folders is that of a task which was killed. */
  readonly claim?: 'of the task' | undefined;
}

/** A point of the unconstrained-features model becomes a folder after so long. */
const FOLDER_AFTER_MS = 5000;

/** Null where a log of that name is there already: it is another worker's. */
export async function openPointWorker(options: PointWorkerOptions): Promise<PointWorker | null> {
  const { folder, name, blas, version, signal, onNote } = options;
  const { source, meta } = await readSweep(folder);
  const log = await createLog(folder, name, source);
  if (log === null) return null;
  const where = `${folder}/${SWEEP_FILE}`;
  const plan = parseSweep(source, where, [], 'trusted');
  const { command, home, data } = meta;
  const input = trainingInput(
    data === null || isAbsolute(data) ? (data ?? undefined) : resolve(home, data),
    home,
    { blas },
    1,
  );
  let run: ReturnType<typeof createPointRunner> | null = null;
  const open = () =>
    createPointRunner(plan, where, {
      ...input,
      ...{ blas: blas(), madeBy: { version, command }, clock: () => performance.now(), yield: giveWay },
      ...{ signal, onNote, wait: meta.folders ? 0 : FOLDER_AFTER_MS },
      folderOf(point) {
        const location = pointFolder(folder, point);
        return {
          location,
          holdsRun: () => holdsRun(location),
          open: () => openRunFolder(location),
          async locked(work) {
            if (options.claim === 'of the task') await breakLock(location);
            return await withRunLock(location, work);
          },
        };
      },
      runCommand: (order) => runPointCommand({ ...order, home, blas: blas() }),
    });
  return {
    run: (point) => runLogged(point, log, (run ??= open())),
    fail: (point, why) => {
      log.append(failedResult(point, why, 0));
    },
    close: () => {
      log.close();
    },
  };
}

async function runLogged(
  point: number,
  log: SweepLog,
  run: ReturnType<typeof createPointRunner>,
): Promise<PointEnd> {
  try {
    const result = await run(point);
    if (result === null) return 'interrupted';
    log.append(result);
    return result.status;
  } catch (error) {
    // What is wrong with one point does not end the others.
    if (!(error instanceof InputError)) throw error;
    log.append(failedResult(point, error.message, 0));
    return 'failed';
  }
}
