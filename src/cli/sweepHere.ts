/** Runs what is left of a sweep on this machine: which points, by whom, and how far they are. */
import { setTimeout as delay } from 'node:timers/promises';
import { refuseFile } from '../core/errors.js';
import { logNames, type SweepIndex } from '../runs/sweepIndex.node.js';
import type { Context } from './context.js';
import { duration, number, whole } from './format.js';
import { listenForInterrupt } from './interrupt.js';
import { describeElsewhere, type Elsewhere } from './sweepElsewhere.js';
import { indexOf, openPoints, type Sweep } from './sweepInFolder.js';
import type { PointEnd } from './sweepPoints.js';
import { runPool } from './sweepPool.js';
import type { PointsLeft } from './sweepWords.js';

export interface RunHere {
  readonly jobs: number;
  readonly context: Context;
  /** What is not run here. */
  readonly elsewhere: Elsewhere;
  /** Says how far it is, before anything runs. */
  readonly announce: (left: PointsLeft) => Promise<void>;
}

/** Workers of a killed sweep end when they see that it is gone: within a second, or when their step is done. */
const GONE_MS = 20_000;

export async function runHere(
  sweep: Sweep,
  { jobs, context, elsewhere, announce }: RunHere,
): Promise<{ readonly finished: boolean; readonly index: SweepIndex }> {
  const { terminal, blas, version } = context;
  const { folder, plan } = sweep;
  const index = await quietIndex(sweep, (text) => {
    terminal.note(text);
  });
  const open = (round: number) => openPoints(sweep, index, round === 1 ? 'again' : 'left', elsewhere.points);
  const first = await open(1);
  if (first.count === 0 && first.elsewhere > 0)
    refuseFile(
      folder,
      'points that no job of Slurm has',
      describeElsewhere(first.elsewhere, elsewhere),
      'scancel it to run them here, or follow it with --on slurm',
    );
  await announce({ left: first.count, done: index.done - index.failed });
  const interrupt = listenForInterrupt(terminal, 'stopping; all points that are done are kept');
  try {
    for (let round = 1; ; round++) {
      const { count: left, points, elsewhere: away } = round === 1 ? first : await open(round);
      if (left === 0) {
        if (away > 0) terminal.note(`left to Slurm: ${describeElsewhere(away, elsewhere)}`);
        return { finished: away === 0, index };
      }
      const progress = progressOf(plan.bisect === null ? plan.points - away : index.done + left, left);
      const finished = await runPool({
        ...{ folder, jobs: Math.min(jobs, left), blas, version, signal: interrupt.signal, points },
        prefix: `local-${String(await nextAttempt(folder)).padStart(4, '0')}`,
        onNote: (note) => terminal.note(`note: ${note}`),
        onEnd(_, end) {
          if (end !== 'interrupted') terminal.progress(progress(end));
        },
      });
      await index.update();
      // Of a bisection, or beside a job of Slurm, the results say what comes next.
      if (!finished || (plan.bisect === null && away === 0)) return { finished, index };
    }
  } finally {
    terminal.clear();
    interrupt.release();
  }
}

/** How far it is, each time that a point has ended. */
function progressOf(points: number, left: number): (end: PointEnd) => string {
  const began = performance.now();
  let [ended, failed] = [0, 0];
  return (end) => {
    ended++;
    if (end === 'failed') failed++;
    const done = points - left + ended;
    const rate = ended / ((performance.now() - began) / 1000);
    return (
      `points  ${Math.floor((100 * done) / points)} %  ${whole(done)}/${whole(points)}  ${number(rate, 3)}/s  ` +
      `${duration((left - ended) / rate)} left${failed === 0 ? '' : `  ${failed} failed`}`
    );
  };
}

/** The index when nobody else writes into the sweep any more. */
async function quietIndex(sweep: Sweep, note: (text: string) => void): Promise<SweepIndex> {
  const until = Date.now() + GONE_MS;
  const index = await indexOf(sweep);
  for (let said = false; ; said = true) {
    const here = (await index.owners()).filter(({ pid }) => pid !== process.pid);
    await index.update();
    if (here.length === 0) return index;
    if (Date.now() > until)
      refuseFile(
        sweep.folder,
        'a sweep in which no other process works',
        `process ${here[0].pid} on ${here[0].host}`,
        'wait for it, or end it',
      );
    if (!said) note(`waiting for ${here.length} processes that were at work here to end`);
    await delay(100);
  }
}

async function nextAttempt(folder: string): Promise<number> {
  const attempts = (await logNames(folder)).map((name) => Number(/^local-(\d+)-/.exec(name)?.[1] ?? 0));
  return Math.max(0, ...attempts) + 1;
}
