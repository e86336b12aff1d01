/**
 * A training that goes on under another problem: the same weights and the same samples, though decays, class sizes, loss or
 * bias have changed. Samples that leave a class are its last ones; those that come to it begin at random, as all did.
 */
import { createRandom, portableBlas as blas, zeros } from 'collapsar/core';
import type { Problem } from 'collapsar/model';
import {
  createTrainer,
  DIVERGED,
  drawStart,
  expandColumns,
  givenStart,
  needsSamples,
  type OptimizerSpec,
  type UfmStart,
  type UfmTrainer,
} from 'collapsar/ufm';

/** `scale`: standard deviation of samples that are new. Steps count from here; under the same samples momentum goes on. */
export function continued(
  before: UfmTrainer,
  problem: Problem,
  method: OptimizerSpec,
  scale: number,
): UfmTrainer {
  const start = startFrom(before, problem, scale);
  const fresh = createTrainer(problem, start, method, blas);
  const { arrays } = before.state();
  if (arrays.velocity.length !== start.parameters.flat.length || start.reduced !== before.reduced)
    return fresh;
  const ceiling = DIVERGED * Math.max(1, fresh.objective());
  const saved = { step: 0, ceiling, arrays: { ...arrays, parameters: start.parameters.flat }, value: null };
  return createTrainer(problem, start, method, blas, saved);
}

function startFrom({ reduced, parameters }: UfmTrainer, problem: Problem, scale: number): UfmStart {
  const { counts, widths } = problem;
  const bias = problem.bias === 'free' ? (parameters.bias?.slice() ?? new Float64Array(counts.length)) : null;
  // Under squared error samples may stand in few columns; under cross-entropy and with class weights in none but their own.
  const inColumns = reduced.basis !== 'samples';
  const stays =
    reduced.counts.join() === counts.join() &&
    (reduced.basis === 'collapsed' || inColumns !== needsSamples(problem)) &&
    (bias === null) === (parameters.bias === null);
  if (stays) return { reduced, parameters };
  const weights = parameters.weights;
  if (reduced.basis === null) {
    // Single samples were never kept: only the head can stay.
    const start = drawStart(problem, scale, counts.length, blas);
    weights.forEach((W, m) => start.parameters.weights[m].data.set(W.data));
    if (bias !== null) start.parameters.bias?.set(bias);
    return start;
  }
  const random = createRandom(counts.length);
  const d = widths[0];
  const labels = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  const features = zeros(d, labels.length);
  const old = expandColumns(reduced, parameters.columns, blas).features;
  let [at, from] = [0, 0];
  const feature = new Float64Array(d);
  counts.forEach((n, k) => {
    for (let i = 0; i < n; i++, at++) {
      if (i < reduced.counts[k]) feature.set(old.data.subarray((from + i) * d, (from + i + 1) * d));
      else random.normalsInto(feature, scale);
      for (let r = 0; r < d; r++) features.data[r * labels.length + at] = feature[r];
    }
    from += reduced.counts[k];
  });
  return givenStart(problem, { labels, features, weights, bias }, blas, 'training');
}
