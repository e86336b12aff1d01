/** Checkpoints of a network's run: what they hold, and going on from one. */
import { InputError, refuse } from '../../core/errors.js';
import { parametersOf, stepsPerEpoch, type Engine, type NetworkTrainer } from '../../nets/index.js';
import {
  decodeNetworkCheckpoint,
  encodeNetworkCheckpoint,
  type NetworkCheckpoint,
  type NetworkSpec,
  type RunStore,
} from '../../runs/index.js';
import type { NetworkRun } from './networkRun.js';
import { reopen, type Reopened } from './reopen.js';

export interface ReopenNetworkOptions {
  readonly spec: NetworkSpec;
  readonly store: RunStore | null;
  readonly mode: 'fresh' | 'resume';
  readonly engine: Engine;
}

/** The state a store holds, on the same data; null for a run that begins. Writes nothing. */
export async function reopenNetwork(
  run: NetworkRun,
  { spec, store, mode, engine }: ReopenNetworkOptions,
  onNote: (note: string) => void,
): Promise<Reopened<NetworkCheckpoint> | null> {
  if (mode === 'fresh' || store === null) return null;
  const every = spec.measureEvery * stepsPerEpoch(run.data.samples, run.batch);
  return reopen({
    ...{ store, spec, blas: engine.blas, onNote },
    decode: decodeNetworkCheckpoint,
    check({ data, progress }: NetworkCheckpoint) {
      if (data !== run.checksum)
        throw new InputError(
          'argument',
          'data',
          'the data that the run was started with',
          'other files',
          `SHA-256 ${data.slice(0, 12)}… is expected, ${run.checksum.slice(0, 12)}… was found`,
          'data',
        );
      if (progress.epoch > spec.epochs)
        refuse('epochs', `at least the ${progress.epoch} epochs already done`, spec.epochs);
    },
    stepOf: ({ progress }) => progress.step,
    recordsBefore: (step) => Math.ceil(step / every),
  });
}

/** The bytes of a checkpoint where the trainer is; null where its arrays are not finite: the run has then diverged. */
export async function networkCheckpointBytes(
  trainer: NetworkTrainer,
  { network, checksum }: NetworkRun,
  { blas }: Engine,
  clock: { readonly seconds: number; readonly epochLoss: number | null },
): Promise<Uint8Array | null> {
  const state = await trainer.state();
  if (state === null) return null;
  const shapes = new Map(parametersOf(network).map(({ name, shape }) => [name, shape]));
  return encodeNetworkCheckpoint({ ...state, ...clock, blas, data: checksum }, shapes);
}
