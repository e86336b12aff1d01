/**
 * `train` for networks: real images, a real backbone and a deep linear head, measured beside what theory predicts for the head.
 *
 * Records are taken at epoch 0, every so many epochs and at the end, between two steps; a checkpoint holds the state between
 * two steps. A resumed run drops the records from its checkpoint's epoch on, measures that epoch again and goes on with the
 * same numbers. Measuring changes nothing of the run.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf, slicesOf, type Host, type WholeHost } from '../../core/host.js';
import {
  createNetworkTrainer,
  isMeasuringEpoch,
  type Engine,
  type NetworkTrainer,
} from '../../nets/index.js';
import type {
  NetworkCheckpoint,
  NetworkSpec,
  NetworkSummary,
  RunStatus,
  RunStore,
} from '../../runs/index.js';
import { networkCheckpointBytes, reopenNetwork } from './networkCheckpoints.js';
import { networkPredictor } from './networkPrediction.js';
import { createMeter, type NetworkProgress } from './networkProgress.js';
import { setUpRun, type Images, type NetworkRun } from './networkRun.js';
import { measureState, type MeasuredState } from './networkState.js';
import { summariseNetwork } from './networkSummary.js';
import { createRecorder } from './recorder.js';
import { openStore } from './reopen.js';
import type { MadeBy } from './summary.js';
import { survivalOfRun } from './survival.js';

export interface TrainNetworkOptions {
  readonly spec: NetworkSpec;
  readonly images: Images;
  readonly engine: Engine;
  /** Null keeps nothing. */
  readonly store: RunStore | null;
  readonly mode: 'fresh' | 'resume';
  readonly madeBy: MadeBy;
  readonly blas: Blas;
  readonly host?: Host<NetworkProgress> | undefined;
}

export interface TrainNetworkDocument extends NetworkSummary {
  readonly runDirectory: string | null;
}

/** So much of an epoch is lost at most by a kill. */
const CHECKPOINT_MS = 30_000;

export async function trainNetwork(options: TrainNetworkOptions): Promise<TrainNetworkDocument> {
  const { spec, store, engine, blas } = options;
  const host = hostOf(options.host);
  const run = setUpRun(spec, options.images);
  run.dataNotes.forEach(host.onNote);
  const reopened = await reopenNetwork(run, options, host.onNote);
  const setting = { ...run, engine, blas, batch: run.batch, seed: spec.init.seed };
  const trainer = await createNetworkTrainer(setting, reopened?.saved);
  try {
    await openStore(store, spec, reopened);
    const summary = await drive(trainer, run, reopened?.saved, options, host);
    await store?.writeSummary(summary);
    return { ...summary, runDirectory: store?.location ?? null };
  } finally {
    await trainer.close();
  }
}

async function drive(
  trainer: NetworkTrainer,
  run: NetworkRun,
  saved: NetworkCheckpoint | undefined,
  { spec, store, engine, blas, madeBy }: TrainNetworkOptions,
  host: WholeHost<NetworkProgress>,
): Promise<NetworkSummary> {
  const { signal, clock, onProgress } = host;
  const [slices, predict] = [slicesOf(host), networkPredictor(run, { blas, signal })];
  const meter = createMeter({ trainer, clock, epochs: spec.epochs, saved });
  const { seconds, epochLoss } = meter;
  const recorder = createRecorder<MeasuredState>({
    ...{ store, clock, saved: saved?.progress.step ?? -1, step: () => trainer.progress.step },
    encode: () =>
      networkCheckpointBytes(trainer, run, engine, { seconds: seconds(), epochLoss: epochLoss() }),
  });
  const giveWay = async (busy: NetworkProgress['busy']) => {
    if (!slices.over()) return;
    onProgress(meter.progress(busy));
    await slices.next();
  };
  const state = { spec, run, trainer, blas, predict, giveWay, seconds };
  const measure = () => meter.aside(() => measureState({ ...state, epochLoss: epochLoss() }));
  const due = dueAt(spec);
  /** What falls due between two steps; false where the run has diverged. */
  const keepBetween = async ({ epoch, stepInEpoch }: NetworkTrainer['progress']): Promise<boolean> => {
    if (stepInEpoch !== 0) return true;
    if (due.measure(epoch)) {
      recorder.record(await measure());
      await recorder.write();
      onProgress(meter.progress('measuring', recorder.last?.record));
    }
    return !due.checkpoint(epoch) || recorder.save(spec.checkpoints === 'series' ? epoch : undefined);
  };
  /** The step after; how the run ended by it, or null. */
  const advance = async (): Promise<RunStatus | null> => {
    await meter.advance();
    await giveWay('training');
    if (trainer.status === 'diverged') return 'diverged';
    if (signal.aborted) return 'interrupted';
    return recorder.age() > CHECKPOINT_MS && !(await recorder.save()) ? 'diverged' : null;
  };

  // A run that goes on where it is not measured has something to show should it diverge.
  const begins = trainer.progress.stepInEpoch === 0 && due.measure(trainer.progress.epoch);
  const atStart = begins ? null : await measure();
  let status: RunStatus | null = null;
  while (status === null) {
    if (!(await keepBetween(trainer.progress))) status = 'diverged';
    else if (trainer.progress.epoch >= spec.epochs) status = 'finished';
    else status = await advance();
  }
  if (status !== 'diverged' && !(await recorder.save())) status = 'diverged';

  const stepsPerSecond = meter.speed();
  const last = recorder.last ?? atStart;
  // What diverged is no longer good: its last good state is shown.
  const stands = status === 'diverged' || last?.record.step === trainer.progress.step;
  const measured = stands && last !== null ? last : await measure();
  return summariseNetwork({
    ...{ spec, engine, blas, madeBy, run, trainer, state: measured, status, stepsPerSecond },
    seconds: seconds(),
    ...(await survivalOfRun(run, blas)),
  });
}

/** At which epochs a run is measured, and a checkpoint written whatever the clock says. */
function dueAt({ measureEvery, epochs, checkpointEvery }: NetworkSpec) {
  return {
    measure: (epoch: number) => isMeasuringEpoch(epoch, measureEvery, epochs) || epoch === 0,
    checkpoint: (epoch: number) => checkpointEvery !== undefined && epoch % checkpointEvery === 0,
  };
}
