/** The state of a network in training, measured beside what theory says of it, as one record of its run. */
import type { Blas } from '../../core/blas.js';
import {
  activationNames,
  learningRateAt,
  type Accuracy,
  type NetworkMeasurement,
  type NetworkTrainer,
} from '../../nets/index.js';
import type { LayerRecord, NetworkRecord, NetworkSpec, TrainRecord } from '../../runs/index.js';
import type { Predicted } from './networkPrediction.js';
import type { NetworkRun } from './networkRun.js';
import { offsetsAreFree } from './networkSetting.js';
import {
  centresMeans,
  expectLayers,
  fitsOf,
  layerRecord,
  measureBeside,
  measureLayerBeside,
  recordOf,
  type Beside,
  type ExpectedLayer,
} from '../../judge/index.js';
import type { Measurement } from '../../metrics/index.js';

/** One measurement, with what theory says at that state. */
export interface MeasuredState {
  readonly record: TrainRecord;
  readonly measured: NetworkMeasurement;
  readonly beside: Beside;
  readonly predicted: Predicted;
  readonly test: Accuracy | null;
  readonly layers: readonly MeasuredLayer[];
}

/** A layer held against theory. */
export interface MeasuredLayer extends Pick<LayerRecord, 'name' | 'place'> {
  readonly measurement: Measurement;
  /** Null where theory says nothing of it. */
  readonly expected: ExpectedLayer | null;
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
  const { prediction } = predicted;
  const layers = layersBeside(measured, beside, {
    expected: prediction === null ? null : expectLayers(prediction, blas),
    centre: problem !== null && centresMeans(problem),
    blas,
  });
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
      ...topFive(measured, test),
      featureDecay: predicted.featureDecay,
      layers: layers.map((layer) => layerRecord(layer, layer.measurement)),
    },
  };
  return { record, measured, beside, predicted, test, layers };
}

/** Of training and test samples, where there are classes enough for it. */
export function topFive(
  { accuracy: { top5Accuracy } }: Pick<NetworkMeasurement, 'accuracy'>,
  test: Accuracy | null,
): Pick<NetworkRecord, 'top5Accuracy' | 'testTop5Accuracy'> {
  return top5Accuracy === null ? {} : { top5Accuracy, testTop5Accuracy: test?.top5Accuracy ?? null };
}

/** Every layer beside theory: of the backbone there is none, and the features are compared already. */
function layersBeside(
  { layers, features }: NetworkMeasurement,
  beside: Beside,
  {
    expected,
    centre,
    blas,
  }: { readonly expected: readonly ExpectedLayer[] | null; readonly centre: boolean; readonly blas: Blas },
): MeasuredLayer[] {
  const first = layers.indexOf(features);
  return layers.map((layer, i): MeasuredLayer => {
    const { name, place, snapshot, measurement: measured } = layer;
    const theory = expected?.[i - first] ?? null;
    const measurement =
      layer === features
        ? beside.measurement
        : measureLayerBeside(snapshot, { blas, expected: theory, centre, measured });
    return { name, place, measurement, expected: theory };
  });
}

function layersOf({ layers }: NetworkSpec, { network }: NetworkRun): readonly string[] {
  return layers === 'activations' ? activationNames(network) : (layers ?? []);
}
