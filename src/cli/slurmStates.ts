/**
 * Whether tasks of a submission still run or wait, by whichever of Slurm's programs answers: `squeue` first, which knows what is
 * queued, then `sacct` where there is accounting, else `scontrol`; where none does, by the exit codes that tasks leave.
 */
import { execFile } from 'node:child_process';
import { ComputationError, refuse } from '../core/errors.js';
import { tasksWithExit, type Submission } from '../runs/sweepSubmissions.node.js';

/** Calls a program of Slurm: what it prints, or a refusal with the last line that it complains in. */
export type CallSlurm = (program: string, words: readonly string[]) => Promise<string>;

/** A job that was submitted is seen by squeue within this time. */
const SEEN_MS = 30_000;

/** Whether no task of a submission runs or waits any more. */
export async function isOver(folder: string, submission: Submission, call = callSlurm): Promise<boolean> {
  const queue = await answer(queuedStates(submission, call));
  if ('states' in queue && queue.states.length > 0) return false;
  const states = (await accountedStates(submission, call)) ?? (await shownStates(submission, call));
  if (states !== null && states.length > 0) return states.every((state) => !ACTIVE.test(state));
  const unseen = submission.job === null && Date.now() - submission.at <= SEEN_MS;
  // A job that neither queues nor is known any more has ended.
  if ('states' in queue || states !== null) return !unseen;
  // Without the scheduler's word: each task that ended by itself has left its exit code.
  if ((await tasksWithExit(folder, submission)).length >= submission.tasks) return true;
  throw queue.error;
}

/**
 * The tasks of a submission that run or wait. Where the queue does not name them, those of a submission that is not over which have
 * left no exit code.
 */
export async function tasksUnderWay(
  folder: string,
  submission: Submission,
  call = callSlurm,
): Promise<number[]> {
  if (await isOver(folder, submission, call)) return [];
  const queue = await answer(queuedStates(submission, call, '%K'));
  const named = 'states' in queue ? queue.states.map((state) => Number(state.trim())) : [];
  if (named.length > 0 && named.every((task) => Number.isSafeInteger(task))) return [...new Set(named)];
  const ended = new Set(await tasksWithExit(folder, submission));
  return Array.from({ length: submission.tasks }, (_, task) => task).filter((task) => !ended.has(task));
}

/** Refuses a machine from which nothing can be submitted. */
export async function checkSubmits(call = callSlurm): Promise<void> {
  try {
    await call('sbatch', ['--version']);
  } catch (error) {
    if (!(error instanceof ComputationError)) throw error;
    if (!(error instanceof NoSuchProgram))
      refuse('--on slurm', 'a Slurm that answers', undefined, error.message);
    refuse(
      '--on slurm',
      'a machine with sbatch, by which Slurm takes jobs',
      undefined,
      'go to a login of the cluster, or --on local; --dry-run prints the script',
    );
  }
}

/** Refuses a Slurm that cannot be asked: what is submitted could not be followed. */
export async function checkAnswers(call = callSlurm): Promise<void> {
  const queue = await answer(queuedStates({ name: 'collapsar' }, call));
  if ('states' in queue || 'states' in (await answer(call('scontrol', ['ping']).then(linesOf)))) return;
  const why = queue.error instanceof Error ? queue.error.message : String(queue.error);
  refuse('--on slurm', 'a Slurm that answers', undefined, why);
}

const ACTIVE =
  /^(?:PENDING|RUNNING|REQUEUED|REQUEUE_HOLD|REQUEUE_FED|SPECIAL_EXIT|RESIZING|SUSPENDED|STOPPED|SIGNALING|STAGE_OUT|COMPLETING|CONFIGURING)/;

type Answer = { readonly states: readonly string[] } | { readonly error: unknown };

async function answer(states: Promise<readonly string[]>): Promise<Answer> {
  try {
    return { states: await states };
  } catch (error) {
    return { error };
  }
}

/** By its name, which nobody else has: its number is not known where a login was lost between sbatch and the next line. */
async function queuedStates(
  { name }: Pick<Submission, 'name'>,
  call: CallSlurm,
  field = '%T',
): Promise<string[]> {
  return linesOf(await call('squeue', ['--noheader', '--array', `--name=${name}`, `--format=${field}`]));
}

/** Of the tasks by the accounting; null where there is none, or the number of the job is not known. */
async function accountedStates({ job }: Submission, call: CallSlurm): Promise<string[] | null> {
  if (job === null) return null;
  const accounted = await answer(call('sacct', ['-n', '-X', '-P', '-o', 'State', '-j', job]).then(linesOf));
  return 'states' in accounted && accounted.states.length > 0 ? [...accounted.states] : null;
}

/** Of the tasks by the controller, which forgets a job some minutes after its end: then there are none. Null without an answer. */
async function shownStates({ job, name }: Submission, call: CallSlurm): Promise<string[] | null> {
  const words = ['--oneliner', 'show', 'job', ...(job === null ? [] : [job])];
  const shown = await answer(call('scontrol', words).then(linesOf));
  if ('error' in shown) return /invalid job id/i.test(String(shown.error)) ? [] : null;
  return shown.states.flatMap((line) => {
    const fields = line.split(/\s+/);
    const state = fields.find((field) => field.startsWith('JobState='));
    return fields.includes(`JobName=${name}`) && state !== undefined ? [state.slice('JobState='.length)] : [];
  });
}

/** A program of Slurm that this machine does not have. */
class NoSuchProgram extends ComputationError {}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}

export const callSlurm: CallSlurm = (program, words) =>
  new Promise((done, fail) => {
    execFile(program, [...words], { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      if (error === null) done(stdout);
      else if (error.code === 'ENOENT')
        fail(new NoSuchProgram(`${program}: an answer of Slurm, got no such program`));
      else {
        const why = stderr.trim().split('\n').at(-1) ?? '';
        fail(new ComputationError(`${program}: an answer of Slurm, got ${why === '' ? error.message : why}`));
      }
    });
  });
