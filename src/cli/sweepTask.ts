/** One task of an array job: runs its share of the points in this process, into a log that is its own. */
import { refuse, refuseFile } from '../core/errors.js';
import { pointsOfTask, readSubmission } from '../runs/sweepSubmissions.node.js';
import type { Context, ExitCode } from './context.js';
import { listenForInterrupt } from './interrupt.js';
import { indexOf, type Sweep } from './sweepInFolder.js';
import { openPointWorker } from './sweepPoints.js';

export async function runTask(
  sweep: Sweep,
  number: string,
  { terminal, blas, version }: Context,
): Promise<ExitCode> {
  const { folder } = sweep;
  const task = Number(process.env.SLURM_ARRAY_TASK_ID ?? NaN);
  if (!Number.isSafeInteger(task) || !/^\d+$/.test(number))
    refuse('--task', 'a task of an array job, with SLURM_ARRAY_TASK_ID', process.env.SLURM_ARRAY_TASK_ID);
  const submission = await readSubmission(folder, number);
  const restart = Number(process.env.SLURM_RESTART_COUNT ?? 0);
  const logs = `slurm-${number}-${String(task).padStart(6, '0')}-`;
  const name = `${logs}${restart}`;
  const interrupt = listenForInterrupt(terminal, 'stopping');
  const worker = await openPointWorker({
    ...{ folder, name, blas, version, signal: interrupt.signal, claim: 'of the task' },
    onNote: (note) => terminal.note(`note: ${note}`),
  });
  if (worker === null)
    refuseFile(`${folder}/logs/${name}.jsonl`, 'a log that is new', 'one that is there: the task ran before');
  try {
    // What an earlier run of this task did, before it was put back into the queue, is done. What others did is not its share.
    const index = await indexOf(sweep, logs);
    for (const point of pointsOfTask(submission, task)) {
      if (interrupt.signal.aborted) return 1;
      if (index.state(point) !== 'done') await worker.run(point);
    }
    return interrupt.signal.aborted ? 1 : 0;
  } finally {
    worker.close();
    interrupt.release();
  }
}
