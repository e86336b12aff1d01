/** One run of `collapsar reproduce` on this machine. */
import type { PlannedRun, RunStore, RunSummary } from '../runs/index.js';
import { withRunLock } from '../runs/runLock.node.js';
import type { Context } from './context.js';
import type { Interrupt } from './interrupt.js';
import { runTraining, type TrainingInput } from './runTraining.js';

export function describeMachine({ blas }: Context): string {
  const { name, threads } = blas();
  return threads === null ? name : `${name}, ${threads} ${threads === 1 ? 'thread' : 'threads'}`;
}

export interface ReproduceRun {
  readonly input: TrainingInput;
  readonly run: PlannedRun;
  readonly store: RunStore;
  readonly mode: 'fresh' | 'resume';
  readonly context: Context;
  readonly interrupt: Interrupt;
}

/** The one process in the run's folder; null where it was interrupted before the first step. */
export function trainPlanned({ input, run, store, ...shared }: ReproduceRun): Promise<RunSummary | null> {
  return withRunLock(store.location, () =>
    runTraining({ ...input, ...shared, spec: run.spec, store, label: run.name, recordLines: true }),
  );
}
