/**
 * `train` for networks: real images, a real backbone and a deep linear head, measured beside what theory predicts for the head.
 *
 * Records are taken at epoch 0, every so many epochs and at the end, between two steps; a checkpoint holds the state between
 * two steps. A resumed run drops the records from its checkpoint's epoch on, measures that epoch again and goes on with the
 * same numbers. Measuring changes nothing of the run.
 */
import type { Blas } from '../../core/blas.js';
import { createNetworkTrainer, isMeasuringEpoch, parametersOf, type Engine } from '../../nets/index.js';
import {
  encodeNetworkCheckpoint,
  formatSpec,
  type NetworkSpec,
  type NetworkSummary,
  type RunStatus,
  type RunStore,
  type TrainRecord,
} from '../../runs/index.js';
import { networkPredictor } from './networkPrediction.js';
import { checkpointOf, reopenRun } from './networkResume.js';
import { setUpRun, type Images } from './networkRun.js';
import { measureState, type MeasuredState } from './networkState.js';
import { summariseNetwork } from './networkSummary.js';

export interface NetworkProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in all, of how many, and where this call began. */
  readonly step: number;
  readonly steps: number;
  readonly from: number;
  /** Of the running epoch so far. */
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly imagesPerSecond: number | null;
  /** What is being done when it is not training. */
  readonly busy: 'training' | 'measuring' | 'predicting';
  readonly record: TrainRecord | null;
}

export interface TrainNetworkOptions {
  readonly spec: NetworkSpec;
  readonly images: Images;
  readonly engine: Engine;
  /** Null keeps nothing. */
  readonly store: RunStore | null;
  readonly mode: 'fresh' | 'resume';
  readonly command: string;
  readonly version: string;
  readonly blas: Blas;
  /** Milliseconds of a steady clock. */
  readonly clock: () => number;
  /** Lets other work run; called a few times a second. */
  readonly pause: () => Promise<void>;
  readonly stopAsked: () => boolean;
  readonly onProgress: (progress: NetworkProgress) => void;
  readonly onNote: (note: string) => void;
}

export interface TrainNetworkDocument extends NetworkSummary {
  readonly runDirectory: string | null;
}

const SLICE_MS = 80;
const CHECKPOINT_MS = 60_000;

export async function trainNetwork(options: TrainNetworkOptions): Promise<TrainNetworkDocument> {
  const { spec, store, engine, blas, clock, images } = options;
  const run = setUpRun(spec, images);
  run.dataNotes.forEach(options.onNote);
  const saved = options.mode === 'resume' && store !== null ? await reopenRun(run, store, options) : null;
  const trainer = await createNetworkTrainer(
    { ...run, engine, blas, batch: run.batch, seed: spec.init.seed },
    saved?.state,
  );
  try {
    return await drive();
  } finally {
    await trainer.close();
  }

  async function drive(): Promise<TrainNetworkDocument> {
    if (store !== null && saved === null) {
      await store.writeSpec(formatSpec(spec));
      await store.writeRecords([]);
    }
    const predict = networkPredictor(run, options);
    const shapes = new Map(parametersOf(run.network).map(({ name, shape }) => [name, shape]));
    const before = saved?.seconds ?? 0;
    const from = trainer.progress.step;
    const began = clock();
    let measuring = 0;
    const seconds = () => before + (clock() - began) / 1000;
    let epochLoss = saved?.epochLoss ?? null;
    let last: MeasuredState | null = null;
    let slice = clock();
    let savedAt = clock();
    let savedStep = saved === null ? -1 : from;

    const report = (busy: NetworkProgress['busy'], record: TrainRecord | null = null) => {
      const { epoch, step, seen, lossSum, correct } = trainer.progress;
      const training = (clock() - began - measuring) / 1000;
      options.onProgress({
        epoch,
        epochs: spec.epochs,
        step,
        steps: spec.epochs * trainer.stepsPerEpoch,
        from,
        loss: seen === 0 ? epochLoss : lossSum / seen,
        accuracy: seen === 0 ? null : correct / seen,
        imagesPerSecond: step > from && training > 0 ? ((step - from) * trainer.batch) / training : null,
        busy,
        record,
      });
    };
    const giveWay = async (busy: NetworkProgress['busy']) => {
      if (clock() - slice < SLICE_MS) return;
      report(busy);
      await options.pause();
      slice = clock();
    };
    const save = async (series = false): Promise<boolean> => {
      savedAt = clock();
      if (store === null) return true;
      const state = await trainer.state();
      if (state === null) return false;
      const bytes = encodeNetworkCheckpoint(checkpointOf(state, seconds(), epochLoss, run, engine), shapes);
      if (savedStep !== trainer.progress.step) await store.writeCheckpoint(bytes);
      if (series) await store.keepCheckpoint(state.progress.epoch, bytes);
      savedStep = trainer.progress.step;
      return true;
    };
    /** Measures; a state that the plan does not ask for leaves no record. */
    const take = async (kind: 'planned' | 'aside'): Promise<MeasuredState> => {
      const start = clock();
      const taken = await measureState({
        spec,
        run,
        trainer,
        blas,
        predict,
        epochLoss,
        pause: giveWay,
        seconds,
      });
      measuring += clock() - start;
      last = taken;
      if (kind === 'planned') await store?.appendRecords([taken.record]);
      report('measuring', taken.record);
      return taken;
    };

    const isDue = (epoch: number) => isMeasuringEpoch(epoch, spec.measureEvery, spec.epochs) || epoch === 0;
    // A run that goes on where it is not measured has something to show should it diverge.
    if (trainer.progress.stepInEpoch > 0 || !isDue(trainer.progress.epoch)) await take('aside');
    let status: RunStatus | null = null;
    while (status === null) {
      const { epoch, stepInEpoch } = trainer.progress;
      if (stepInEpoch === 0) {
        if (isDue(epoch)) await take('planned');
        const planned = spec.checkpointEvery !== undefined && epoch % spec.checkpointEvery === 0;
        if (planned && !(await save(spec.checkpoints === 'series'))) status = 'diverged';
        if (epoch >= spec.epochs) status ??= 'finished';
      }
      while (status === null) {
        const { lossSum, seen } = trainer.progress;
        const { loss, samples } = await trainer.advance();
        if (trainer.status === 'diverged') status = 'diverged';
        if (options.stopAsked()) status ??= 'interrupted';
        await giveWay('training');
        if (options.stopAsked()) status ??= 'interrupted';
        if (status === null && clock() - savedAt > CHECKPOINT_MS && !(await save())) status = 'diverged';
        if (trainer.progress.stepInEpoch === 0) {
          epochLoss = (lossSum + loss * samples) / (seen + samples);
          break;
        }
      }
    }
    if (status !== 'diverged' && !(await save())) status = 'diverged';
    const trained = (clock() - began - measuring) / 1000;
    const found = last as MeasuredState | null;
    const current = found !== null && (status === 'diverged' || found.record.step === trainer.progress.step);
    return finish(current ? found : await take('aside'), status, trained);

    async function finish(
      taken: MeasuredState,
      ended: RunStatus,
      trainedFor: number,
    ): Promise<TrainNetworkDocument> {
      const steps = trainer.progress.step - from;
      const summary = summariseNetwork({
        ...options,
        run,
        trainer,
        taken,
        status: ended,
        seconds: seconds(),
        stepsPerSecond: trainedFor > 0 && steps > 0 ? steps / trainedFor : null,
      });
      await store?.writeSummary(summary);
      return { ...summary, runDirectory: store?.location ?? null };
    }
  }
}
