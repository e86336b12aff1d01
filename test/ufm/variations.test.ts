/** Training with class weights, soft targets, decayed biases, focal loss, adjusted logits and features of at least 0. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { createProblem, type Problem, type ProblemInput } from '../../src/model/index.js';
import {
  createObjective,
  createTrainer,
  drawStart,
  expandColumns,
  givenStart,
  layParameters,
  savedStart,
} from '../../src/ufm/index.js';
import { naiveSampleObjective, predictVaried } from '../support/numericMinimum.js';

const base: ProblemInput = {
  counts: [5, 3, 2],
  depth: 2,
  widths: [4, 3],
  weightDecays: [0.004, 0.006],
  featureDecay: 0.005,
};
const adjusted = { additive: 1, multiplicative: 0.3 };
const CASES: readonly (readonly [string, Partial<ProblemInput>])[] = [
  ['weights', { classWeights: [1, 2, 4] }],
  ['weights and a bias', { classWeights: [1, 2, 4], bias: 'free' }],
  ['label smoothing', { labelSmoothing: 0.2, bias: 'free' }],
  [
    'targets',
    {
      targets: [
        [1, 0.5, 0],
        [0, 1, 0.3],
        [0.2, 0, 2],
      ],
    },
  ],
  ['a decayed bias', { bias: 'decayed', biasDecay: 0.1 }],
  ['features of at least 0', { featureSign: 'nonnegative', bias: 'free' }],
  ['cross-entropy, weights and smoothing', { loss: 'ce', classWeights: [1, 2, 4], labelSmoothing: 0.1 }],
  ['focal loss', { loss: 'ce', focal: 2, bias: 'free' }],
  ['adjusted logits, a decayed bias', { loss: 'ce', logitAdjustment: adjusted, bias: 'decayed' }],
  ['cross-entropy, features of at least 0', { loss: 'ce', featureSign: 'nonnegative' }],
];
const problem = (more: Partial<ProblemInput>): Problem => createProblem({ ...base, ...more });

describe.each(CASES)('the objective with %s', (_, more) => {
  const given = problem(more);
  const start = drawStart(given, 0.7, 3, blas);
  const { reduced, parameters } = start;
  createRandom(9).normalsInto(parameters.bias ?? new Float64Array(1), 0.5);
  const objective = createObjective(given, reduced, parameters, blas);

  it('is that of the samples, by its definition', () => {
    const { features, labels } = expandColumns(reduced, parameters.columns, blas);
    const rows = Array.from(labels, (_, i) => Array.from(features.data.subarray(4 * i, 4 * i + 4)));
    const naive = naiveSampleObjective(given, parameters, rows, Array.from(labels));
    expect(objective.value()).toBeCloseTo(naive, 12);
  });

  it('has the gradient of its differences', () => {
    const G = layParameters(given, reduced.columns.cols);
    objective.forward();
    objective.gradientInto(G, 0);
    const { flat } = parameters;
    const step = 1e-5;
    for (let i = 0; i < flat.length; i++) {
      const value = flat[i];
      flat[i] = value + step;
      const above = objective.value();
      flat[i] = value - step;
      const below = objective.value();
      flat[i] = value;
      // Central differences: truncation of step² and rounding of ε/step.
      expect(Math.abs((above - below) / (2 * step) - G.flat[i])).toBeLessThan(1e-8);
    }
  });
});

describe.each(CASES)('training with %s', (_, more) => {
  const given = problem({ ...more, depth: 1, widths: 4, weightDecays: 0.004 });
  const predicted = predictVaried(given);

  it('ends at the predicted minimum by L-BFGS', () => {
    const start = drawStart(given, 0.5, 1, blas);
    const trainer = createTrainer(given, start, { name: 'lbfgs', memory: 30, tolerance: 1e-11 }, blas);
    for (let step = 0; step < 4000 && trainer.advance() === 'running'; step++);
    // Where features have a bound, a coordinate that starts near 0 may rest at another stationary point.
    expect(trainer.objective()).toBeGreaterThan(predicted.objective * (1 - 1e-9));
    if (given.featureSign === 'free') expect(trainer.objective()).toBeCloseTo(predicted.objective, 9);
    else expect(Math.min(...trainer.parameters.columns.data)).toBeGreaterThanOrEqual(0);
  });

  it('ends there by gradient descent', () => {
    const start = drawStart(given, 0.5, 1, blas);
    const trainer = createTrainer(given, start, { name: 'sgd', learningRate: 0.2, momentum: 0.95 }, blas);
    for (let step = 0; step < 4000 && trainer.advance() === 'running'; step++);
    expect(trainer.status).toBe('running');
    expect(trainer.objective()).toBeGreaterThan(predicted.objective * (1 - 1e-9));
    if (given.featureSign === 'free') expect(trainer.objective()).toBeCloseTo(predicted.objective, 6);
    else expect(Math.min(...trainer.parameters.columns.data)).toBeGreaterThanOrEqual(0);
    expect(trainer.gradientSquare()).toBeLessThan(1e-10);
  });
});

it('goes on bit for bit from a saved state where features have a bound', () => {
  const given = problem({ featureSign: 'nonnegative', bias: 'free' });
  for (const optimizer of [
    { name: 'lbfgs', memory: 8, tolerance: 0 },
    { name: 'sgd', learningRate: 0.2, momentum: 0.9 },
  ] as const) {
    const run = (steps: number) => {
      const trainer = createTrainer(given, drawStart(given, 0.5, 1, blas), optimizer, blas);
      for (let step = 0; step < steps; step++) trainer.advance();
      return trainer;
    };
    const saved = run(7);
    const { columns, basis } = { columns: saved.reduced.columns.cols, basis: saved.reduced.basis };
    const start = savedStart(given, { columns, basis, parameters: saved.parameters.flat.length }, 'saved');
    const again = createTrainer(given, start, optimizer, blas, saved.state());
    for (let step = 7; step < 12; step++) again.advance();
    expect(again.parameters.flat).toEqual(run(12).parameters.flat);
  }
});

it('refuses a start with negative features where they have a bound, and targets without an output for each class', () => {
  const tensors = {
    labels: Int32Array.from([0, 0, 0, 0, 0, 1, 1, 1, 2, 2]),
    features: { data: new Float64Array(40).fill(-1), rows: 4, cols: 10 },
    weights: [
      { data: new Float64Array(12), rows: 3, cols: 4 },
      { data: new Float64Array(9), rows: 3, cols: 3 },
    ],
    bias: null,
  };
  expect(() => givenStart(problem({ featureSign: 'nonnegative' }), tensors, blas, 'start.npz')).toThrow(
    /start.npz: H: features of at least 0/,
  );
  expect(() => drawStart(problem({ targets: [[1, 2, 3]] }), 1, 0, blas)).toThrow(
    /training: targets with as many rows as there are classes, 3, got "1×3"; predict and verify take any number of rows$/,
  );
});
