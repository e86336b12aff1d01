/** A sweep and the folder that it is in. */
import { indexSweep } from '../runs/sweepFolder.node.js';
import type { SweepPlan } from '../verbs/sweep/plan.js';

/** A sweep, where it is and how it runs. */
export interface Sweep {
  readonly plan: SweepPlan;
  readonly folder: string;
  /** The text of its `sweep.yaml`. */
  readonly source: string;
}

/** How far a sweep is. */
export function indexOf({ folder, source, plan }: Sweep): ReturnType<typeof indexSweep> {
  return indexSweep(folder, source, plan.points);
}
