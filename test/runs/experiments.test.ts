import { describe, expect, it } from 'vitest';
import {
  chooseVariants,
  EXPERIMENTS,
  findExperiment,
  planRuns,
} from '../../src/runs/catalogue/experiments.js';
import type { Scale } from '../../src/runs/catalogue/variant.js';
import { checkSpec, type NetworkSpec, type UfmSpec } from '../../src/runs/index.js';

const SCALES: readonly Scale[] = ['quick', 'paper'];
const NAMES = EXPERIMENTS.map(({ name }) => name);

function runsOf(name: string, scale: Scale = 'paper') {
  const experiment = findExperiment(name);
  return planRuns(experiment, scale, chooseVariants(experiment, scale, {}).variants, 0);
}

function networks(name: string, scale: Scale = 'paper'): NetworkSpec[] {
  return runsOf(name, scale).flatMap(({ spec }) => (spec.kind === 'network' ? [spec] : []));
}

function ufms(name: string): UfmSpec[] {
  return runsOf(name).flatMap(({ spec }) => (spec.kind === 'ufm' ? [spec] : []));
}

const heads = (specs: readonly NetworkSpec[]) => specs.map(({ head }) => head);

describe('the catalogue', () => {
  it('has names that are unique and fit a folder', () => {
    expect(new Set(NAMES).size).toBe(NAMES.length);
    for (const name of NAMES) expect(name).toMatch(/^[a-z0-9-]+$/);
    for (const name of NAMES)
      for (const scale of SCALES) {
        const runs = runsOf(name, scale).map((run) => run.name);
        expect(new Set(runs).size).toBe(runs.length);
      }
  });

  it.each(NAMES)('%s: every spec is what the schema would make of it', (name) => {
    for (const scale of SCALES)
      for (const { spec, name: run } of runsOf(name, scale)) expect(checkSpec(spec, run)).toEqual(spec);
  });

  it.each(NAMES)('%s: quick scale is one run, of what its data has', (name) => {
    const runs = runsOf(name, 'quick');
    expect(runs).toHaveLength(1);
    const experiment = findExperiment(name);
    for (const { spec } of runs) {
      expect(spec.kind).toBe(experiment.kind);
      if (spec.kind === 'network') expect(spec.data.set).toBe(experiment.data);
    }
  });

  it('says which are the paper’s: those on CIFAR-10 and the direct ones, and cites no theorem or figure', () => {
    const theirs = EXPERIMENTS.filter(({ origin }) => origin === 'paper').map(({ name }) => name);
    expect(theirs).toEqual([
      'mlp-cifar10-balanced',
      'mlp-cifar10-imbalanced',
      'resnet18-cifar10-balanced',
      'vgg16-cifar10-balanced',
      'ufm-balanced',
      'ufm-imbalanced',
    ]);
    for (const { title, shows } of EXPERIMENTS)
      expect(`${title} ${shows}`).not.toMatch(/theorem|figure|table|section/i);
  });

  it('draws start and shuffles from the seed, which the run’s name says', () => {
    const experiment = findExperiment('mlp-fashion-imbalanced');
    const [run] = planRuns(experiment, 'quick', [experiment.quick], 7);
    expect(run.name).toBe('M3-d512-nobias-mse-seed7');
    expect(run.spec.init).toEqual({ seed: 7 });
  });
});

