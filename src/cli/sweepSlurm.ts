/**
 * A sweep as array jobs of Slurm. The folder, on a file system that all nodes see, is all there is between them: a submission
 * is a file that says which task has which points, made before `sbatch` is called and by nobody else; a task appends to a log of
 * its own. So a sweep can be left and joined again from any login, and points of tasks that were killed are submitted again.
 */
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { refuse, refuseFile } from '../core/errors.js';
import { lockOwner } from '../runs/runLock.node.js';
import type { SweepIndex } from '../runs/sweepIndex.node.js';
import {
  claimSubmission,
  lastSubmission,
  readSubmissions,
  withdrawSubmission,
  writeSubmission,
  type Submission,
  type SubmissionRequest,
} from '../runs/sweepSubmissions.node.js';
import type { Options, Parsed } from './args.js';
import { singleNumber } from './args.js';
import type { Context } from './context.js';
import { duration, whole } from './format.js';
import { listenForInterrupt } from './interrupt.js';
import { quoted } from './invocation.js';
import { callSlurm, isOver } from './slurmStates.js';
import { nameOfJob } from './sweepElsewhere.js';
import { indexOf, openPoints, type Sweep } from './sweepInFolder.js';
import type { PointsLeft } from './sweepWords.js';

export const SLURM_OPTIONS: Options = {
  partition: 'value',
  account: 'value',
  time: 'value',
  memory: 'value',
  throttle: 'value',
  tasks: 'value',
};

export const SLURM_HELP = `  --on local|slurm       where it runs (default local)
  --partition P, --account A, --time T, --memory M
                         of the Slurm jobs, as sbatch takes them
  --tasks N              tasks of an array job at most (default 1000)
  --throttle N           of these so many at once`;

const WORD = { form: /^[\w.:,+-]+$/, words: 'a word as sbatch takes it' };
/** What `sbatch` takes: a mistake shows before anything is submitted, with --dry-run too. */
const SLURM_WORDS = {
  partition: WORD,
  account: WORD,
  time: {
    form: /^(?:\d+(?::\d+){0,2}|\d+-\d+(?::\d+){0,2}|infinite|unlimited)$/i,
    words: 'a time as sbatch takes it (minutes, H:M:S, D-H or D-H:M:S)',
  },
  memory: { form: /^\d+(?:[kmgt]b?)?$/i, words: 'a size as sbatch takes it (4G, 500M)' },
} as const;

/** What `sbatch` is asked for; what is left out is as it was asked for before. */
export function slurmFrom(options: Parsed, before: SubmissionRequest | null): SubmissionRequest {
  const lines = (['partition', 'account', 'time', 'memory'] as const).flatMap((flag) => {
    const start = `#SBATCH --${flag === 'memory' ? 'mem' : flag}=`;
    const value = options.value(flag);
    if (value === undefined) return before?.lines.filter((line) => line.startsWith(start)) ?? [];
    const { form, words } = SLURM_WORDS[flag];
    if (!form.test(value)) refuse(`--${flag}`, words, value);
    return [`${start}${value}`];
  });
  const count = (flag: 'tasks' | 'throttle', most: number): number | null => {
    const text = options.value(flag);
    if (text === undefined) return null;
    const value = singleNumber(`--${flag}`, text);
    if (!Number.isSafeInteger(value) || value < 1 || value > most)
      refuse(`--${flag}`, `a whole number from 1 to ${most}`, value);
    return value;
  };
  return {
    lines,
    tasks: count('tasks', 1_000_000) ?? before?.tasks ?? 1000,
    throttle: count('throttle', 1_000_000) ?? before?.throttle ?? null,
  };
}

/** The script of a submission: one task of the array runs its share of the points, one thread each. */
export function slurmScript(
  folder: string,
  { number, name, tasks }: Submission,
  { lines, throttle }: SubmissionRequest,
  program: readonly string[],
): string {
  const at = resolve(folder);
  const words = [...program, 'sweep', at, '--task', number].map(quoted).join(' ');
  const exit = `${quoted(join(at, 'slurm', `${number}-`))}"$SLURM_ARRAY_TASK_ID.exit"`;
  return [
    '#!/bin/sh',
    `#SBATCH --job-name=${name}`,
    `#SBATCH --array=0-${tasks - 1}${throttle === null ? '' : `%${throttle}`}`,
    '#SBATCH --cpus-per-task=1',
    '#SBATCH --requeue',
    '#SBATCH --open-mode=append',
    `#SBATCH --output=${join(at, 'slurm', `${number}-%a.txt`)}`,
    ...lines,
    'export OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 OMP_NUM_THREADS=1',
    // Of an earlier run of this task, before it was put back into the queue.
    `rm -f ${exit}`,
    words,
    'code=$?',
    `echo "$code" > ${exit}`,
    'exit "$code"',
    '',
  ].join('\n');
}

