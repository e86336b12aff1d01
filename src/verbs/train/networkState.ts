/** The state of a network in training, measured beside what theory says of it, as one record of its run. */
import type { Blas } from '../../core/blas.js';
import {
  activationNames,
  learningRateAt,
  type Accuracy,
  type NetworkMeasurement,
  type NetworkTrainer,
} from '../../nets/index.js';
import type { LayerRecord, NetworkSpec, TrainRecord } from '../../runs/index.js';
import type { Predicted } from './networkPrediction.js';
import type { NetworkRun } from './networkRun.js';
import { offsetsAreFree } from './networkSetting.js';
import { fitsOf, measureBeside, recordOf, type Beside } from '../../judge/index.js';

/** One measurement, with what theory says at that state. */
export interface MeasuredState {
  readonly record: TrainRecord;
  readonly measured: NetworkMeasurement;
  readonly beside: Beside;
  readonly predicted: Predicted;
  readonly test: Accuracy | null;
}

export interface StateOptions {
  readonly spec: NetworkSpec;
  readonly run: NetworkRun;
  readonly trainer: NetworkTrainer;
  readonly blas: Blas;
  readonly predict: (measured: NetworkMeasurement, giveWay: () => Promise<void>) => Promise<Predicted>;
  /** Mean loss of the epoch before; null where there was none. */
  readonly epochLoss: number | null;
  /** Called now and then while measuring and predicting. */
  readonly giveWay: (busy: 'measuring' | 'predicting') => Promise<void>;
  /** Seconds of training so far, asked at the end. */
  readonly seconds: () => number;
}

/** Measures the network where it stands; changes nothing of the run. */
export async function measureState(options: StateOptions): Promise<MeasuredState> {
  const { spec, run, trainer, blas, predict, epochLoss, giveWay } = options;
  const measured = await trainer.measure({
    layers: layersOf(spec, run),
    headLayers: 'all',
    onProgress: () => giveWay('measuring'),
  });
  const test = await trainer.evaluateTest();
  const predicted = await predict(measured, () => giveWay('predicting'));
  const { snapshot } = measured.features;
  const beside = measureBeside(snapshot, {
    blas,
    predicted: predicted.prediction?.geometry() ?? null,
    weightDecays: run.effective.weightDecays,
    centre: offsetsAreFree(run),
  });
  const { measurement, compared, head } = beside;
  const { problem } = predicted;
  const fits = problem === null ? null : fitsOf(compared, problem, head?.bias ?? null);
  const { epoch, step } = trainer.progress;
  const record: TrainRecord = {
    ...recordOf({
      step,
      objective: predicted.objective ?? measured.objective.theory,
      measurement,
      fits,
      seconds: options.seconds(),
    }),
    network: {
      epoch,
      trainingLoss: epochLoss,
      learningRate: learningRateAt(run.setting, epoch),
      testAccuracy: test?.accuracy ?? null,
      featureDecay: predicted.featureDecay,
      layers: measured.layers.map(layerRecord),
    },
  };
  return { record, measured, beside, predicted, test };
}

/** What is kept of one layer. */
export function layerRecord({ name, place, measurement }: NetworkMeasurement['layers'][number]): LayerRecord {
  const { nc1, cdnv } = measurement;
  return { name, place, nc1: { pinv: nc1.pinv, quotient: nc1.quotient }, cdnv };
}

function layersOf({ layers }: NetworkSpec, { network }: NetworkRun): readonly string[] {
  return layers === 'activations' ? activationNames(network) : (layers ?? []);
}