describe('the settings of the authors’ public code', () => {
  it('MLP, balanced', () => {
    const specs = networks('mlp-cifar10-balanced');
    expect(specs).toHaveLength(4 * 3 * 2);
    expect(new Set(heads(specs).map(({ depth }) => depth))).toEqual(new Set([1, 3, 6, 9]));
    expect(new Set(heads(specs).map(({ width }) => width))).toEqual(new Set([512, 1024, 2048]));
    expect(new Set(heads(specs).map(({ bias }) => bias))).toEqual(new Set(['none', 'free']));
    for (const spec of specs) {
      expect(spec.data.set).toBe('cifar-10');
      expect(spec.data.counts).toBeUndefined();
      expect(spec.data.testLimit).toBeUndefined();
      expect(spec.architecture).toEqual({ name: 'mlp', layers: 6, width: spec.head.width, batchNorm: true });
      expect(spec.optimizer).toMatchObject({ name: 'adam', learningRate: 1e-4 });
      expect(spec.decay).toEqual({ head: 1e-4, features: 1e-4, featureScale: 'batch', backbone: 1e-4 });
      expect([spec.loss, spec.lossScale]).toEqual(['mse', 'mean']);
      expect([spec.batch, spec.epochs]).toEqual([128, 200]);
      expect(spec.schedule).toEqual({ every: 50, factor: 0.1 });
    }
  });

  it.each(['resnet18', 'vgg16'])('%s, balanced', (name) => {
    const specs = networks(`${name}-cifar10-balanced`);
    expect(heads(specs)).toEqual([1, 3, 6, 9].map((depth) => ({ depth, width: 512, bias: 'none' })));
    for (const spec of specs) {
      expect(spec.architecture).toEqual({ name, widthMultiplier: 1 });
      expect(spec.optimizer).toEqual({ name: 'sgd', learningRate: 1e-3, momentum: 0.9 });
      expect(spec.decay).toEqual({ all: 1e-4 });
      expect([spec.lossScale, spec.batch, spec.epochs]).toEqual(['mean', 128, 200]);
      expect(spec.data.counts).toBeUndefined();
      expect(spec.schedule).toBeUndefined();
    }
  });

  it('MLP, imbalanced', () => {
    const specs = networks('mlp-cifar10-imbalanced');
    expect(heads(specs)).toEqual(
      [1, 3, 6].flatMap((depth) => [2048, 512].map((width) => ({ depth, width, bias: 'none' }))),
    );
    for (const spec of specs) {
      expect(spec.data).toMatchObject({
        counts: [100, 100, 200, 200, 300, 300, 400, 400, 500, 500],
        choose: 'first',
        augmentation: 'none',
      });
      expect(spec.architecture).toEqual({ name: 'mlp', layers: 6, width: spec.head.width, batchNorm: false });
      expect(spec.optimizer).toMatchObject({ name: 'adam', learningRate: 1e-4 });
      expect(spec.decay).toEqual({ head: 1e-5, features: 1e-5, featureScale: 'batch', backbone: 1e-5 });
      expect([spec.lossScale, spec.batch, spec.epochs]).toEqual(['half-mean', 'full', 12_000]);
      expect(spec.schedule).toEqual({ every: 6000, factor: 0.1 });
    }
  });

  it('direct optimisation', () => {
    const balanced = ufms('ufm-balanced');
    const imbalanced = ufms('ufm-imbalanced');
    expect(balanced.map(({ depth, width, bias }) => [depth, width, bias])).toEqual(
      [1, 3].flatMap((depth) => ['none', 'free'].map((bias) => [depth, 64, bias])),
    );
    expect(imbalanced.map(({ depth, width, bias }) => [depth, width, bias])).toEqual(
      [1, 3, 6].flatMap((depth) => [64, 2048].map((width) => [depth, width, 'none'])),
    );
    for (const { counts } of balanced) expect(counts).toEqual([100, 100, 100, 100]);
    for (const { counts } of imbalanced) expect(counts).toEqual([200, 100, 50, 50]);
    for (const spec of [...balanced, ...imbalanced])
      expect(spec).toMatchObject({
        loss: 'mse',
        weightDecay: 5e-4,
        featureDecay: 5e-4,
        optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
        steps: 30_000,
        init: { std: 0.1, seed: 0 },
      });
  });

  it('are the same on other images, padded where a network halves them five times', () => {
    for (const set of ['fashion', 'mnist'])
      for (const family of ['mlp', 'resnet18', 'vgg16']) {
        const theirs = networks(`${family}-cifar10-balanced`);
        const ours = networks(`${family}-${set}-balanced`);
        expect(ours.map(({ data, name, ...rest }) => [data.pad, typeof name, rest])).toEqual(
          theirs.map(({ data, name, ...rest }) => [
            data.pad ?? (family === 'mlp' ? undefined : 32),
            typeof name,
            rest,
          ]),
        );
      }
  });
});

describe('choosing runs', () => {
  const experiment = findExperiment('mlp-cifar10-imbalanced');

  it('takes what is asked, each value once, and says what is not of the experiment', () => {
    const { variants, notes } = chooseVariants(experiment, 'quick', {
      depths: [1, 2, 1],
      widths: [64],
      biases: ['none', 'free'],
    });
    expect(variants.map(({ depth, width, bias, loss }) => [depth, width, bias, loss])).toEqual([
      [1, 64, 'none', 'mse'],
      [1, 64, 'free', 'mse'],
      [2, 64, 'none', 'mse'],
      [2, 64, 'free', 'mse'],
    ]);
    expect(notes).toEqual([
      "depth 2 is not one of this experiment's (1, 3, 6)",
      "width 64 is not one of this experiment's (2048, 512)",
      "bias free is not one of this experiment's (none)",
    ]);
    expect(chooseVariants(findExperiment('mlp-fashion-collapse'), 'paper', { losses: ['ce'] }).notes).toEqual(
      ["loss ce is not one of this experiment's (mse)"],
    );
  });

  it('has nothing to say of the experiment’s own values', () => {
    expect(chooseVariants(experiment, 'paper', { depths: [6] })).toEqual({
      variants: [2048, 512].map((width) => ({ depth: 6, width, bias: 'none', loss: 'mse' })),
      notes: [],
    });
  });

  it('names the nearest experiment for one that is not there', () => {
    expect(() => findExperiment('mlp-mnist-imbalance')).toThrow(
      'collapsar reproduce: the name of an experiment, got "mlp-mnist-imbalance"; did you mean mlp-mnist-imbalanced?',
    );
    expect(() => findExperiment('transformer')).toThrow('collapsar reproduce --list shows them');
  });
});
