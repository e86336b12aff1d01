/** Fills the arrays of a batch from the training data, in memory that is kept over the run. */
import type { Random } from '../core/random.js';
import type { BatchOrder } from './batchOrder.js';
import type { Network } from './network.js';
import { inputShape, sizeOf } from './shapes.js';
import type { TrainingImages } from './trainingData.js';

/** Images B×height×width×channels and labels B of a step; overwritten by the next call. */
export type BatchReader = (
  order: BatchOrder,
  step: number,
  augmentation: Random,
) => { readonly images: Float32Array; readonly labels: Int32Array };

/** A full batch that draws no augmentation is read once. */
export function createBatchReader(data: TrainingImages, network: Network, batch: number): BatchReader {
  const images = new Float32Array(batch * sizeOf(inputShape(network)));
  const labels = new Int32Array(batch);
  let held = false;
  return (order, step, augmentation) => {
    const indices = order.samplesOf(step);
    const current = {
      images: images.subarray(0, (indices.length * images.length) / batch),
      labels: labels.subarray(0, indices.length),
    };
    if (held) return current;
    const before = JSON.stringify(augmentation.state());
    data.fillInto(images, indices, augmentation);
    indices.forEach((sample, i) => (labels[i] = data.labels[sample]));
    held = batch === data.samples && JSON.stringify(augmentation.state()) === before;
    return current;
  };
}
