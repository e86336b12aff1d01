/**
 * `reproduce`: the runs of an experiment one after another, each in a store of its own.
 *
 * A run that has ended is reported from its summary; one that was stopped or killed goes on from its checkpoint; so the same
 * command again does what is left. What trains and what estimates is given, so that this is order and bookkeeping alone.
 */
import { InputError } from '../../core/errors.js';
import type { StopSignal } from '../../core/host.js';
import {
  parseSpec,
  sameRun,
  type RunSpec,
  type RunStatus,
  type RunStore,
  type RunSummary,
  type PlannedRun,
  type Experiment,
  type Scale,
} from '../../runs/index.js';
import { fromSummary, type ReproducedRun, type ReproduceDocument } from './document.js';

/** A run before anything is done. */
export interface RunPlan extends PlannedRun {
  readonly state: 'new' | 'to resume' | 'done';
  /** Of what is left, measured on this machine; null for nothing left, or where it was not measured. */
  readonly estimatedSeconds: number | null;
  readonly runDirectory: string;
}

export interface ReproduceOptions {
  readonly experiment: Experiment;
  readonly scale: Scale;
  readonly runs: readonly PlannedRun[];
  readonly notes: readonly string[];
  readonly storeOf: (run: PlannedRun) => RunStore;
  /** Seconds that the whole run takes here. Throws for a spec that cannot be run: before any of them is. */
  readonly estimate: (spec: RunSpec) => Promise<number>;
  /** Null where it was stopped before its first step. */
  readonly train: (run: PlannedRun, store: RunStore, mode: 'fresh' | 'resume') => Promise<RunSummary | null>;
  readonly signal: StopSignal;
  readonly onEstimating: (index: number) => void;
  /** Before the first run starts. */
  readonly onPlan: (plan: readonly RunPlan[]) => void;
  readonly onStart: (index: number, run: RunPlan) => void;
  readonly onEnd: (index: number, run: ReproducedRun) => void;
}

export async function reproduce(options: ReproduceOptions): Promise<ReproduceDocument> {
  const { experiment, scale, notes, signal } = options;
  const plan: RunPlan[] = [];
  const summaries: (RunSummary | null)[] = [];
  for (const [index, run] of options.runs.entries()) {
    const store = options.storeOf(run);
    const { state, summary, share } = await lookInto(store, run);
    summaries.push(state === 'done' ? summary : null);
    let estimatedSeconds: number | null = null;
    if (state !== 'done' && !signal.aborted) {
      options.onEstimating(index);
      estimatedSeconds = share * (await options.estimate(run.spec));
    }
    plan.push({ ...run, state, estimatedSeconds, runDirectory: store.location });
  }
  if (!signal.aborted) options.onPlan(plan);

  const runs: ReproducedRun[] = [];
  for (const [index, planned] of plan.entries()) {
    const done = await runOne(index, planned, summaries[index]);
    runs.push(done);
    if (done.done === 'now') options.onEnd(index, done);
  }
  const estimates = plan.filter(({ state }) => state !== 'done').map((run) => run.estimatedSeconds);
  return {
    experiment: experiment.name,
    title: experiment.title,
    shows: experiment.shows,
    origin: experiment.origin,
    scale,
    notes,
    status: statusOf(runs),
    estimatedSeconds: estimates.reduce<number | null>(
      (sum, seconds) => (sum === null || seconds === null ? null : sum + seconds),
      0,
    ),
    runs,
  };

  async function runOne(index: number, planned: RunPlan, summary: RunSummary | null): Promise<ReproducedRun> {
    const { name, variant, spec, runDirectory, estimatedSeconds } = planned;
    const identity = { name, variant, spec, runDirectory, estimatedSeconds };
    if (summary !== null) return { ...identity, done: 'earlier', ...fromSummary(summary) };
    if (signal.aborted) return { ...identity, done: 'not yet', ...NOTHING };
    options.onStart(index, planned);
    const mode = planned.state === 'new' ? 'fresh' : 'resume';
    const ended = await options.train(planned, options.storeOf(planned), mode);
    if (ended === null) return { ...identity, done: 'not yet', ...NOTHING };
    return { ...identity, done: 'now', ...fromSummary(ended) };
  }
}

const NOTHING = {
  status: null,
  seconds: null,
  measured: null,
  predicted: null,
  classes: [],
  dataNotes: [],
  verdict: null,
} as const;

/** What a store holds of a run, and which share of it is left. Throws for a store that holds another run. */
async function lookInto(
  store: RunStore,
  { spec }: PlannedRun,
): Promise<{
  readonly state: RunPlan['state'];
  readonly summary: RunSummary | null;
  readonly share: number;
}> {
  const yaml = await store.readSpec();
  if (yaml === null) return { state: 'new', summary: null, share: 1 };
  const stored = parseSpec(yaml, `${store.location}/spec.yaml`);
  if (!sameRun(stored, spec))
    throw new InputError(
      'file',
      store.location,
      'a run of this experiment',
      'a run with other settings',
      'choose another folder, or remove this one',
      'out',
    );
  const summary = await store.readSummary();
  // A summary is of the spec beside it; of one run, only the length can differ, and a shorter one is continued.
  const same = lengthOf(stored) === lengthOf(spec);
  if (same && summary !== null && hasEnded(summary.status)) return { state: 'done', summary, share: 0 };
  return { state: 'to resume', summary, share: await shareLeft(store, spec) };
}

/** Steps, or epochs. */
function lengthOf(spec: RunSpec): number {
  return spec.kind === 'ufm' ? spec.steps : spec.epochs;
}

/** An interrupted run goes on; of the others nothing more can be had: a diverged one would diverge again. */
function hasEnded(status: RunStatus): boolean {
  switch (status) {
    case 'finished':
    case 'converged':
    case 'stalled':
    case 'diverged':
      return true;
    case 'interrupted':
      return false;
    default:
      return status satisfies never;
  }
}

/** From the last record, which may be ahead of the checkpoint a little. */
async function shareLeft(store: RunStore, spec: RunSpec): Promise<number> {
  const last = (await store.readRecords()).at(-1);
  if (last === undefined) return 1;
  const [done, all] = spec.kind === 'ufm' ? [last.step, spec.steps] : [last.network?.epoch ?? 0, spec.epochs];
  return all === 0 ? 0 : Math.min(1, Math.max(0, 1 - done / all));
}

function statusOf(runs: readonly ReproducedRun[]): ReproduceDocument['status'] {
  const has = (...statuses: readonly (RunStatus | null)[]) =>
    runs.some(({ status }) => statuses.includes(status));
  if (has('interrupted', null)) return 'interrupted';
  return has('diverged', 'stalled') ? 'failed' : 'finished';
}
