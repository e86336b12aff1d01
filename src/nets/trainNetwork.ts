/**
 * Training a network: epochs of shuffled mini-batches on an engine, one awaited step at a time.
 *
 * Two generators: one shuffles, one draws the augmentation, so that a run without augmentation sees the same batches. A state
 * taken between any two steps leads on to the same numbers, bit for bit for the same engine, BLAS and thread count.
 * Divergence is a status: the parameters are then of no use, and the caller goes back to its last checkpoint. A run has
 * diverged when a loss or a parameter is not finite, or when the mean loss of an epoch is above `DIVERGED` times that of the
 * first step (or above `DIVERGED`, if that is more). The factor is that of the unconstrained-features model: losses start at
 * 0.5 (squared error) to log K, and warming up does not take an epoch's mean to thousands.
 * Limits: re-sampling is not covered. The weights of classes are divided by their mean over the data set, not over each batch
 * as PyTorch's cross-entropy does, so that the mean of the steps is the objective of theory.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { createRandom, type RandomState } from '../core/random.js';
import { batchOrder } from './batchOrder.js';
import { createBatchReader } from './batchReader.js';
import type { Engine, Executable } from './engine.js';
import { evaluateAccuracy, type Accuracy } from './accuracy.js';
import { checkImages } from './evaluationPass.js';
import { initialState } from './initialise.js';
import { measureExecutable, type MeasureNetworkOptions, type NetworkMeasurement } from './measureNetwork.js';
import type { Network } from './network.js';
import { channelsOf, inputShape, sizeOf, walkLayers } from './shapes.js';
import type { TrainingImages } from './trainingData.js';
import { learningRateAt, stepsPerEpoch, trainingRule, type TrainingSetting } from './trainingSetting.js';

/** How many times the loss of the first step, or 1, an epoch's mean may be. */
export const DIVERGED_EPOCH = 1e4;

export interface NetworkTraining {
  readonly network: Network;
  readonly setting: TrainingSetting;
  readonly data: TrainingImages;
  /** What accuracy on unseen samples is measured on; null for none. */
  readonly test: TrainingImages | null;
  readonly engine: Engine;
  /** B; `full` for all samples at once. */
  readonly batch: number | 'full';
  /** Of the initial parameters, the shuffles and the augmentation. */
  readonly seed: number;
  /** For initial parameters and measures; the engine has its own. */
  readonly blas: Blas;
}

/** Where a run is: plain JSON. */
export interface TrainingProgress {
  /** Whole epochs done. */
  readonly epoch: number;
  /** Steps done in the running epoch, below T. */
  readonly stepInEpoch: number;
  /** Steps done in all. */
  readonly step: number;
  /** The generator at the start of the running epoch: its shuffle follows from it. */
  readonly shuffle: RandomState;
  readonly augmentation: RandomState;
  /** Over the steps of the running epoch: Σ B·loss, right answers, samples. */
  readonly lossSum: number;
  readonly correct: number;
  readonly seen: number;
  /** The mean loss of an epoch above which the run has diverged; null before the first step. */
  readonly ceiling: number | null;
}

/** The mean loss of the running epoch where it is what made the run diverge; null where that was a number not finite. */
export function grownLoss({ lossSum, seen, ceiling }: TrainingProgress): number | null {
  const mean = lossSum / seen;
  return ceiling !== null && mean > ceiling && Number.isFinite(mean) ? mean : null;
}

/** Everything needed to go on: the engine's arrays by name, and JSON. */
export interface NetworkTrainerState {
  readonly arrays: ReadonlyMap<string, Float32Array>;
  readonly progress: TrainingProgress;
}

/** `diverged`: a loss or a parameter was not finite, or an epoch's mean loss has grown beyond its ceiling. */
export type NetworkTrainingStatus = 'running' | 'diverged';

/** One step. Before the update, on augmented samples, in training mode. */
export interface TrainingReport {
  /** Mean loss per sample (scaled as the setting says, no regulariser). */
  readonly loss: number;
  readonly accuracy: number;
  readonly samples: number;
  readonly learningRate: number;
  readonly status: NetworkTrainingStatus;
}

export interface NetworkTrainer {
  readonly network: Network;
  /** B and T. */
  readonly batch: number;
  readonly stepsPerEpoch: number;
  readonly progress: TrainingProgress;
  /** After `diverged`, `progress.step` is the number of the step that showed it. */
  readonly status: NetworkTrainingStatus;
  /** One step; does nothing but report once the run has diverged. */
  advance(): Promise<TrainingReport>;
  /** A copy of the state; null when an array is not finite, and the run has then diverged. */
  state(): Promise<NetworkTrainerState | null>;
  /** Collapse on the training set, in evaluation mode; changes nothing. */
  measure(options?: MeasureNetworkOptions): Promise<NetworkMeasurement>;
  /** Accuracy on the test set, in evaluation mode; null where there is none. */
  evaluateTest(): Promise<Accuracy | null>;
  /** Frees the engine's memory; nothing may be called afterwards. */
  close(): Promise<void>;
}

/** True in epochs 0, `every`, 2·`every`, … and the last: when a run is measured. */
export function isMeasuringEpoch(epoch: number, every: number, epochs: number): boolean {
  return epoch % every === 0 || epoch === epochs;
}

