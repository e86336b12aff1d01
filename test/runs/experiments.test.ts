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

  it('says which are the paper’s: those on CIFAR-10 and EMNIST and the direct ones, and cites no theorem or figure', () => {
    const theirs = EXPERIMENTS.filter(({ origin }) => origin === 'paper').map(({ name }) => name);
    expect(theirs).toEqual([
      'mlp-cifar10-balanced',
      'mlp-cifar10-imbalanced',
      'resnet18-cifar10-balanced',
      'vgg16-cifar10-balanced',
      'mlp-emnist-imbalanced',
      'resnet18-emnist-balanced',
      'vgg16-emnist-balanced',
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

/** One line of the table below: the settings of an experiment, as its variants share them. */
interface Settings {
  readonly data: NetworkSpec['data']['set'];
  readonly counts: readonly number[] | null;
  /** What images go through before the network. */
  readonly images: string;
  readonly architecture: NetworkSpec['architecture']['name'];
  readonly batchNorm: boolean | 'after-relu' | null;
  readonly widths: readonly number[];
  readonly depths: readonly number[];
  readonly optimizer: NetworkSpec['optimizer']['name'];
  readonly rate: number;
  readonly dropEvery: number;
  readonly decay: string;
  readonly batch: NetworkSpec['batch'];
  readonly epochs: number;
  readonly biases: readonly NetworkSpec['head']['bias'][];
  readonly lossScale: NetworkSpec['lossScale'];
}

const EMNIST_COUNTS = [1500, 600, 600, 600, 600, 600, ...new Array<number>(20).fill(50)];
const CIFAR_COUNTS = [100, 100, 200, 200, 300, 300, 400, 400, 500, 500];
/** README (commands), args.py and train_1st_order.py (no decay but that of `loss_compute` with --sep_decay), models/mlp.py. */
const MLP_OF_THEIRS = { architecture: 'mlp', optimizer: 'adam', rate: 1e-4 } as const;
/** README (no --sep_decay, no --no-bias), args.py (rate, patience 50, decay), utils.py (momentum, StepLR), models. */
const CONV_OF_THEIRS = {
  counts: null,
  batchNorm: null,
  widths: [512],
  depths: [1, 3, 6, 9],
  optimizer: 'sgd',
  rate: 1e-3,
  dropEvery: 50,
  decay: 'all 1e-4',
  batch: 128,
  epochs: 200,
  biases: ['free', 'none'],
  lossScale: 'mean',
} as const;
/** README (--epochs 12000 --patience 6000 --weight_decay 0.00001), args_imbalanced.py, train_1st_order_imbalanced.py (counts, loss/2). */
const IMBALANCED_OF_THEIRS = {
  ...MLP_OF_THEIRS,
  batchNorm: false,
  widths: [2048, 512],
  depths: [1, 3, 6],
  dropEvery: 6000,
  decay: 'head and features 1e-5',
  batch: 'full',
  epochs: 12_000,
  biases: ['none'],
  lossScale: 'half-mean',
} as const;

/** Each read from the files named above of the authors' later repository,
 * https://github.com/thotranhuu99/Neural-Collapse-in-Deep-Linear-Networks. */
const THEIRS: Readonly<Record<string, Settings>> = {
  'mlp-cifar10-balanced': {
    ...MLP_OF_THEIRS,
    data: 'cifar-10',
    counts: null,
    images: 'as they are',
    batchNorm: 'after-relu',
    widths: [512, 1024, 2048],
    depths: [1, 3, 6, 9],
    dropEvery: 50,
    decay: 'head and features 1e-4',
    batch: 128,
    epochs: 200,
    biases: ['none', 'free'],
    lossScale: 'mean',
  },
  'mlp-cifar10-imbalanced': {
    ...IMBALANCED_OF_THEIRS,
    data: 'cifar-10',
    counts: CIFAR_COUNTS,
    images: 'as they are',
  },
  'mlp-emnist-imbalanced': {
    ...IMBALANCED_OF_THEIRS,
    data: 'emnist-letters',
    counts: EMNIST_COUNTS,
    images: 'resized to 32, 3 channels',
  },
  'resnet18-cifar10-balanced': {
    ...CONV_OF_THEIRS,
    architecture: 'resnet18',
    data: 'cifar-10',
    images: 'as they are',
  },
  'vgg16-cifar10-balanced': {
    ...CONV_OF_THEIRS,
    architecture: 'vgg16',
    data: 'cifar-10',
    images: 'as they are',
  },
  'resnet18-emnist-balanced': {
    ...CONV_OF_THEIRS,
    architecture: 'resnet18',
    data: 'emnist-letters',
    images: 'resized to 32, 3 channels',
  },
  'vgg16-emnist-balanced': {
    ...CONV_OF_THEIRS,
    architecture: 'vgg16',
    data: 'emnist-letters',
    images: 'resized to 32, 3 channels',
  },
};

/** A spec without what variants choose. */
function common(spec: NetworkSpec) {
  const { data, loss, lossScale, decay, optimizer, schedule, batch, epochs } = spec;
  return { data, loss, lossScale, decay, optimizer, schedule, batch, epochs };
}

/** What all variants of an experiment have in common; the values that differ as lists. */
function settingsOf(specs: readonly NetworkSpec[]): Settings {
  const [{ data, architecture, optimizer, schedule, decay, batch, epochs, lossScale }] = specs;
  const each = <T>(of: (spec: NetworkSpec) => T): T[] => [...new Set(specs.map(of))];
  const widths = each(({ head }) => head.width).flat();
  for (const spec of specs) {
    expect(common(spec)).toEqual(common(specs[0]));
    if (spec.architecture.name === 'mlp') expect(spec.architecture.width).toBe(spec.head.width);
    else expect(spec.architecture.widthMultiplier).toBe(1);
    expect([spec.loss, spec.data.choose, spec.data.augmentation]).toEqual(['mse', 'first', 'none']);
  }
  expect(optimizer).toMatchObject(
    optimizer.name === 'sgd' ? { momentum: 0.9 } : { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  );
  expect(schedule?.factor).toBe(0.1);
  if (!('all' in decay))
    expect([decay.features, decay.backbone, decay.featureScale]).toEqual([decay.head, 0, 'batch']);
  return {
    data: data.set,
    counts: data.counts === undefined ? null : (data.counts as number[]),
    images:
      data.resize === undefined ? 'as they are' : `resized to ${data.resize}, ${data.channels} channels`,
    architecture: architecture.name,
    batchNorm: architecture.name === 'mlp' ? architecture.batchNorm : null,
    widths,
    depths: each(({ head }) => head.depth),
    optimizer: optimizer.name,
    rate: optimizer.learningRate,
    dropEvery: schedule?.every ?? Number.NaN,
    decay:
      'all' in decay
        ? `all ${decay.all.toExponential()}`
        : `head and features ${Number(decay.head).toExponential()}`,
    batch,
    epochs,
    biases: each(({ head }) => head.bias),
    lossScale,
  };
}

describe('the settings of the authors’ public code', () => {
  it.each(Object.entries(THEIRS))('%s', (name, theirs) => {
    const specs = networks(name);
    expect(settingsOf(specs)).toEqual(theirs);
    expect(specs).toHaveLength(theirs.widths.length * theirs.depths.length * theirs.biases.length);
  });

  it('are listed for every experiment of theirs on images', () => {
    const listed = EXPERIMENTS.filter(({ origin, kind }) => origin === 'paper' && kind === 'network');
    expect(listed.map(({ name }) => name).sort()).toEqual(Object.keys(THEIRS).sort());
  });

  it('direct optimisation', () => {
    const balanced = ufms('ufm-balanced');
    const imbalanced = ufms('ufm-imbalanced');
    expect(balanced.map(({ depth, width, bias }) => [depth, width, bias])).toEqual(
      [1, 3].flatMap((depth) => ['none', 'free'].map((bias) => [depth, 64, bias])),
    );
    expect(imbalanced.map(({ depth, width, bias }) => [depth, width, bias])).toEqual(
      [1, 3, 6, 9].flatMap((depth) => [64, 2048].map((width) => [depth, width, 'none'])),
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
      "depth 2 is not one of this experiment's (1, 3, 6); it is run all the same",
      "width 64 is not one of this experiment's (2048, 512); it is run all the same",
      "bias free is not one of this experiment's (none); it is run all the same",
    ]);
    expect(chooseVariants(findExperiment('mlp-fashion-collapse'), 'paper', { losses: ['ce'] }).notes).toEqual(
      ["loss ce is not one of this experiment's (mse); it is run all the same"],
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
      'experiment: the name of an experiment, got "mlp-mnist-imbalance"; did you mean mlp-mnist-imbalanced?',
    );
    expect(() => findExperiment('transformer')).toThrow('they are ');
  });
});
