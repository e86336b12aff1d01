/**
 * A data set through a network in evaluation mode, batch by batch.
 *
 * Nothing of the network's state changes, and no augmentation is drawn.
 */
import { refuse, refuseShape } from '../core/errors.js';
import { matrix } from '../core/matrix.js';
import type { Head } from '../model/index.js';
import type { Executable } from './engine.js';
import type { Network } from './network.js';
import { channelsOf, featureSize, headSizes, inputShape, shapeAfter, sizeOf, walkLayers } from './shapes.js';
import type { TrainingImages } from './trainingData.js';

/** Outputs of one batch: by tap, B×width, and the labels, B. */
export interface EvaluatedBatch {
  readonly outputs: ReadonlyMap<string, Float32Array>;
  readonly labels: Int32Array;
}

/** All samples in the order of the data, B = `batch` at a time: as many as the executable was compiled for, or fewer. */
export async function* evaluateAll(
  executable: Executable,
  network: Network,
  data: TrainingImages,
  batch: number,
  taps: readonly string[],
): AsyncGenerator<EvaluatedBatch> {
  const capacity = Math.min(batch, data.samples);
  const images = new Float32Array(capacity * sizeOf(inputShape(network)));
  for (let start = 0; start < data.samples; start += capacity) {
    const count = Math.min(capacity, data.samples - start);
    data.fillInto(
      images,
      Int32Array.from({ length: count }, (_, i) => start + i),
      null,
    );
    const outputs = await executable.evaluate(images, count, taps);
    yield { outputs, labels: data.labels.subarray(start, start + count) };
  }
}

/** The head's layers as they are now, in float64. */
export async function readHead(executable: Executable, network: Network): Promise<Head> {
  const sizes = headSizes(network);
  const names = sizes.slice(1).map((_, m) => `W${m + 1}`);
  const arrays = await executable.read(network.head.bias === 'free' ? [...names, 'b'] : names);
  const of = (name: string) => Float64Array.from(arrays.get(name) ?? []);
  return {
    weights: names.map((name, m) => matrix(of(name), sizes[m + 1], sizes[m])),
    bias: network.head.bias === 'free' ? of('b') : null,
  };
}

export function outputOf(outputs: ReadonlyMap<string, Float32Array>, tap: string): Float32Array {
  const output = outputs.get(tap);
  if (output === undefined) refuse('evaluate', `an output of ${tap}`, [...outputs.keys()]);
  return output;
}

/** Refuses data that does not fit the network: its size, no samples, labels out of range. */
export function checkImages(where: string, data: TrainingImages, { input, classes }: Network): void {
  const described = ({ height, width, channels }: Network['input']) => `${height}×${width}×${channels}`;
  if (described(data) !== described(input))
    refuseShape(where, `images of ${described(input)} (height×width×channels)`, described(data));
  if (data.samples < 1) refuse(where, 'at least one sample', data.samples);
  if (data.labels.length !== data.samples)
    refuseShape(where, `${data.samples} labels`, `${data.labels.length}`);
  const outside = data.labels.find((label) => !(label >= 0 && label < classes));
  if (outside !== undefined) refuse(`${where}: labels`, `class indices from 0 to ${classes - 1}`, outside);
}

/** How many numbers a sample has at each tap: channels of maps. Refuses names that no layer has. */
export function tapWidths(network: Network, taps: readonly string[]): Map<string, number> {
  const known = new Map([['features', featureSize(network)]]);
  walkLayers(network.backbone, inputShape(network), (layer, input) => {
    known.set(layer.name, channelsOf(shapeAfter(layer, input)));
  });
  return new Map(
    taps.map((tap) => {
      const width = known.get(tap);
      if (width === undefined) refuse('layers', `names of layers of ${network.name}`, tap);
      return [tap, width];
    }),
  );
}
