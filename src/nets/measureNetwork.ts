/**
 * How collapsed a network is: the measures of its features, of each layer of the head and of layers of the backbone, on the
 * training set in evaluation mode, without augmentation; and the objective there.
 *
 * Every layer is measured from the same two passes over the data (class means, then deviations from them). What the network
 * gives is kept between the passes where it fits into memory, and computed twice otherwise; outputs of the head
 * z_m = W_m … W_1 h are formed anew from h, in float32. z_m is measured with the rest of the head, W_M … W_{m+1}, and z_M,
 * the logits without bias, with no head. Maps are averaged over their positions. Labels must cover every class.
 * Running statistics of BatchNorm make the objective here differ from the mean of the steps' in training mode.
 */
import type { Blas } from '../core/blas.js';
import { matrix, type Matrix } from '../core/matrix.js';
import {
  classifierOf,
  createLayerMeasure,
  type LayerMeasure,
  type Measurement,
  type MeasureOptions,
  type Pass,
} from '../metrics/index.js';
import type { Head, PredictedGeometry, Snapshot } from '../model/index.js';
import type { Executable } from './engine.js';
import { evaluateAll, outputOf, readHead, tapWidths, type EvaluatedBatch } from './evaluationPass.js';
import type { Network } from './network.js';
import { objectiveOf, type NetworkObjective } from './networkObjective.js';
import { accuracyOf, createTally, logitsOf, type Accuracy } from './accuracy.js';
import { featureSize, headSizes, parametersOf } from './shapes.js';
import type { TrainingImages } from './trainingData.js';
import { effectiveDecays, stepsPerEpoch, type TrainingSetting } from './trainingSetting.js';

export interface MeasuredNetwork {
  readonly executable: Executable;
  readonly network: Network;
  readonly setting: TrainingSetting;
  /** The training set. */
  readonly data: TrainingImages;
  /** B of the training, for which the executable was compiled. */
  readonly batch: number;
  readonly blas: Blas;
}

export interface MeasureNetworkOptions {
  /** Names of backbone layers to measure too. */
  readonly layers?: readonly string[] | undefined;
  /** `all`: z_1 … z_M as well, at 2N·Σ d_m d_{m−1} multiplications. By default `none`. */
  readonly headLayers?: 'none' | 'all' | undefined;
  /** What the features and the whole head are compared with. */
  readonly predicted?: PredictedGeometry | null | undefined;
  readonly globalMean?: MeasureOptions['globalMean'];
  /** Bytes of outputs kept between the two passes; beyond that the network runs twice. By default 512 MiB. */
  readonly memory?: number | undefined;
  /** Called after each batch of each pass: samples done, of 2N. It is awaited, and may give way to other work. */
  readonly onProgress?: ((done: number, total: number) => void | Promise<void>) | undefined;
}

/** One layer's collapse. */
export interface LayerCollapse {
  /** A backbone layer's name, `features`, or `z1` … `zM`. */
  readonly name: string;
  readonly place: 'backbone' | 'features' | 'head';
  readonly snapshot: Snapshot;
  readonly measurement: Measurement;
}

export interface NetworkMeasurement {
  /** Of the backbone as they were named, then the features, then those of the head. */
  readonly layers: readonly LayerCollapse[];
  /** That of the features, with the whole head: what theory speaks of. */
  readonly features: LayerCollapse;
  readonly objective: NetworkObjective;
  /** On the training set. */
  readonly accuracy: Accuracy;
}

const MEMORY = 512 * 2 ** 20;

/**
 * Measures a network where it stands, and changes nothing of it. Throws InputErrors for unknown layers, outputs that are not
 * finite and a class without samples.
 */