/** So often are points submitted anew that come to no result: a point that kills its task is not tried for ever. */
const MOST_SUBMISSIONS = 5;
const POLL_MS = 2000;
/** Of the time, so much goes into looking at most: a thousand logs on a file system of a network take a while. */
const LOOKING_SHARE = 0.1;

export interface RunOnSlurm {
  readonly request: SubmissionRequest;
  readonly context: Context;
  readonly program: readonly string[];
  /** Says how far it is, once, before anything is submitted. */
  readonly announce: (left: PointsLeft) => Promise<void>;
}

/** Submits what is left, follows it, and submits again what was killed. */
export async function runOnSlurm(
  sweep: Sweep,
  { request, context: { terminal }, program, announce }: RunOnSlurm,
): Promise<{ readonly finished: boolean; readonly index: SweepIndex }> {
  const { folder } = sweep;
  const interrupt = listenForInterrupt(terminal, 'leaving; the jobs go on');
  const left = () => interrupt.signal.aborted;
  const began = performance.now();
  try {
    const index = await indexOf(sweep);
    for (let [made, done, again] = [0, -1, true]; ;) {
      const looked = performance.now();
      // The logs after the queue: of tasks that have ended all is read.
      const last = await lastSubmission(folder);
      const open = await openSubmission(folder);
      await index.update();
      const wait = Math.max(POLL_MS, (performance.now() - looked) / LOOKING_SHARE);
      if (open === null) {
        const points = await pointsLeft(sweep, index, again ? 'again' : 'left');
        if (again) await announce({ left: points.length, done: index.done - index.failed });
        if (points.length === 0) return { finished: true, index };
        // What gets on is gone on with: a bisection comes back for more, a cluster may take tasks away often.
        if (index.done > done) made = 0;
        [done, again] = [index.done, false];
        if (made >= MOST_SUBMISSIONS) {
          terminal.note(
            `note: ${whole(points.length)} points were submitted ${made} times and have no result`,
          );
          return { finished: false, index };
        }
        const submission = await claimSubmission(folder, points, request, last);
        // Somebody else has just submitted: theirs is followed.
        if (submission === null) continue;
        await checkAlone(folder, submission);
        made++;
        const job = await submit(folder, submission, slurmScript(folder, submission, request, program));
        terminal.note(
          `submitted ${whole(points.length)} points as job ${job}, ${whole(submission.tasks)} tasks (${submission.name})`,
        );
      } else {
        const seconds = (performance.now() - began) / 1000;
        terminal.progress(
          `points  ${whole(index.done)}/${whole(index.points)}  ${nameOfJob(open)}  ${duration(seconds)}`,
        );
      }
      for (let waited = 0; waited < wait && !left(); waited += 100) await delay(100);
      if (left()) {
        await index.update();
        return { finished: false, index };
      }
    }
  } finally {
    terminal.clear();
    interrupt.release();
  }
}

/**
 * Gives a submission up where the sweep is at work on some machine. That one locks the folder, then looks for submissions; here it
 * is the other way round, so that one of both sees the other.
 */
async function checkAlone(folder: string, submission: Submission): Promise<void> {
  const owner = await lockOwner(folder);
  if (owner === null) return;
  await withdrawSubmission(folder, submission);
  refuseFile(
    folder,
    'a sweep in which no other process works',
    `process ${owner.pid} on ${owner.host}`,
    `wait for it, or remove ${folder}/.lock if that process is gone`,
  );
}

async function pointsLeft(sweep: Sweep, index: SweepIndex, failed: 'again' | 'left'): Promise<number[]> {
  const { points } = await openPoints(sweep, index, failed);
  return [...{ [Symbol.iterator]: () => points }];
}

async function submit(folder: string, submission: Submission, script: string): Promise<string> {
  const path = join(folder, 'slurm', `${submission.number}.sh`);
  await writeSubmission(folder, submission, script);
  const job = (await callSlurm('sbatch', ['--parsable', path])).trim().split(';')[0];
  await writeSubmission(folder, { ...submission, job }, script);
  return job;
}

/** The submission whose tasks may still run; null where none may. */
async function openSubmission(folder: string): Promise<Submission | null> {
  const submissions = await readSubmissions(folder);
  for (const submission of submissions.reverse()) if (!(await isOver(folder, submission))) return submission;
  return null;
}

/** What the last submission of a folder asked for; null where there was none. */
export async function lastRequest(folder: string): Promise<SubmissionRequest | null> {
  return (await readSubmissions(folder)).at(-1)?.request ?? null;
}
