import { describe, expect, it } from 'vitest';
import { zeros } from '../../src/core/matrix.js';
import { createProblem, type Problem } from '../../src/model/index.js';
import {
  createTrainer,
  DIVERGED,
  drawStart,
  givenStart,
  type OptimizerSpec,
  type StartTensors,
  type TrainerState,
} from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { randomTensors } from './support.js';

const PROBLEM = createProblem({
  counts: [9, 5, 2, 1],
  depth: 3,
  widths: [6, 7, 5],
  weightDecays: [0.002, 0.004, 0.001],
  featureDecay: 0.003,
  bias: 'free',
});
const SGD: OptimizerSpec = { name: 'sgd', learningRate: 0.1, momentum: 0.9 };
const LBFGS: OptimizerSpec = { name: 'lbfgs', memory: 5, tolerance: 1e-10 };

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(`trainer on %s${NATIVE_NOTE}`, (_, blas) => {
  it.each([SGD, LBFGS])('$name goes on bit for bit from a state saved at any step', (optimizer) => {
    for (const saveAt of [0, 1, 4, 17]) {
      const start = drawStart(PROBLEM, 0.5, 3, blas);
      const trainer = createTrainer(PROBLEM, start, optimizer, blas);
      for (let step = 0; step < saveAt; step++) trainer.advance();
      const saved: TrainerState = structuredClone(trainer.state());
      expect(saved.step).toBe(saveAt);
      // The start may be drawn again; only the basis that leads back to samples is taken from it.
      const resumed = createTrainer(PROBLEM, drawStart(PROBLEM, 0.5, 3, blas), optimizer, blas, saved);
      expect(resumed.step).toBe(saveAt);
      for (let step = 0; step < 20; step++) {
        expect(resumed.advance()).toBe(trainer.advance());
        expect(resumed.parameters.flat).toEqual(trainer.parameters.flat);
        expect(resumed.objective()).toBe(trainer.objective());
      }
      expect(resumed.state()).toEqual(trainer.state());
    }
  });

  it.each([SGD, LBFGS])('$name: a state is a copy, and the start is not changed by training', (optimizer) => {
    const start = drawStart(PROBLEM, 0.5, 3, blas);
    const before = start.parameters.flat.slice();
    const trainer = createTrainer(PROBLEM, start, optimizer, blas);
    trainer.advance();
    const state = trainer.state();
    const kept = structuredClone(state);
    for (let step = 0; step < 5; step++) trainer.advance();
    expect(state).toEqual(kept);
    expect(start.parameters.flat).toEqual(before);
    expect(trainer.parameters.flat).not.toEqual(before);
  });

  it('refuses a saved state of another problem, naming the array', () => {
    const start = drawStart(PROBLEM, 0.5, 3, blas);
    const { arrays, ...rest } = createTrainer(PROBLEM, start, SGD, blas).state();
    const broken = (change: Record<string, Float64Array>) => () =>
      createTrainer(PROBLEM, start, SGD, blas, { ...rest, arrays: { ...arrays, ...change } });
    expect(broken({ parameters: new Float64Array(3) })).toThrow(
      /^saved state, parameters: \d+ numbers, got 3$/,
    );
    expect(broken({ velocity: new Float64Array(0) })).toThrow(/^saved state, velocity: \d+ numbers, got 0$/);
    expect(() =>
      createTrainer(PROBLEM, start, SGD, blas, { ...rest, arrays: { parameters: arrays.parameters } }),
    ).toThrow(/^saved state, velocity: \d+ numbers, got none$/);
  });

  it('L-BFGS never goes up, and says when it has converged; then nothing moves', () => {
    const trainer = createTrainer(PROBLEM, drawStart(PROBLEM, 0.7, 1, blas), LBFGS, blas);
    let value = trainer.objective();
    for (let i = 0; i < 3000 && trainer.advance() === 'running'; i++) {
      const found = trainer.objective();
      // A rise of a rounding or two of F is what the approximate line search allows.
      expect(found).toBeLessThanOrEqual(value * (1 + 4e-15));
      value = found;
    }
    expect(trainer.status).toBe('converged');
    const [step, flat] = [trainer.step, trainer.parameters.flat.slice()];
    expect(trainer.advance()).toBe('converged');
    expect(trainer.step).toBe(step);
    expect(trainer.parameters.flat).toEqual(flat);
    // The gradient's largest entry is within tolerance.
    expect(Math.max(...trainer.state().arrays.gradient.map(Math.abs))).toBeLessThanOrEqual(1e-10);
  });

  it.each<[string, Problem, number, OptimizerSpec]>([
    [
      'd = 512 at the usual rate, from a large start',
      createProblem({ counts: [40, 20, 10], depth: 3, widths: 512, weightDecays: 5e-4, featureDecay: 5e-4 }),
      0.5,
      SGD,
    ],
    ['a rate far too high', PROBLEM, 0.5, { name: 'sgd', learningRate: 1e6, momentum: 0 }],
    ['a rate that overflows at once', PROBLEM, 0.5, { name: 'sgd', learningRate: 1e300, momentum: 0.9 }],
  ])(
    'diverges: %s; the status says so, steps stop, the ceiling is that of the start',
    (_name, problem, std, optimizer) => {
      const trainer = createTrainer(problem, drawStart(problem, std, 0, blas), optimizer, blas);
      const ceiling = DIVERGED * Math.max(1, trainer.objective());
      expect(trainer.state().ceiling).toBe(ceiling);
      let advances = 0;
      while (trainer.advance() === 'running') if (++advances > 500) expect.fail('it did not diverge');
      expect(trainer.status).toBe('diverged');
      // Divergence is seen before an update: the steps done are those that were accepted.
      expect(trainer.step).toBe(advances);
      expect(trainer.objective() <= ceiling).toBe(false);
      const flat = trainer.parameters.flat.slice();
      expect(trainer.advance()).toBe('diverged');
      expect(trainer.step).toBe(advances);
      expect(trainer.parameters.flat.every((x, i) => Object.is(x, flat[i]))).toBe(true);
    },
  );

  it('a resumed run diverges at the same step: the ceiling is saved', () => {
    const optimizer: OptimizerSpec = { name: 'sgd', learningRate: 8, momentum: 0.9 };
    const start = drawStart(PROBLEM, 0.5, 0, blas);
    const trainer = createTrainer(PROBLEM, start, optimizer, blas);
    trainer.advance();
    const resumed = createTrainer(PROBLEM, start, optimizer, blas, trainer.state());
    for (let i = 0; i < 500 && trainer.advance() === 'running'; i++);
    for (let i = 0; i < 500 && resumed.advance() === 'running'; i++);
    expect(trainer.status).toBe('diverged');
    expect(resumed.status).toBe('diverged');
    expect(resumed.step).toBe(trainer.step);
  });

  it.each<[string, OptimizerSpec, string]>([
    [
      'a rate of zero',
      { ...SGD, learningRate: 0 },
      'optimizer.learningRate: a positive finite number, got 0',
    ],
    [
      'a rate of NaN',
      { ...SGD, learningRate: NaN },
      'optimizer.learningRate: a positive finite number, got NaN',
    ],
    [
      'an endless rate',
      { ...SGD, learningRate: Infinity },
      'optimizer.learningRate: a positive finite number',
    ],
    ['a momentum of 1', { ...SGD, momentum: 1 }, 'optimizer.momentum: a number in [0, 1), got 1'],
    ['a negative momentum', { ...SGD, momentum: -0.1 }, 'optimizer.momentum: a number in [0, 1), got -0.1'],
    ['no memory', { ...LBFGS, memory: 0 }, 'optimizer.memory: a whole number from 1 to 1000, got 0'],
    ['half a memory', { ...LBFGS, memory: 1.5 }, 'optimizer.memory: a whole number from 1 to 1000, got 1.5'],
    [
      'a negative tolerance',
      { ...LBFGS, tolerance: -1 },
      'optimizer.tolerance: a finite number of at least 0, got -1',
    ],
  ] as [string, OptimizerSpec, string][])('refuses %s', (_name, optimizer, message) => {
    const start = drawStart(PROBLEM, 0.5, 0, blas);
    expect(() => createTrainer(PROBLEM, start, optimizer, blas)).toThrow(message);
  });
});

