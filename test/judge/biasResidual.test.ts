/** The residual of a bias against finite differences of a loss written out term by term. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { biasResidual } from '../../src/judge/biasResidual.js';
import { measureSnapshot } from '../../src/metrics/index.js';
import { createProblem, type Problem, type ProblemInput } from '../../src/model/index.js';
import { drawStart, createTrainer } from '../../src/ufm/index.js';

const base = { counts: [8, 4, 2], depth: 1, widths: 4, weightDecays: 1e-2, featureDecay: 1e-2 };
const BIAS = Float64Array.of(0.3, -0.2, 0.5);

function measured(problem: Problem) {
  const start = drawStart(createProblem(base), 0.7, 3, portableBlas);
  const trainer = createTrainer(
    createProblem(base),
    start,
    { name: 'sgd', learningRate: 0.1, momentum: 0 },
    portableBlas,
  );
  const measurement = measureSnapshot(trainer.snapshot('classes'), { blas: portableBlas });
  return { measurement, head: { weights: start.parameters.weights, bias: BIAS }, problem };
}

/** Loss of class k at outputs z = Ph̄_k + b, and its share of the whole. */
function lossOf({ loss, counts, classWeights, labelSmoothing, logitAdjustment }: Problem, k: number) {
  const K = counts.length;
  const w = (j: number) => classWeights?.[j] ?? 1;
  const all = counts.reduce((sum, n, j) => sum + n * (loss === 'mse' ? 1 : w(j)), 0);
  const target = (j: number) => (j === k ? 1 - labelSmoothing : 0) + labelSmoothing / K;
  const value = (z: readonly number[]) => {
    if (loss === 'mse') return z.reduce((sum, x, j) => sum + (x - target(j)) ** 2 / 2, 0);
    const a = z.map((x, j) => (logitAdjustment?.scales[j] ?? 1) * x + (logitAdjustment?.offsets[j] ?? 0));
    const log = Math.log(a.reduce((sum, x) => sum + Math.exp(x), 0));
    return a.reduce((sum, x, j) => sum - target(j) * (x - log), 0);
  };
  return { value, share: (counts[k] * w(k)) / all };
}

const step = 1e-6;

/** ‖Σ r_k‖/Σ‖r_k‖ with r_k the gradient of each term by differences. */
function residualByDifferences(problem: Problem): number {
  const { measurement } = measured(problem);
  const logits = measurement.geometry.logits as { readonly matrix: { readonly data: Float64Array } };
  const K = problem.counts.length;
  const Z = logits.matrix.data;
  const terms = problem.counts.map((_, k) => {
    const { value, share } = lossOf(problem, k);
    const at = (j: number, by: number) =>
      value(Array.from({ length: K }, (__, i) => Z[i * K + k] + BIAS[i] + (i === j ? by : 0)));
    return Array.from({ length: K }, (__, j) => (share * (at(j, step) - at(j, -step))) / (2 * step));
  });
  terms.push(Array.from(BIAS, (b) => (problem.biasDecay ?? 0) * b));
  const norm = (v: readonly number[]) => Math.hypot(...v);
  const sum = Array.from({ length: K }, (_, j) => terms.reduce((total, term) => total + term[j], 0));
  return norm(sum) / terms.reduce((total, term) => total + norm(term), 0);
}

const variations: readonly (readonly [string, Partial<ProblemInput>])[] = [
  ['the squared error', { bias: 'free' }],
  ['the squared error, weighted', { bias: 'free', classWeights: [1, 2, 3] }],
  ['a decayed bias', { bias: 'decayed', biasDecay: 0.1 }],
  ['cross-entropy', { loss: 'ce', bias: 'free' }],
  [
    'cross-entropy, weighted and smoothed',
    { loss: 'ce', bias: 'free', classWeights: [1, 2, 3], labelSmoothing: 0.1 },
  ],
  ['adjusted logits', { loss: 'ce', bias: 'free', logitAdjustment: { additive: 1, multiplicative: 0.3 } }],
];

describe('the residual of a bias', () => {
  it.each(variations)('%s', (_, changes) => {
    const problem = createProblem({ ...base, ...changes });
    const { measurement, head } = measured(problem);
    expect(biasResidual(measurement, head, problem)).toBeCloseTo(residualByDifferences(problem), 7);
  });

  it('does not exist without a bias, without a head, or for a focal loss', () => {
    const problem = createProblem({ ...base, bias: 'free' });
    const { measurement, head } = measured(problem);
    expect(biasResidual(measurement, { ...head, bias: null }, problem)).toBeNull();
    expect(biasResidual(measurement, null, problem)).toBeNull();
    const headless = { ...measurement, geometry: { ...measurement.geometry, logits: null } };
    expect(biasResidual(headless, head, problem)).toBeNull();
    const focal = createProblem({ ...base, bias: 'free', loss: 'ce', focal: 2 });
    expect(biasResidual(measurement, head, focal)).toBeNull();
    expect(biasResidual(measurement, head, problem)).not.toBeNull();
  });
});
