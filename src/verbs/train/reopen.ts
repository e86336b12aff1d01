/**
 * Going on with a run: everything that its store holds is read and checked before anything is written, so that a resume
 * that is refused has changed nothing.
 */
import { refuse } from '../../core/errors.js';
import type { ArrayFile } from '../../data/index.js';
import {
  formatSpec,
  parseSpec,
  sameRun,
  type RunSpec,
  type RunStore,
  type TrainRecord,
} from '../../runs/index.js';

export interface Reopening<C> {
  readonly store: RunStore;
  readonly spec: RunSpec;
  /** What computes now, to compare with what computed before. */
  readonly blas: ComputedWith;
  readonly decode: (file: ArrayFile) => Promise<C>;
  /** Throws for a state that is not of this run. */
  readonly check: (saved: C) => void;
  readonly stepOf: (saved: C) => number;
  /** Records that a run has before this step. */
  readonly recordsBefore: (step: number) => number;
  readonly onNote: (note: string) => void;
}

interface ComputedWith {
  readonly name: string;
  readonly threads: number | null;
}

/** What a store holds of a run. */
export interface Reopened<C> {
  readonly saved: C;
  /** The records before the saved state; those after it are made again. */
  readonly records: readonly TrainRecord[];
}

/** The state a store holds; null where there is none yet, and the run starts from its beginning. */
export async function reopen<C extends { readonly blas: ComputedWith }>(
  options: Reopening<C>,
): Promise<Reopened<C> | null> {
  const { store, spec, blas, onNote } = options;
  const yaml = await store.readSpec();
  // A run that was killed before it wrote its spec has nothing else either.
  if (yaml === null) {
    onNote(`${store.location} holds no run yet: it begins`);
    return null;
  }
  if (!sameRun(parseSpec(yaml, `${store.location}/spec.yaml`), spec))
    refuse(
      store.location,
      'a run of this spec',
      'a run of another spec',
      'choose another folder, or resume with its own spec.yaml',
      'out',
    );
  const file = await store.openCheckpoint();
  if (file === null) {
    onNote(`${store.location} holds no checkpoint: training begins anew, from step 0`);
    return null;
  }
  const saved = await options.decode(file).finally(() => file.close());
  options.check(saved);
  const step = options.stepOf(saved);
  // The state itself is measured again where it is due.
  const records = (await store.readRecords()).filter((record) => record.step < step);
  const expected = options.recordsBefore(step);
  if (records.length < expected)
    onNote(
      `${store.location}/records.jsonl holds ${records.length} of the ${expected} records before step ${step}: ` +
        'the history of the others is lost, the state is not',
    );
  if (saved.blas.name !== blas.name || saved.blas.threads !== blas.threads)
    onNote(
      `the checkpoint was computed with ${nameOf(saved.blas)}, this continues with ${nameOf(blas)}: ` +
        'numbers will differ in rounding',
    );
  return { saved, records };
}

/** The first writes of a run: its spec, or the records that it goes on from. */
export async function openStore(
  store: RunStore | null,
  spec: RunSpec,
  reopened: { readonly records: readonly TrainRecord[] } | null,
): Promise<void> {
  if (store === null || store.waits?.() === true) return;
  if (reopened === null) await store.writeSpec(formatSpec(spec));
  await store.writeRecords(reopened?.records ?? []);
}

function nameOf({ name, threads }: ComputedWith): string {
  return `${name} (threads: ${threads ?? 'unknown'})`;
}