/** A trainer at its seed's start, or at a saved state of the same training. */
export async function createNetworkTrainer(
  training: NetworkTraining,
  saved?: NetworkTrainerState,
): Promise<NetworkTrainer> {
  const { network, setting, data, test, engine, blas, seed } = training;
  checkImages('training data', data, network);
  if (test !== null) checkImages('test data', test, network);
  const batch = batchSize(training);
  const steps = stepsPerEpoch(data.samples, batch);
  const rule = trainingRule(setting, network, steps);
  const executable = await engine.compile(network, rule, batch);
  try {
    if (saved !== undefined) checkSaved(saved, executable, steps);
    await executable.write(saved?.arrays ?? initialState(network, seed, blas));
  } catch (error) {
    await executable.close();
    throw error;
  }

  let progress = saved?.progress ?? firstProgress(seed);
  let status: NetworkTrainingStatus = 'running';
  let order = batchOrder(data.samples, batch, progress.shuffle);
  const augmentation = createRandom(progress.augmentation);
  const fill = createBatchReader(data, network, batch);

  const report = (loss: number, correct: number, samples: number, epoch: number): TrainingReport => ({
    loss,
    accuracy: correct / samples,
    samples,
    learningRate: learningRateAt(setting, epoch),
    status,
  });
  const advance = async (): Promise<TrainingReport> => {
    const { epoch, stepInEpoch } = progress;
    if (status !== 'running') return report(NaN, NaN, 0, epoch);
    const { images, labels } = fill(order, stepInEpoch, augmentation);
    const { loss, correct } = await executable.step(images, labels, learningRateAt(setting, epoch));
    if (!Number.isFinite(loss)) status = 'diverged';
    const step = progress.step + 1;
    const ceiling = progress.ceiling ?? DIVERGED_EPOCH * Math.max(1, loss);
    const sums = {
      lossSum: progress.lossSum + loss * labels.length,
      correct: progress.correct + correct,
      seen: progress.seen + labels.length,
    };
    const shared = { step, augmentation: augmentation.state(), ...sums, ceiling };
    progress = { ...shared, epoch, stepInEpoch: stepInEpoch + 1, shuffle: progress.shuffle };
    return report(loss, correct, labels.length, epoch);
  };
  /** Turns the page once all steps of an epoch are done. */
  const finishEpoch = (): void => {
    if (status !== 'running' || progress.stepInEpoch < order.steps) return;
    if (grownLoss(progress) !== null) {
      status = 'diverged';
      return;
    }
    const { epoch, step, augmentation: drawn, ceiling } = progress;
    progress = {
      ...{ epoch: epoch + 1, stepInEpoch: 0, step, shuffle: order.after, augmentation: drawn },
      ...NOTHING_SEEN,
      ceiling,
    };
    order = batchOrder(data.samples, batch, progress.shuffle);
  };

  return {
    network,
    batch,
    stepsPerEpoch: steps,
    get progress() {
      return progress;
    },
    get status() {
      return status;
    },
    async advance() {
      const report = await advance();
      finishEpoch();
      return { ...report, status };
    },
    async state() {
      const arrays = await executable.read();
      if (status === 'running' && !allFinite(arrays)) status = 'diverged';
      return status === 'running' ? { arrays, progress } : null;
    },
    measure: (options = {}) =>
      measureExecutable({ executable, network, setting, data, batch, blas }, options),
    evaluateTest: () =>
      test === null
        ? Promise.resolve(null)
        : evaluateAccuracy(executable, network, test, { batch, loss: setting.loss, blas }),
    close: () => executable.close(),
  };
}

const NOTHING_SEEN = { lossSum: 0, correct: 0, seen: 0 };

function firstProgress(seed: number): TrainingProgress {
  // Not the stream of the initial parameters: a generator of its own for each use.
  const shuffle = createRandom(seed + 1).state();
  const augmentation = createRandom(seed + 2).state();
  return { epoch: 0, stepInEpoch: 0, step: 0, shuffle, augmentation, ...NOTHING_SEEN, ceiling: null };
}

/** B; refuses one that leaves BatchNorm a single value a channel, which has no variance. */
function batchSize({ batch, data, network }: NetworkTraining): number {
  if (batch !== 'full' && (!Number.isInteger(batch) || batch < 1))
    refuse('batch', 'a positive whole number of samples, or full', batch);
  const size = batch === 'full' ? data.samples : Math.min(batch, data.samples);
  const last = data.samples % size === 0 ? size : data.samples % size;
  walkLayers(network.backbone, inputShape(network), ({ kind, name }, input) => {
    if (kind === 'batchNorm' && last * (sizeOf(input) / channelsOf(input)) < 2)
      refuse(
        'batch',
        `more than one value a channel for BatchNorm (${name})`,
        `${data.samples} samples in batches of ${size}, the last of ${last}`,
        'choose another batch',
      );
  });
  return size;
}

function checkSaved({ arrays, progress }: NetworkTrainerState, { state }: Executable, steps: number): void {
  const { stepInEpoch } = progress;
  if (!Number.isInteger(stepInEpoch) || stepInEpoch < 0 || stepInEpoch >= steps)
    refuse(
      'saved state, step in the epoch',
      `a whole number below ${steps}`,
      stepInEpoch,
      'was it of the same run?',
    );
  const missing = [...state.keys()].find((name) => !arrays.has(name));
  if (missing !== undefined) refuse('saved state', `an array ${missing}`, [...arrays.keys()]);
}

function allFinite(arrays: ReadonlyMap<string, Float32Array>): boolean {
  return [...arrays.values()].every((values) => values.every(Number.isFinite));
}
