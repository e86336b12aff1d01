/**
 * Features and a head, measured beside the prediction. They are made here, at the minimum and with noise; yours come from a
 * network.
 *
 *   node examples/measure.ts        (Node 22.18 or later runs TypeScript as it stands)
 */
import {
  buildMinimiser,
  createProblem,
  measureFeatures,
  portableBlas,
  predictMse,
  type Head,
} from 'collapsar';
import { createRandom, type Matrix } from 'collapsar/core';
import { batchesOf } from 'collapsar/metrics';

const problem = createProblem({
  counts: [60, 30, 10],
  depth: 2,
  widths: 8,
  weightDecays: 1e-3,
  featureDecay: 1e-3,
});
const { head, features, labels } = makeNetwork();
const prediction = predictMse(problem);
const { measurement } = await measureFeatures(batchesOf(features, labels), {
  blas: portableBlas,
  head,
  predicted: prediction.geometry(),
  weightDecays: problem.weightDecays,
});

console.log(
  `NC1 ${measurement.nc1.pinv?.toPrecision(3)}, PPᵀ from the prediction ${measurement.nc2.weights.predicted?.toPrecision(2)}`,
);
measurement.classes.forEach(({ count, weightNorm }, k) => {
  const { weightNorm: predicted, regime } = prediction.classes[k];
  console.log(
    `class ${k} (n = ${count}): ‖p‖ ${weightNorm?.toFixed(3)}, predicted ${predicted.toFixed(3)}, ${regime}`,
  );
});

/** Samples around the class means of a minimiser: features N×d, labels N. */
function makeNetwork(): { head: Head; features: Matrix; labels: Int32Array } {
  const { head, classFeatures } = buildMinimiser(problem, portableBlas);
  const random = createRandom(0);
  const { rows: d, cols: K } = classFeatures;
  const labels = Int32Array.from(problem.counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  const features: Matrix = { data: new Float64Array(labels.length * d), rows: labels.length, cols: d };
  labels.forEach((k, i) => {
    for (let j = 0; j < d; j++)
      features.data[i * d + j] = classFeatures.data[j * K + k] + 0.01 * random.normal();
  });
  return { head, features, labels };
}
