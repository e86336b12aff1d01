/**
 * `measure` of a run folder of a network: every checkpoint of its series, in order, measured on the training set and beside
 * the prediction, as during the training.
 */
import type { Blas } from '../../core/blas.js';
import { refuse } from '../../core/errors.js';
import { hostOf, type Host } from '../../core/host.js';
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
import type { MadeBy } from '../train/summary.js';
import { survivalOfRun } from '../train/survival.js';

export interface MeasureCheckpointsOptions {
  readonly store: RunStore;
  readonly spec: NetworkSpec;
  readonly images: Images;
  readonly engine: Engine;
  readonly blas: Blas;
  /** Told of itself in the summary of the last checkpoint. */
  readonly madeBy: MadeBy;
  readonly host?: Host<CheckpointsProgress> | undefined;
}

export interface CheckpointsProgress {
  readonly busy: 'measuring' | 'predicting';
  /** Checkpoints done, of how many. */
  readonly done: number;
  readonly total: number;
  /** Of the checkpoint that was measured just now; else null. */
  readonly record: TrainRecord | null;
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
  const { store, spec, images, engine, blas, madeBy } = options;
  const host = hostOf(options.host);
  const { signal, onProgress } = host;
  const run = setUpRun(spec, images);
  run.dataNotes.forEach(host.onNote);
  const origin = {
    runDirectory: store.location,
    data: { set: spec.data.set, incomplete: run.incomplete, notes: run.dataNotes },
  };
  const predict = networkPredictor(run, { blas, signal });
  const survival = await survivalOfRun(run, blas);
  const epochs = await store.keptEpochs();
  const open: (() => Promise<ArrayFile | null>)[] =
    epochs.length > 0 ? epochs.map((epoch) => () => store.openKept(epoch)) : [() => store.openCheckpoint()];
  const checkpoints: TrainRecord[] = [];
  let last: MeasureCheckpointsDocument['last'] = null;
  for (const [i, opened] of open.entries()) {
    const progress = (busy: CheckpointsProgress['busy'], record: TrainRecord | null = null) =>
      onProgress({ busy, done: record === null ? i : i + 1, total: open.length, record });
    const giveWay = (busy: CheckpointsProgress['busy']) => {
      progress(busy);
      return host.yield();
    };
    await giveWay('measuring');
    if (signal.aborted) return { ...origin, status: 'interrupted', checkpoints, last };
    const file = await opened();
    if (file === null) refuse(store.location, 'a checkpoint', 'a run without', 'train it first');
    const saved = await decodeNetworkCheckpoint(file).finally(() => file.close());
    if (saved.data !== run.checksum)
      refuse('data', 'the data that the run was trained on', run.checksum, `SHA-256 ${saved.data}`, 'data');
    const trainer = await createNetworkTrainer(
      { ...run, engine, blas, batch: run.batch, seed: spec.init.seed },
      saved,
    );
    try {
      const { epochLoss, seconds } = saved;
      const measured = await measureState({
        ...{ spec, run, trainer, blas, predict, epochLoss, giveWay },
        seconds: () => seconds,
      });
      checkpoints.push(measured.record);
      progress('measuring', measured.record);
      last = summariseNetwork({
        ...{ spec, engine, blas, madeBy, run, trainer, state: measured, seconds, stepsPerSecond: null },
        // That of its checkpoint: the run may have gone on, or been stopped there.
        status: 'finished',
        ...survival,
      });
    } finally {
      await trainer.close();
    }
  }
  return { ...origin, status: 'finished', checkpoints, last };
}
