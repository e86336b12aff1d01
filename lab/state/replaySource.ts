/** Where replayed records come from. */
import type { MonitoredReplay } from 'collapsar/runs';
import type { ProblemState, TrainingState } from '../link/labState.js';
import type { Verdict } from '../workers/trainMessages.js';

export interface ReplaySource {
  /** Its entry of the history. */
  readonly entry: number;
  /** Of the file. */
  readonly name: string;
  /** Lines of the file; as many as records, unless it is damaged. */
  readonly lines: number;
  /** What could not be read, and what cannot be known, in sentences. */
  readonly notes: readonly string[];
  /** The problem they were trained on; or why the lab cannot show it. */
  readonly problem: ProblemState | { readonly why: string };
  /** How it was trained, where a training here would retrace it; else null. */
  readonly training: TrainingState | null;
  /** Of a training in PyTorch: what was captured of it, and theory beside it; else null. */
  readonly monitored: MonitoredReplay | null;
  /** How the run ended, in its own words. */
  readonly end: (Verdict & { readonly step: number }) | null;
}
