/** The submissions of a sweep to a cluster: which task has which points. Each is a file of its own, made exclusively. */
import { open, readdir, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createHash } from 'node:crypto';
import { InputError } from '../core/errors.js';
import { exists, isCode, makeFolder } from './folders.node.js';
import {
  fields,
  finite,
  list,
  Misshapen,
  orNull,
  pair,
  parseJson,
  positiveWhole,
  text,
  whole,
} from './jsonShape.js';
import { replaceFile } from './runFolder.node.js';

const FOLDER = 'slurm';

/** What a submission asks the cluster for, so that whoever goes on asks for the same. */
export interface SubmissionRequest {
  /** Lines of the script, `#SBATCH --partition=cpu`. */
  readonly lines: readonly string[];
  /** Tasks of an array at most, and of these at once; null for all. */
  readonly tasks: number;
  readonly throttle: number | null;
}

export interface Submission {
  /** `0001`, in the order of submissions. */
  readonly number: string;
  /** Of the job: nobody else's has it. */
  readonly name: string;
  /** Its points as ranges, both ends in them. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly tasks: number;
  /** Points of a task. */
  readonly share: number;
  /** Of Slurm; null where it is not known. */
  readonly job: string | null;
  /** When it was made, in milliseconds. */
  readonly at: number;
  readonly request: SubmissionRequest;
}

const shape = fields({
  number: text,
  name: text,
  ranges: list(pair(whole)),
  tasks: positiveWhole,
  share: positiveWhole,
  job: orNull(text),
  at: finite,
  request: fields({ lines: list(text), tasks: positiveWhole, throttle: orNull(positiveWhole) }),
});

/**
 * The submission of these points that follows upon the last that was seen, and that nobody else makes; null where somebody else was
 * first.
 */
export async function claimSubmission(
  folder: string,
  points: readonly number[],
  request: SubmissionRequest,
  last: number,
): Promise<Submission | null> {
  await makeFolder(join(folder, FOLDER));
  const number = String(last + 1).padStart(4, '0');
  const share = Math.ceil(points.length / request.tasks);
  const key = createHash('sha256')
    .update(`${folder} ${Date.now()} ${Math.random()}`)
    .digest('hex')
    .slice(0, 8);
  const submission: Submission = {
    ...{ number, name: `collapsar-${key}-${number}`, ranges: rangesOf(points) },
    ...{ tasks: Math.ceil(points.length / share), share, job: null, at: Date.now(), request },
  };
  let file;
  try {
    file = await open(join(folder, FOLDER, `${number}.json`), 'wx');
  } catch (error) {
    if (isCode(error, 'EEXIST')) return null;
    throw error;
  }
  try {
    await file.writeFile(JSON.stringify(submission));
    await file.sync();
  } finally {
    await file.close();
  }
  return submission;
}

export async function writeSubmission(folder: string, submission: Submission, script: string): Promise<void> {
  const at = (ending: string) => join(folder, FOLDER, `${submission.number}.${ending}`);
  await replaceFile(at('sh'), script);
  await replaceFile(at('json'), JSON.stringify(submission));
}

/** Takes back what was claimed and not submitted. */
export async function withdrawSubmission(folder: string, { number }: Submission): Promise<void> {
  await unlink(join(folder, FOLDER, `${number}.json`));
}

/** The number of the last submission, one that was removed included; 0 where there was none. */
export async function lastSubmission(folder: string): Promise<number> {
  if (!(await exists(join(folder, FOLDER)))) return 0;
  const names = await readdir(join(folder, FOLDER));
  return Math.max(0, ...names.map((name) => Number(/^(\d+)\.(?:json|sh)$/.exec(name)?.[1] ?? 0)));
}

export async function readSubmissions(folder: string): Promise<Submission[]> {
  if (!(await exists(join(folder, FOLDER)))) return [];
  const names = (await readdir(join(folder, FOLDER))).filter((name) => /^\d+\.json$/.test(name)).sort();
  return Promise.all(names.map((name) => readSubmission(folder, name.replace('.json', ''))));
}

export async function readSubmission(folder: string, number: string): Promise<Submission> {
  const path = join(folder, FOLDER, `${number}.json`);
  try {
    return shape(parseJson(await readFile(path, 'utf8')), '');
  } catch (error) {
    if (!(error instanceof Misshapen)) throw error;
    throw new InputError('format', path, 'a submission of a sweep', `one where ${error.what}`);
  }
}

/** The points of a task. */
export function pointsOfTask({ ranges, share }: Submission, task: number): number[] {
  const points: number[] = [];
  let passed = 0;
  for (const [first, last] of ranges)
    for (let point = first; point <= last; point++, passed++)
      if (passed >= task * share && passed < (task + 1) * share) points.push(point);
  return points;
}

/** Tasks that have left an exit code. */
export async function tasksWithExit(folder: string, { number }: Submission): Promise<number[]> {
  const names = await readdir(join(folder, FOLDER));
  return names.flatMap((name) => {
    const task = new RegExp(`^${number}-(\\d+)\\.exit$`).exec(name)?.[1];
    return task === undefined ? [] : [Number(task)];
  });
}

function rangesOf(points: readonly number[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const point of points) {
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  return ranges;
}
