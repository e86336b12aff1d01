/** A second way to the minimum of any problem: L-BFGS on its factors from several starts, and the objective by its definition. */
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { runThrough } from '../../src/core/pausable.js';
import type { Problem } from '../../src/model/index.js';
import { predictVariedPausably, type Minimiser, type PointPrediction } from '../../src/theory/index.js';
import { solveNumerically } from '../../src/theory/means/numeric.js';

/** Independent of every closed form; `seed` draws its starts. */
export function numericMinimum(problem: Problem, seed = 1): { objective: number; point: Minimiser } {
  const options = {
    blas,
    seed,
    budget: 60,
    restarts: 3,
  };
  return runThrough(solveNumerically(problem, options));
}

export function predictVaried(problem: Problem, seed = 0): PointPrediction {
  return runThrough(predictVariedPausably(problem, { blas, seed, budget: 60, restarts: 3 }));
}

/** F of a point whose features coincide within each class, by its definition. */
export function naiveObjective(problem: Problem, { head, classFeatures }: Minimiser): number {
  const labels = problem.counts.flatMap((n, k) => new Array<number>(n).fill(k));
  const features = labels.map((k) =>
    Array.from({ length: classFeatures.rows }, (_, r) => classFeatures.data[r * classFeatures.cols + k]),
  );
  return naiveSampleObjective(problem, head, features, labels);
}

/** F of single samples, written down from its definition in plain loops, so that nothing is shared with what is tested. */
export function naiveSampleObjective(
  problem: Problem,
  head: Minimiser['head'],
  features: readonly (readonly number[])[],
  labels: readonly number[],
): number {
  const { counts, weightDecays, featureDecay, classWeights, biasDecay, loss } = problem;
  const K = counts.length;
  const N = labels.length;
  const q = problem.targets?.length ?? K;
  const target = (j: number, k: number) =>
    problem.targets?.[j][k] ?? (j === k ? 1 - problem.labelSmoothing : 0) + problem.labelSmoothing / K;
  const squares = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value * value, 0);
  const weight = (k: number) => classWeights?.[k] ?? 1;
  const whole = labels.reduce((sum, k) => sum + weight(k), 0);
  let total = ((biasDecay ?? 0) / 2) * (head.bias === null ? 0 : squares(head.bias));
  head.weights.forEach((W, m) => (total += (weightDecays[m] / 2) * squares(W.data)));
  features.forEach((feature, i) => {
    const k = labels[i];
    total += (featureDecay / 2) * squares(feature);
    let h = [...feature];
    for (const W of head.weights)
      h = Array.from({ length: W.rows }, (_, r) =>
        h.reduce((sum, value, c) => sum + W.data[r * W.cols + c] * value, 0),
      );
    const a = h.map((value, j) => value + (head.bias?.[j] ?? 0));
    if (loss === 'mse') {
      total += (weight(k) / (2 * N)) * squares(a.map((value, j) => value - target(j, k)));
      return;
    }
    const adjust = problem.logitAdjustment;
    const z = a.map((value, j) => (adjust?.scales[j] ?? 1) * value + (adjust?.offsets[j] ?? 0));
    const norm = Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0));
    const cross = Array.from({ length: q }, (_, j) => target(j, k) * (norm - z[j])).reduce(
      (x, y) => x + y,
      0,
    );
    const focal = problem.focal > 0 ? (1 - Math.exp(-cross)) ** problem.focal * cross : cross;
    total += (weight(k) / whole) * focal;
  });
  return total;
}
