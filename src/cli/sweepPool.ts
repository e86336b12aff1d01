/** Processes that run the points of a sweep on this machine: each keeps running and has one thread of BLAS. */
import { fork, type ChildProcess } from 'node:child_process';
import { ComputationError } from '../core/errors.js';
import type { StopSignal } from '../core/host.js';
import { ONE_THREAD } from './oneThread.js';
import { openPointWorker, type PointEnd, type PointWorkerOptions } from './sweepPoints.js';
import type { FromWorker, ToWorker } from './sweepWorker.js';

export interface PoolOptions extends Omit<PointWorkerOptions, 'name'> {
  /** Processes; 0 runs the points in this one. */
  readonly jobs: number;
  /** Names of logs begin with it. */
  readonly prefix: string;
  /** The points to run, in order. */
  readonly points: Iterator<number, undefined>;
  readonly onEnd: (point: number, end: PointEnd) => void;
}

/** A process that dies takes its point with it; the second time the point has failed. */
const TRIES = 2;

/** Runs all points, or until the signal; true where none is left. */
export async function runPool(options: PoolOptions): Promise<boolean> {
  const { jobs, prefix, points, onEnd, signal } = options;
  const tries = new Map<number, number>();
  const again: number[] = [];
  let started = 0;
  const stopped = () => signal.aborted;
  const local = await openPointWorker({ ...options, name: `${prefix}-0` });
  if (local === null) throw taken(prefix);
  const next = (): number | null => {
    const repeated = again.pop();
    if (repeated !== undefined) return repeated;
    return points.next().value ?? null;
  };
  const lane = async () => {
    for (;;) {
      if (stopped()) return;
      let point = next();
      if (point === null) return;
      const worker = await startWorker({ ...options, name: `${prefix}-${++started}` });
      while (point !== null) {
        const end = await worker.run(point, signal);
        if (end === 'died') {
          const count = (tries.get(point) ?? 0) + 1;
          tries.set(point, count);
          if (count < TRIES) again.push(point);
          else {
            local.fail(point, `the process of the point: to run to its end, got ${worker.how()}`);
            onEnd(point, 'failed');
          }
          break;
        }
        onEnd(point, end);
        point = stopped() ? null : next();
      }
      await worker.close();
    }
  };
  try {
    if (jobs === 0)
      for (let point = next(); point !== null && !signal.aborted; point = next())
        onEnd(point, await local.run(point));
    else await Promise.all(Array.from({ length: jobs }, lane));
  } finally {
    local.close();
  }
  return !signal.aborted;
}

function taken(prefix: string): ComputationError {
  return new ComputationError(`sweep: a log that is new, got ${prefix}-0.jsonl, which is there already`);
}

interface ForkedWorker {
  run(point: number, signal: StopSignal): Promise<PointEnd | 'died'>;
  /** How it died. */
  how(): string;
  close(): Promise<void>;
}

const WATCH_MS = 50;

async function startWorker(options: PoolOptions & { readonly name: string }): Promise<ForkedWorker> {
  const { folder, name, version, onNote } = options;
  const child = fork(new URL('./sweepWorker.js', import.meta.url), [folder, name, version], {
    env: { ...process.env, ...ONE_THREAD },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = () => child.kill('SIGKILL');
  process.on('exit', stop);
  let how = 'an end of its own';
  const ended = new Promise<void>((done) =>
    child.on('exit', (code, killedBy) => {
      how = killedBy === null ? `exit code ${code ?? 'unknown'}` : `signal ${killedBy}`;
      process.off('exit', stop);
      done();
    }),
  );
  const said: { refusal?: string } = {};
  let answer: ((end: PointEnd | 'ready') => void) | null = null;
  child.on('message', (message: FromWorker) => {
    if ('note' in message) onNote(message.note);
    else if ('refused' in message) said.refusal = message.refused;
    else answer?.('ready' in message ? 'ready' : message.end);
  });
  const reply = (send: () => void) => {
    const got = new Promise<PointEnd | 'ready'>((done) => (answer = done));
    send();
    return Promise.race([got, ended.then(() => 'died' as const)]);
  };
  const ready = await reply(() => undefined);
  if (ready === 'died') throw new ComputationError(`sweep: a worker that starts, got ${said.refusal ?? how}`);
  const send = (message: ToWorker) => trySend(child, message);
  return {
    how: () => said.refusal ?? how,
    async run(point, signal) {
      const watch = setInterval(() => {
        if (signal.aborted) send({ stop: true });
      }, WATCH_MS);
      try {
        return (await reply(() => {
          send({ run: point });
        })) as PointEnd | 'died';
      } finally {
        clearInterval(watch);
      }
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function trySend(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}