describe('starts', () => {
  const [blas] = BLASES;

  it('the same seed is the same start, another seed another one; the bias starts at zero', () => {
    const [one, same, other] = [7, 7, 8].map((seed) => drawStart(PROBLEM, 0.1, seed, blas));
    expect(one.parameters.flat).toEqual(same.parameters.flat);
    expect(one.parameters.flat).not.toEqual(other.parameters.flat);
    expect([...(one.parameters.bias ?? [])]).toEqual([0, 0, 0, 0]);
    expect(drawStart(PROBLEM, 0, 1, blas).parameters.flat.every((x) => x === 0)).toBe(true);
    for (const std of [-1, NaN, Infinity])
      expect(() => drawStart(PROBLEM, std, 0, blas)).toThrow(
        `init.std: a finite number of at least 0, got ${std}`,
      );
  });

  it.each<[string, (t: StartTensors) => Partial<StartTensors>, RegExp]>([
    [
      'a weight of another shape',
      (t) => ({ weights: [t.weights[0], t.weights[1], zeros(3, 5)] }),
      /weights W1…WM of 7×6, 5×7, 4×5, got/,
    ],
    ['a layer too few', (t) => ({ weights: t.weights.slice(0, 2) }), /weights W1…WM/],
    [
      'features as rows',
      (t) => ({ features: zeros(t.features.cols, t.features.rows) }),
      /features H of 6×17 \(columns are samples\), got 17×6/,
    ],
    [
      'a label too few',
      (t) => ({ labels: t.labels.slice(1) }),
      /a label for each of the 17 samples, got 16 labels/,
    ],
    [
      'a label outside',
      (t) => ({ labels: t.labels.map((k) => (k === 3 ? 4 : k)) }),
      /class indices from 0 to 3, got 4/,
    ],
    [
      'a negative label',
      (t) => ({ labels: t.labels.map((k) => (k === 3 ? -1 : k)) }),
      /class indices from 0 to 3, got -1/,
    ],
    [
      'other counts',
      (t) => ({ labels: t.labels.map((k) => (k === 3 ? 0 : k)) }),
      /9 samples of class 0, as in the spec, got 10/,
    ],
    ['no bias', () => ({ bias: null }), /a bias b, since bias is free, got "none"/],
    ['a bias too long', () => ({ bias: new Float64Array(5) }), /a bias of 4, got 5/],
    [
      'a weight of NaN',
      (t) => ({
        weights: [t.weights[0], { ...t.weights[1], data: t.weights[1].data.map(() => NaN) }, t.weights[2]],
      }),
      /W2: finite numbers, got NaN/,
    ],
    [
      'an infinite feature',
      (t) => ({ features: { ...t.features, data: t.features.data.map(() => Infinity) } }),
      /H: finite numbers, got Infinity/,
    ],
    ['a bias of NaN', () => ({ bias: new Float64Array(4).fill(NaN) }), /b: finite numbers, got NaN/],
  ])('givenStart refuses %s', (_name, change, message) => {
    const tensors = randomTensors(PROBLEM, 1, 0);
    const act = () => givenStart(PROBLEM, { ...tensors, ...change(tensors) }, blas, 'start.npz');
    expect(act).toThrow(message);
    expect(act).toThrow(/^(start\.npz|head)/);
  });

  it('givenStart refuses a bias where there is none', () => {
    const tensors = randomTensors(PROBLEM, 1, 0);
    expect(() => givenStart({ ...PROBLEM, bias: 'none' }, tensors, blas, 's')).toThrow(
      /no bias b, since bias is none, got "b"/,
    );
  });
});
