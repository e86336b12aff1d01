/** Checkpoints of a network's run: what they hold, and going on from one. */
import { InputError, refuse } from '../../core/errors.js';
import { stepsPerEpoch, type Engine, type NetworkTrainerState } from '../../nets/index.js';
import {
  decodeNetworkCheckpoint,
  parseSpec,
  sameRun,
  type NetworkCheckpoint,
  type NetworkSpec,
  type RunStore,
} from '../../runs/index.js';
import type { NetworkRun } from './networkRun.js';

export interface SavedRun {
  readonly state: NetworkTrainerState;
  readonly seconds: number;
  readonly epochLoss: number | null;
}

export interface ReopenOptions {
  readonly spec: NetworkSpec;
  readonly engine: Engine;
  readonly onNote: (note: string) => void;
}

/** What a checkpoint holds of a state. */
export function checkpointOf(
  { arrays, progress }: NetworkTrainerState,
  seconds: number,
  epochLoss: number | null,
  { checksum }: NetworkRun,
  { blas }: Engine,
): NetworkCheckpoint {
  return { arrays, progress, seconds, epochLoss, blas, data: checksum };
}

/** The state a store holds: checks that it is this run on this data, cuts the records from its epoch on. */
export async function reopenRun(
  run: NetworkRun,
  store: RunStore,
  { spec, engine, onNote }: ReopenOptions,
): Promise<SavedRun | null> {
  const yaml = await store.readSpec();
  if (yaml === null)
    refuse(store.location, 'a run to resume', 'no run there', 'leave --resume out to start one');
  if (!sameRun(parseSpec(yaml, `${store.location}/spec.yaml`), spec))
    refuse(
      store.location,
      'a run of this spec',
      'a run of another spec',
      'choose another --out, or resume with its own spec.yaml',
    );
  const file = await store.openCheckpoint();
  if (file === null) return null;
  let found: NetworkCheckpoint;
  try {
    found = await decodeNetworkCheckpoint(file);
  } finally {
    await file.close();
  }
  const { progress, arrays, blas, seconds, epochLoss } = found;
  if (found.data !== run.checksum)
    throw new InputError(
      'argument',
      '--data',
      'the data that the run was started with',
      'other files',
      `SHA-256 ${found.data.slice(0, 12)}… is expected, ${run.checksum.slice(0, 12)}… was found`,
    );
  if (progress.epoch > spec.epochs)
    refuse('epochs', `at least the ${progress.epoch} epochs already done`, spec.epochs);
  // The state at an epoch's start is measured again.
  const kept = (await store.readRecords()).filter(({ step }) => step < progress.step);
  const expected = Math.ceil(
    progress.step / (spec.measureEvery * stepsPerEpoch(run.data.samples, run.batch)),
  );
  if (kept.length < expected)
    onNote(
      `${store.location}/records.jsonl holds ${kept.length} of the ${expected} records before step ${progress.step}: ` +
        'the history of the others is lost, the weights are not',
    );
  await store.writeRecords(kept);
  if (blas.name !== engine.blas.name || blas.threads !== engine.blas.threads)
    onNote(
      `the checkpoint was computed with ${blas.name} (threads: ${blas.threads ?? 'unknown'}), this continues with ` +
        `${engine.blas.name} (threads: ${engine.blas.threads ?? 'unknown'}): numbers will differ in rounding`,
    );
  return { state: { arrays, progress }, seconds, epochLoss };
}
