/**
 * `train` for networks: real images, a real backbone and a deep linear head, measured beside what theory predicts for the head.
 *
 * Records are taken at epoch 0, every so many epochs and at the end, between two steps; a checkpoint holds the state between
 * two steps. A resumed run drops the records from its checkpoint's epoch on, measures that epoch again and goes on with the
 * same numbers. Measuring changes nothing of the run.
 */
import type { Blas } from '../core/blas.js';
import { InputError, refuse } from '../core/errors.js';
import { measureSnapshot, type Measurement } from '../metrics/index.js';
import type { Head } from '../model/index.js';
import {
  activationNames,
  createNetworkTrainer,
  headSizes,
  isMeasuringEpoch,
  parametersOf,
  type Accuracy,
  type Engine,
  type NetworkMeasurement,
  type NetworkTrainer,
  type NetworkTrainerState,
} from '../nets/index.js';
import {
  decodeNetworkCheckpoint,
  encodeNetworkCheckpoint,
  formatSpec,
  parseSpec,
  sameRun,
  type LayerRecord,
  type NetworkCheckpoint,
  type NetworkSpec,
  type NetworkSummary,
  type RunStatus,
  type RunStore,
  type RunSummary,
  type TrainRecord,
} from '../runs/index.js';
import { compareClasses, fitsOf, measuresRecord } from './compare.js';
import { anglesOf, seliDistances } from './crossEntropyMeasures.js';
import { networkPredictor, type Predicted } from './networkPrediction.js';
import { judgeNetworkRun } from './networkVerdict.js';
import { setUpRun, type Images, type NetworkRun } from './networkRun.js';
import { frameRows } from './predictionDocument.js';
import { predictionSummary } from './predictionSummary.js';

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

export interface TrainNetworkDocument extends RunSummary {
  readonly network: NetworkSummary;
  readonly runDirectory: string | null;
}

const SLICE_MS = 80;
const CHECKPOINT_MS = 60_000;
const GRAM_LIMIT = 50;

/** One measurement, with what theory says at that state. */
interface Taken {
  readonly record: TrainRecord;
  readonly measured: NetworkMeasurement;
  readonly measurement: Measurement;
  readonly predicted: Predicted;
  readonly test: Accuracy | null;
}