export async function measureExecutable(
  measured: MeasuredNetwork,
  options: MeasureNetworkOptions = {},
): Promise<NetworkMeasurement> {
  const { executable, network, setting, data, batch, blas } = measured;
  const head = await readHead(executable, network);
  const layers = layersToMeasure(measured, options, head);
  const taps = layers.filter(({ place }) => place !== 'head').map(({ name }) => name);
  const classifier = classifierOf(head, featureSize(network), network.classes, blas);
  const tally = createTally(setting.loss, network.classes, setting.varied);
  const toLayers = headLayers(head, layers, blas);

  const widths = layers.filter(({ place }) => place !== 'head').reduce((sum, { width }) => sum + width, 0);
  const memory = options.memory ?? MEMORY;
  const held: EvaluatedBatch[] | null = data.samples * widths * 4 <= memory ? [] : null;
  let done = 0;
  const run = async (pass: Pass, { outputs, labels }: EvaluatedBatch): Promise<void> => {
    if (pass === 'means') tally.add(logitsOf(classifier, outputOf(outputs, 'features'), blas), labels);
    const all = toLayers(outputs);
    for (const { name, width, measure } of layers) {
      const rows = outputOf(all, name);
      measure.add(pass, matrix(rows, rows.length / width, width), labels);
    }
    done += labels.length;
    await options.onProgress?.(done, 2 * data.samples);
  };
  for await (const outputs of evaluateAll(executable, network, data, batch, taps)) {
    await run('means', outputs);
    held?.push(outputs);
  }
  for await (const outputs of held ?? evaluateAll(executable, network, data, batch, taps))
    await run('deviations', outputs);

  const results = layers.map(({ name, place, measure }): LayerCollapse => ({
    name,
    place,
    ...measure.result(),
  }));
  const features = results[taps.indexOf('features')];
  const accuracy = accuracyOf(tally);
  const objective = objectiveOf(network, setting, stepsPerEpoch(data.samples, batch), {
    meanLoss: accuracy.loss,
    statistics: features.snapshot.statistics,
    parameters: await executable.read(parametersOf(network).map(({ name }) => name)),
  });
  return { layers: results, features, objective, accuracy };
}

interface LayerToMeasure {
  readonly name: string;
  readonly place: LayerCollapse['place'];
  readonly width: number;
  readonly measure: LayerMeasure;
}

function layersToMeasure(
  { network, setting, data, batch, blas }: MeasuredNetwork,
  { layers = [], headLayers: ofHead = 'none', predicted, globalMean }: MeasureNetworkOptions,
  head: Head,
): LayerToMeasure[] {
  const samples = data.samples;
  const { weightDecays } = effectiveDecays(setting, network, stepsPerEpoch(samples, batch));
  const measureOf = (dimension: number, rest: Head | null, options: Omit<MeasureOptions, 'blas'>) =>
    createLayerMeasure({
      dimension,
      classes: network.classes,
      samples,
      kind: 'float32',
      head: rest,
      blas,
      options: { globalMean, ...options },
    });
  const measurable: LayerToMeasure[] = [...tapWidths(network, [...new Set(layers)])].map(([name, width]) => ({
    name,
    place: 'backbone',
    width,
    measure: measureOf(width, null, {}),
  }));
  headSizes(network).forEach((width, m) => {
    if (m > 0 && ofHead === 'none') return;
    const rest = { weights: head.weights.slice(m), bias: head.bias };
    const options = { predicted: m === 0 ? predicted : null, weightDecays: weightDecays.slice(m) };
    measurable.push({
      name: m === 0 ? 'features' : `z${m}`,
      place: m === 0 ? 'features' : 'head',
      width,
      measure: rest.weights.length === 0 ? measureOf(width, null, {}) : measureOf(width, rest, options),
    });
  });
  return measurable;
}

/** Adds z_1 … z_M (B×d_m) to the outputs of a batch, where they are measured. */
function headLayers({ weights }: Head, layers: readonly LayerToMeasure[], blas: Blas) {
  if (!layers.some(({ place }) => place === 'head'))
    return (outputs: ReadonlyMap<string, Float32Array>) => outputs;
  const single = weights.map(({ data, rows, cols }) => matrix(Float32Array.from(data), rows, cols));
  return (outputs: ReadonlyMap<string, Float32Array>): ReadonlyMap<string, Float32Array> => {
    const all = new Map(outputs);
    const features = outputOf(outputs, 'features');
    let z: Matrix<Float32Array> = matrix(features, features.length / single[0].cols, single[0].cols);
    single.forEach((W, m) => {
      const next = matrix(new Float32Array(z.rows * W.rows), z.rows, W.rows);
      blas.gemm('N', 'T', 1, z, W, 0, next);
      all.set(`z${m + 1}`, next.data);
      z = next;
    });
    return all;
  };
}
