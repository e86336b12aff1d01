/**
 * `measure` of a run folder of a network: every checkpoint of its series, in order, measured on the training set and beside
 * the prediction, as during the training.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import type { ArrayFile } from '../../data/index.js';
import { createNetworkTrainer, type Engine } from '../../nets/index.js';
import {
  decodeNetworkCheckpoint,
  parseSpec,
  type NetworkSpec,
  type NetworkSummary,
  type RunStore,
  type TrainRecord,
} from '../../runs/index.js';
import { networkPredictor } from '../train/networkPrediction.js';
import { setUpRun, type Images } from '../train/networkRun.js';
import { measureState } from '../train/networkState.js';
import { summariseNetwork } from '../train/networkSummary.js';

export interface MeasureCheckpointsOptions {
  readonly store: RunStore;
  readonly spec: NetworkSpec;
  readonly images: Images;
  readonly engine: Engine;
  readonly blas: Blas;
  /** Told of itself in the summary of the last checkpoint. */
  readonly command: string;
  readonly version: string;
  /** Lets other work run; called a few times for each checkpoint, with what is being done. */
  readonly pause: (busy: 'measuring' | 'predicting') => Promise<void>;
  readonly stopAsked: () => boolean;
  readonly onNote: (note: string) => void;
  /** Checkpoints done, of how many. */
  readonly onProgress: (done: number, total: number, record: TrainRecord | null) => void;
}

export interface MeasureCheckpointsDocument {
  readonly runDirectory: string;
  readonly status: 'finished' | 'interrupted';
  readonly data: { readonly set: string; readonly incomplete: boolean; readonly notes: readonly string[] };
  readonly checkpoints: readonly TrainRecord[];
  /** The last one measured, class by class and with its verdict; null where none was. */
  readonly last: NetworkSummary | null;
}

/** The spec of a store that holds a network's run. Throws one-line errors for anything else. */
export async function readNetworkSpec(store: RunStore): Promise<NetworkSpec> {
  const yaml = await store.readSpec();
  if (yaml === null) refuse(store.location, 'a run folder', 'a folder without a spec');
  const spec = parseSpec(yaml, `${store.location}/spec.yaml`);
  if (spec.kind !== 'network')
    refuse(
      store.location,
      'a run of a network',
      `kind: ${spec.kind}`,
      'its measures are in records.jsonl and summary.json',
    );
  return spec;
}

/** Measures each checkpoint; stops between two where asked. Throws where a checkpoint is of other data. */
export async function measureCheckpoints(
  options: MeasureCheckpointsOptions,
): Promise<MeasureCheckpointsDocument> {
  const { store, spec, images, engine, blas, pause, stopAsked, onProgress } = options;
  const run = setUpRun(spec, images);
  run.dataNotes.forEach(options.onNote);
  const told = {
    runDirectory: store.location,
    data: { set: spec.data.set, incomplete: run.incomplete, notes: run.dataNotes },
  };
  const predict = networkPredictor(run, options);
  const kept = await store.keptEpochs();
  const open: (() => Promise<ArrayFile | null>)[] =
    kept.length > 0 ? kept.map((epoch) => () => store.openKept(epoch)) : [() => store.openCheckpoint()];
  const checkpoints: TrainRecord[] = [];
  let last: MeasureCheckpointsDocument['last'] = null;
  for (const [i, opened] of open.entries()) {
    onProgress(i, open.length, null);
    await pause('measuring');
    if (stopAsked()) return { ...told, status: 'interrupted', checkpoints, last };
    const file = await opened();
    if (file === null) refuse(store.location, 'a checkpoint', 'a run without', 'train it first');
    const saved = await decodeNetworkCheckpoint(file).finally(() => file.close());
    if (saved.data !== run.checksum)
      refuse('--data', 'the data that the run was trained on', run.checksum, `SHA-256 ${saved.data}`);
    const trainer = await createNetworkTrainer(
      { ...run, engine, blas, batch: run.batch, seed: spec.init.seed },
      saved,
    );
    try {
      const { epochLoss, seconds } = saved;
      const taken = await measureState({
        ...{ spec, run, trainer, blas, predict, epochLoss, pause },
        seconds: () => seconds,
      });
      checkpoints.push(taken.record);
      onProgress(i + 1, open.length, taken.record);
      last = summariseNetwork({
        ...{ ...options, run, trainer, taken, seconds, stepsPerSecond: null },
        // That of its checkpoint: the run may have gone on, or been stopped there.
        status: 'finished',
      });
    } finally {
      await trainer.close();
    }
  }
  return { ...told, status: 'finished', checkpoints, last };
}