export async function trainNetwork(options: TrainNetworkOptions): Promise<TrainNetworkDocument> {
  const { spec, store, engine, blas, clock, images } = options;
  const run = setUpRun(spec, images);
  const saved = options.mode === 'resume' && store !== null ? await reopen(run, store, options) : null;
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
    const before = saved?.seconds ?? 0;
    const from = trainer.progress.step;
    const began = clock();
    let measuring = 0;
    const seconds = () => before + (clock() - began) / 1000;
    let epochLoss = saved?.epochLoss ?? null;
    let last: Taken | null = null;
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
      const bytes = encodeNetworkCheckpoint(checkpointOf(state, seconds(), epochLoss, run, engine));
      if (savedStep !== trainer.progress.step) await store.writeCheckpoint(bytes);
      if (series) await store.keepCheckpoint(state.progress.epoch, bytes);
      savedStep = trainer.progress.step;
      return true;
    };
    const take = async (): Promise<Taken> => {
      const start = clock();
      const measured = await trainer.measure({
        layers: layersOf(spec, run),
        headLayers: 'all',
        onProgress: () => giveWay('measuring'),
      });
      const test = await trainer.evaluateTest();
      const predicted = await predict(measured, () => giveWay('predicting'));
      const taken = describe(measured, predicted, test, seconds());
      measuring += clock() - start;
      last = taken;
      await store?.appendRecords([taken.record]);
      report('measuring', taken.record);
      return taken;
    };
    const describe = (
      measured: NetworkMeasurement,
      predicted: Predicted,
      test: Accuracy | null,
      at: number,
    ): Taken => {
      const { snapshot } = measured.features;
      const measurement = measureSnapshot(snapshot, {
        blas,
        predicted: predicted.prediction?.geometry() ?? null,
        weightDecays: run.effective.weightDecays,
      });
      const head = snapshot.head;
      const fits =
        predicted.problem === null || head === null
          ? null
          : fitsOf(measurement, predicted.problem, head.bias);
      const { epoch, step } = trainer.progress;
      const record: TrainRecord = {
        step,
        objective: predicted.objective ?? measured.objective.theory,
        ...measuresRecord(measurement),
        weightNorms: measurement.classes.map(({ weightNorm }) => weightNorm ?? 0),
        featureNorms: measurement.classes.map(({ featureNorm }) => featureNorm),
        ...(fits === null ? {} : { fits: fits.map((fit) => fit ?? 0) }),
        seconds: at,
        network: {
          epoch,
          trainingLoss: epochLoss,
          learningRate: learningRateOf(spec, epoch),
          testAccuracy: test?.accuracy ?? null,
          featureDecay: predicted.featureDecay,
          layers: measured.layers.map(layerRecord),
        },
      };
      return { record, measured, measurement, predicted, test };
    };

    let status: RunStatus | null = null;
    while (status === null) {
      const { epoch, stepInEpoch } = trainer.progress;
      if (stepInEpoch === 0) {
        const due = isMeasuringEpoch(epoch, spec.measureEvery, spec.epochs) || epoch === 0;
        if (due) await take();
        const planned = spec.checkpointEvery !== undefined && epoch % spec.checkpointEvery === 0;
        if (planned && !(await save(spec.checkpoints === 'series'))) status = 'diverged';
        if (epoch >= spec.epochs) status ??= 'finished';
      }
      while (status === null) {
        const report = await trainer.advance();
        if (trainer.status === 'diverged') status = 'diverged';
        if (options.stopAsked()) status ??= 'interrupted';
        await giveWay('training');
        if (options.stopAsked()) status ??= 'interrupted';
        if (status === null && clock() - savedAt > CHECKPOINT_MS && !(await save())) status = 'diverged';
        if (trainer.progress.stepInEpoch === 0) {
          epochLoss = report.loss;
          break;
        }
      }
    }
    if (status !== 'diverged' && !(await save())) status = 'diverged';
    const trained = (clock() - began - measuring) / 1000;
    const at = last as Taken | null;
    const final = status === 'diverged' ? at : at?.record.step === trainer.progress.step ? at : await take();
    return finish(final ?? (await take()), status, trained);

    async function finish(taken: Taken, ended: RunStatus, trainedFor: number): Promise<TrainNetworkDocument> {
      const steps = trainer.progress.step - from;
      const summary = summarise({
        options,
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

function layersOf({ layers }: NetworkSpec, { network }: NetworkRun): readonly string[] {
  return layers === 'activations' ? activationNames(network) : (layers ?? []);
}

function learningRateOf({ optimizer, schedule }: NetworkSpec, epoch: number): number {
  return schedule === undefined
    ? optimizer.learningRate
    : optimizer.learningRate * schedule.factor ** Math.floor(epoch / schedule.every);
}

function layerRecord({ name, place, measurement }: NetworkMeasurement['layers'][number]): LayerRecord {
  const { nc1, cdnv } = measurement;
  return { name, place, nc1: { pinv: nc1.pinv, quotient: nc1.quotient }, cdnv };
}

function checkpointOf(
  { arrays, progress }: NetworkTrainerState,
  seconds: number,
  epochLoss: number | null,
  { checksum }: NetworkRun,
  { blas }: Engine,
): NetworkCheckpoint {
  return { arrays, progress, seconds, epochLoss, blas, data: checksum };
}

/** The state a store holds: checks that it is this run on this data, cuts the records from its epoch on. */
async function reopen(
  run: NetworkRun,
  store: RunStore,
  { spec, engine, onNote }: TrainNetworkOptions,
): Promise<{ state: NetworkTrainerState; seconds: number; epochLoss: number | null } | null> {
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
  const done = (record: TrainRecord) =>
    record.step < progress.step || (record.step === progress.step && progress.stepInEpoch > 0);
  await store.writeRecords((await store.readRecords()).filter(done));
  if (blas.name !== engine.blas.name || blas.threads !== engine.blas.threads)
    onNote(
      `the checkpoint was computed with ${blas.name} (threads: ${blas.threads ?? 'unknown'}), this continues with ` +
        `${engine.blas.name} (threads: ${engine.blas.threads ?? 'unknown'}): numbers will differ in rounding`,
    );
  return { state: { arrays, progress }, seconds, epochLoss };
}

interface SummaryParts {
  readonly options: TrainNetworkOptions;
  readonly run: NetworkRun;
  readonly trainer: NetworkTrainer;
  readonly taken: Taken;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
}

function summarise(parts: SummaryParts): RunSummary & { readonly network: NetworkSummary } {
  const { options, run, trainer, taken, status, seconds, stepsPerSecond } = parts;
  const { spec, engine, blas } = options;
  const { measurement, measured, record, predicted, test } = taken;
  const { prediction, problem } = predicted;
  const { network, setting, counts, effective } = run;
  const head: Head | null = measured.features.snapshot.head;
  const fits =
    problem === null || head === null ? counts.map(() => null) : fitsOf(measurement, problem, head.bias);
  const compared = compareClasses(measurement, prediction, fits);
  // The last good state of a run that diverged tells nothing of life and death.
  const classes = status === 'diverged' ? compared.map((one) => ({ ...one, measured: null })) : compared;
  const { geometry } = measurement;
  const frames = prediction?.geometry() ?? null;
  const { objective } = measured;
  const { theory, ...shares } = objective;
  return {
    collapsar: options.version,
    command: options.command,
    status,
    step: trainer.progress.step,
    objective: predicted.objective ?? theory,
    measuredAtStep: record.step,
    seconds,
    stepsPerSecond,
    blas: { name: blas.name, threads: blas.threads },
    problem: {
      counts,
      depth: network.head.widths.length + 1,
      widths: headSizes(network).slice(0, -1),
      loss: setting.loss,
      bias: network.head.bias,
      weightDecays: effective.weightDecays,
      featureDecay: predicted.featureDecay,
    },
    prediction: prediction === null ? null : predictionSummary(prediction),
    seli: setting.loss === 'ce' ? seliDistances(measurement, blas) : null,
    minority: anglesOf(measurement),
    ...measuresRecord(measurement),
    classes,
    geometry:
      counts.length <= GRAM_LIMIT && frames !== null && geometry.weights !== null && geometry.logits !== null
        ? {
            measured: {
              weights: frameRows(geometry.weights),
              features: frameRows(geometry.features),
              logits: frameRows(geometry.logits),
            },
            predicted: {
              weights: frameRows(frames.weights),
              features: frameRows(frames.features),
              logits: frameRows(frames.logits),
            },
          }
        : null,
    verdict: judgeNetworkRun({
      status,
      prediction,
      classes,
      distance: measurement.nc2.weights.predicted,
      nc1: measurement.nc1.pinv,
      step: trainer.progress.step,
    }),
    network: {
      architecture: spec.architecture,
      parameters: parametersOf(network).reduce(
        (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
        0,
      ),
      data: {
        set: spec.data.set,
        checksum: run.checksum,
        classNames: run.classNames,
        testSamples: run.test?.samples ?? 0,
      },
      epoch: trainer.progress.epoch,
      batch: run.batch,
      imagesPerSecond: stepsPerSecond === null ? null : stepsPerSecond * run.batch,
      threads: engine.blas.threads,
      testAccuracy: test?.accuracy ?? null,
      testClassAccuracy: test?.classes ?? null,
      featureDecay: { source: effective.featureDecay === null ? 'fitted' : 'exact', range: predicted.range },
      objective: shares,
      layers: measured.layers.map(layerRecord),
    },
    ...(status === 'diverged'
      ? { divergence: { step: trainer.progress.step, objective: null, stableLearningRate: null } }
      : {}),
  };
}
