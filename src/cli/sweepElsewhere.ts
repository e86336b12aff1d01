/** The points of a sweep that jobs of Slurm have under way: they are left to those jobs when it is gone on with on this machine. */
import { ComputationError, refuseFile } from '../core/errors.js';
import { pointsOfTask, readSubmissions, type Submission } from '../runs/sweepSubmissions.node.js';
import { whole } from './format.js';
import { tasksUnderWay, type CallSlurm } from './slurmStates.js';

export interface Elsewhere {
  readonly points: ReadonlySet<number>;
  /** "job 7". */
  readonly jobs: readonly string[];
}

export const NOWHERE: Elsewhere = { points: new Set(), jobs: [] };

export function nameOfJob({ job, name }: Submission): string {
  return `job ${job ?? name}`;
}

/** "12 points of job 7". */
export function describeElsewhere(points: number, { jobs }: Elsewhere): string {
  return `${whole(points)} point${points === 1 ? '' : 's'} of ${jobs.join(' and ')}`;
}

/** Refuses a folder of whose jobs nothing can be learned here. */
export async function pointsElsewhere(folder: string, call?: CallSlurm): Promise<Elsewhere> {
  const points = new Set<number>();
  const jobs: string[] = [];
  for (const submission of await readSubmissions(folder)) {
    const tasks = await underWay(folder, submission, call);
    if (tasks.length > 0) jobs.push(nameOfJob(submission));
    for (const task of tasks) for (const point of pointsOfTask(submission, task)) points.add(point);
  }
  return { points, jobs };
}

async function underWay(folder: string, submission: Submission, call?: CallSlurm): Promise<number[]> {
  try {
    return await tasksUnderWay(folder, submission, call);
  } catch (error) {
    if (!(error instanceof ComputationError)) throw error;
    return refuseFile(
      folder,
      `Slurm’s word on whether ${nameOfJob(submission)} still runs`,
      `none (${error.message})`,
      `ask on a machine with Slurm, or remove ${folder}/slurm/${submission.number}.json where that job is gone`,
    );
  }
}
