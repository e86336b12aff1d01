/** `advise --decay all`: as a function, and as a command on small files made here. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { adviseVerb } from '../../src/cli/advise.js';
import { createRandom } from '../../src/core/random.js';
import {
  createImageSet,
  encodeNpz,
  memorySource,
  openArrays,
  type ArrayToWrite,
  type ImageSet,
} from '../../src/data/index.js';
import { buildNetwork, type Architecture } from '../../src/nets/index.js';
import { checkSpec, type NetworkSpec } from '../../src/runs/index.js';
import { estimatesFromMeans } from '../../src/theory/index.js';
import {
  adviseSurvival,
  batchesOfImages,
  countLayers,
  inputsOfSet,
  readInputs,
  survivalOfSpec,
  type SurvivalDocument,
  type SurvivalOptions,
} from '../../src/verbs/index.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';
import { temporaryFolder } from '../support/cli.js';

const SIDE = 6;
const K = 4;

/** Class k is bright in row k, in noise; labels go round. */
function rowsOfLight(perClass: number): ImageSet {
  const random = createRandom(4);
  const labels = Int32Array.from({ length: K * perClass }, (_, i) => i % K);
  const pixels = new Uint8Array(labels.length * SIDE * SIDE);
  for (let i = 0; i < pixels.length; i++) {
    const bright = Math.floor((i % (SIDE * SIDE)) / SIDE) === labels[Math.floor(i / (SIDE * SIDE))];
    pixels[i] = Math.max(0, Math.min(255, 20 * random.normal() + (bright ? 190 : 90)));
  }
  return createImageSet({
    ...{ name: 'rows', height: SIDE, width: SIDE, channels: 1, pixels, labels },
    ...{ classNames: ['a', 'b', 'c', 'd'], mean: [0.4], std: [0.25] },
  });
}

const images = rowsOfLight(40);
const COUNTS = [40, 20, 10, 5];
const CE5 = { layers: 5, loss: 'ce', bias: 'decayed' } as const;

function advise(changes: Partial<SurvivalOptions> = {}): Promise<SurvivalDocument> {
  return adviseSurvival({
    inputs: inputsOfSet(images, COUNTS),
    data: 'rows of light',
    problem: CE5,
    lossScale: 1,
    training: null,
    weightDecay: null,
    blas: portableBlas,
    ...changes,
  });
}

const array = (
  name: string,
  shape: readonly number[],
  values: Float32Array | Float64Array | Int32Array | Uint8Array,
): ArrayToWrite => {
  const dtypes = {
    Float32Array: 'float32',
    Float64Array: 'float64',
    Int32Array: 'int32',
    Uint8Array: 'uint8',
  } as const;
  return { name, shape, values, dtype: dtypes[values.constructor.name as keyof typeof dtypes] };
};

/** All images normalised, and their labels, as arrays of a file. */
async function arraysOf(set: ImageSet): Promise<ArrayToWrite[]> {
  const { batches } = inputsOfSet(set, null) as { batches: ReturnType<typeof batchesOfImages> };
  const data: number[] = [];
  for await (const { features } of batches.batches()) data.push(...features.data);
  return [
    array('inputs', [set.samples, SIDE, SIDE, 1], Float32Array.from(data)),
    array('labels', [set.samples], set.labels),
  ];
}

const open = async (arrays: readonly ArrayToWrite[]) =>
  openArrays(memorySource('inputs.npz', encodeNpz(arrays)));

describe('advise --decay all', () => {
  it('gives a number and an interval for every class, from means, with second moments beside', async () => {
    const { classes, keepsAll, samples, inputDimension, recommendation } = await advise();
    expect(classes.map(({ count }) => count)).toEqual(COUNTS);
    for (const { largestDecay, atDecay } of classes) {
      const { estimate, low, high, from, estimateE } = largestDecay;
      expect([low! * 2, high! / 2, from, atDecay]).toEqual([estimate, estimate, 'means', null]);
      // Two roads to one number; they part by less than two on plain data.
      expect(Math.abs(Math.log(estimateE! / estimate!))).toBeLessThan(Math.log(2));
    }
    expect(classes.map(({ loses }) => loses)).toEqual(['fit', 'accuracy', 'accuracy', 'accuracy']);
    expect([samples, inputDimension]).toEqual([75, 36]);
    expect(keepsAll?.limitedBy).toBe(3);
    expect(keepsAll!.weightDecay).toBeLessThanOrEqual(classes[3].largestDecay.low!);
    expect(recommendation).toContain('class 3 (n = 5) is lost first');
  });

  it('says what happens at a decay', async () => {
    const limits = (await advise()).classes.map(({ largestDecay }) => largestDecay);
    const at = async (weightDecay: number) => {
      const { classes, recommendation } = await advise({ weightDecay });
      return { states: classes.map(({ atDecay }) => atDecay), recommendation };
    };
    expect((await at(limits[3].low! * 0.9)).states).toEqual(['alive', 'alive', 'alive', 'alive']);
    expect((await at(limits[3].estimate!)).states[3]).toBe('open');
    const beyond = await at(limits[3].high! * 1.1);
    expect(beyond.states[3]).toBe('lost');
    expect(beyond.recommendation).toContain('class 3 is expected to be lost');
  });

  it('is in the units of the user: the mean over classes divides the decay by K/2', async () => {
    const problem = { layers: 4, loss: 'mse', bias: 'none' } as const;
    const [paper, mean] = [await advise({ problem }), await advise({ problem, lossScale: 2 / K })];
    paper.classes.forEach(({ largestDecay }, k) => {
      expect(mean.classes[k].largestDecay.estimate! / largestDecay.estimate!).toBeCloseTo(0.5, 12);
      expect(mean.classes[k].largestDecay.estimateE! / largestDecay.estimateE!).toBeCloseTo(0.5, 12);
    });
  });

  it('takes the first of each class, from a file as from a set', async () => {
    const file = await open(await arraysOf(images));
    const fromFile = await advise({ inputs: await readInputs(file, COUNTS) });
    const { classes } = await advise();
    fromFile.classes.forEach(({ count, largestDecay, name }, k) => {
      expect([count, name]).toEqual([COUNTS[k], null]);
      // float32 both.
      expect(largestDecay.estimate! / classes[k].largestDecay.estimate!).toBeCloseTo(1, 9);
      expect(largestDecay.estimateE! / classes[k].largestDecay.estimateE!).toBeCloseTo(1, 6);
    });
    await expect(readInputs(file, [41, 1, 1, 1])).rejects.toThrow('class 0 (0): at most the 40 samples');
    await expect(readInputs(file, [1, 1])).rejects.toThrow('a count for each of 4 classes, got 2');
    expect((await readInputs(file, null)).classes.counts).toEqual([40, 40, 40, 40]);
  });

  it('reads class means and counts, and names what it cannot read', async () => {
    const means = Float64Array.from({ length: 12 }, (_, i) => (i * 7) % 5);
    const file = await open([array('means', [3, 2, 2], means), array('counts', [3], Int32Array.of(9, 4, 2))]);
    const inputs = await readInputs(file, null);
    const { classes, conditions } = await advise({ inputs });
    const expected = estimatesFromMeans(
      { ...CE5, counts: [9, 4, 2] },
      { data: means, rows: 3, cols: 4 },
      portableBlas,
    );
    expect(classes.map(({ largestDecay }) => [largestDecay.estimate, largestDecay.estimateE])).toEqual(
      expected.map((value) => [value, null]),
    );
    expect(conditions.find(({ name }) => name === 'inputs')?.state).toBe('unknown');
    await expect(readInputs(file, [1, 1, 1])).rejects.toThrow('counts: samples to take the first of');
    const bytes = await open([
      array('inputs', [2, 2], Uint8Array.of(1, 2, 3, 4)),
      array('labels', [2], Int32Array.of(0, 1)),
    ]);
    await expect(readInputs(bytes, null)).rejects.toThrow('as the network sees them, got "uint8"; normalise');
    await expect(readInputs(await open([array('x', [1], Int32Array.of(1))]), null)).rejects.toThrow(
      'inputs.npz: arrays inputs and labels, or means and counts, got "x"',
    );
  });

  it('takes weights for copies: means, second moments and scores', async () => {
    const [pixels, labels] = await arraysOf(images);
    const twice = Array.from(labels.values).flatMap((k, i) => (k === 1 ? [i, i] : [i]));
    const size = SIDE * SIDE;
    const copied = Float32Array.from(
      twice.flatMap((i) => Array.from({ length: size }, (_, j) => pixels.values[i * size + j])),
    );
    const file = await open([
      array('inputs', [twice.length, size], copied),
      array(
        'labels',
        [twice.length],
        Int32Array.from(twice, (i) => labels.values[i]),
      ),
    ]);
    const inputs = inputsOfSet(images, null);
    for (const problem of [CE5, { layers: 4, loss: 'ce', bias: 'none' } as const]) {
      const weighted = await advise({ inputs, problem: { ...problem, classWeights: [1, 2, 1, 1] } });
      const repeated = await advise({ inputs: await readInputs(file, null), problem });
      weighted.classes.forEach(({ largestDecay, loses }, k) => {
        const other = repeated.classes[k];
        expect(largestDecay.estimate! / other.largestDecay.estimate!).toBeCloseTo(1, 9);
        expect(largestDecay.estimateE! / other.largestDecay.estimateE!).toBeCloseTo(1, 6);
        expect(loses).toBe(other.loses);
      });
      expect(weighted.notes.join(' ')).toContain('share of the loss');
    }
  });

  it('falls back on second moments where a mean lies in the span of larger ones', async () => {
    // Four classes in two dimensions.
    const random = createRandom(1);
    const labels = Int32Array.from(
      { length: 80 },
      (_, i) => Number(i >= 40) + Number(i >= 60) + Number(i >= 72),
    );
    const data = Float64Array.from({ length: 160 }, (_, i) => {
      const angle = (labels[i >> 1] * Math.PI) / 2;
      return 3 * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle)) + 0.3 * random.normal();
    });
    const file = await open([array('inputs', [80, 2], data), array('labels', [80], labels)]);
    const { classes, notes } = await advise({ inputs: await readInputs(file, null) });
    expect(classes.map(({ largestDecay }) => largestDecay.from)).toEqual([
      'means',
      'means',
      'means',
      'moments',
    ]);
    expect(classes[3].largestDecay.estimate).toBe(classes[3].largestDecay.estimateE);
    expect(notes.join(' ')).toContain('from second moments');
  });
});

describe('what a spec says', () => {
  const specOf = (changes: Record<string, unknown>): NetworkSpec => {
    const spec = checkSpec(
      {
        kind: 'network',
        data: { set: 'mnist', counts: COUNTS },
        architecture: { name: 'mlp', layers: 2, width: 8 },
        head: { depth: 2, width: 8, bias: 'free' },
        loss: 'ce',
        decay: { all: 1e-2 },
        optimizer: { name: 'sgd', learningRate: 0.05 },
        epochs: 1,
        ...changes,
      },
      'spec',
    );
    if (spec.kind !== 'network') throw new Error('a network');
    return spec;
  };
  const of = (changes: Record<string, unknown>) =>
    survivalOfSpec(specOf(changes), { train: images, test: null, checksum: '' });
  const failing = async (changes: Record<string, unknown>) => {
    const { conditions } = await advise(of(changes));
    return conditions.flatMap(({ name, state }) => (state === 'fails' ? [name] : []));
  };

  it('is what flags would say', async () => {
    const { weightDecay, problem, lossScale, training } = of({});
    expect([weightDecay, problem, lossScale]).toEqual([
      1e-2,
      { ...CE5, classWeights: null, labelSmoothing: 0 },
      1,
    ]);
    expect(training.layers.names).toEqual([
      'hidden1.linear',
      'hidden2.linear',
      'features.linear',
      'W1',
      'W2',
    ]);
    const [bySpec, byFlags] = [await advise(of({})), await advise({ weightDecay: 1e-2 })];
    expect(bySpec.classes).toEqual(byFlags.classes);
    expect(of({ loss: 'mse', lossScale: 'half-mean' }).lossScale).toBe(1 / K);
    const other = of({ decay: { head: 1e-3, features: 1e-3 } });
    expect(other.weightDecay).toBe(null);
    expect(other.inputs.classes.notes.join(' ')).toContain('one decay of everything');
  });

  it('names the conditions that fail', async () => {
    expect(await failing({})).toEqual([]);
    expect(await failing({ optimizer: { name: 'adam', learningRate: 1e-3 } })).toEqual(['optimizer']);
    expect(await failing({ architecture: { name: 'mlp', layers: 1, width: 8 }, head: { depth: 1 } })).toEqual(
      [],
    );
    expect(await failing({ data: { set: 'mnist', counts: COUNTS, augmentation: 'crop-flip' } })).toEqual([
      'augmentation',
    ]);
  });

  it('has no estimate from images where there is BatchNorm, and counts from behind the last', async () => {
    const document = await advise(
      of({ architecture: { name: 'mlp', layers: 3, width: 8, batchNorm: true } }),
    );
    expect(document.layers).toEqual(['features.linear', 'W1', 'W2']);
    expect(document.classes.every(({ largestDecay }) => largestDecay.estimate === null)).toBe(true);
    expect(document.keepsAll).toBe(null);
    expect(document.recommendation).toContain('BatchNorm');
    const words = document.conditions.find(({ name }) => name === 'batch-norm');
    expect(words?.state).toBe('fails');
    expect(words?.text).toContain('hidden3.norm');
  });

  it('counts the longer way of a residual', () => {
    const network = (architecture: Architecture) =>
      buildNetwork(architecture, { height: 32, width: 32, channels: 3 }, K, {
        depth: 2,
        width: 8,
        bias: 'none',
      });
    const resnet = countLayers(network({ name: 'resnet18', widthMultiplier: 0.1 }));
    expect(resnet.convolutions).toBe(true);
    expect(resnet.behind).not.toBe(null);
    expect(resnet.names).toEqual(['W1', 'W2']);
    const conv = (name: string) =>
      ({ kind: 'conv', name, outputs: 2, kernel: 3, stride: 1, bias: true }) as const;
    const plain = countLayers({
      ...network({ name: 'mlp', layers: 1, width: 4, batchNorm: false }),
      backbone: [
        conv('a'),
        { kind: 'residual', name: 'r', body: [conv('b'), conv('c')], shortcut: [conv('s')] },
        { kind: 'averagePool', name: 'p' },
      ],
    });
    expect(plain.names).toEqual(['a', 'b', 'c', 'W1', 'W2']);
  });
});

describe('the command', () => {
  const folder = temporaryFolder();
  beforeAll(async () => {
    writeFileSync(join(folder, 'inputs.npz'), encodeNpz(await arraysOf(images)));
  });
  const run = (line: string, width?: number) => runVerb(adviseVerb, line.split(' '), width);
  const FILE = `--decay all --weight-layers 4 --loss mse --inputs ${join(folder, 'inputs.npz')} --counts 40,20,10,5`;

  it('prints the estimates and draws them', async () => {
    const { code, stdout } = await run(`${FILE} --weight-decay 0.3 --out ${join(folder, 'classes.svg')}`, 60);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(lines[0]).toContain('plain weight decay');
    for (const line of lines) expect(Array.from(line).length, line).toBeLessThanOrEqual(60);
    expect(stdout).toContain('at least three weight layers');
    expect(readFileSync(join(folder, 'classes.svg'), 'utf8')).toMatch(/^<svg .*<\/svg>\n$/s);
    const { stdout: wide } = await run(FILE);
    const table = wide.split('\n').filter((line) => /^ +[0-3] /.test(line));
    expect(table).toHaveLength(4);
    const document = await documentOf<SurvivalDocument>(adviseVerb, FILE.split(' '));
    table.forEach((line, k) => {
      const [, n, estimate] = line.trim().split(/ +/).map(Number);
      expect(n).toBe(COUNTS[k]);
      expect(estimate / document.classes[k].largestDecay.estimate!).toBeCloseTo(1, 2);
    });
  });

  it('takes a reduction, and counts alone', async () => {
    const of = (line: string) => documentOf<SurvivalDocument>(adviseVerb, line.split(' '));
    const [paper, mean] = [await of(FILE), await of(`${FILE} --mse-reduction mean`)];
    expect(mean.lossScale).toBe(0.5);
    expect(mean.classes[0].largestDecay.estimate! / paper.classes[0].largestDecay.estimate!).toBeCloseTo(
      0.5,
      12,
    );
    const sum = await of(`${FILE} --mse-reduction sum --batch 4`);
    expect(sum.lossScale).toBe(8);
    const alone = await of(
      '--decay all --weight-layers 5 --loss ce --bias decayed --counts 8,4,2 --weight-decay 5e-3',
    );
    expect(alone.classes.map(({ largestDecay }) => largestDecay.from)).toEqual([
      'counts',
      'counts',
      'counts',
    ]);
    const { low, high } = alone.classes[0].largestDecay;
    expect(high! / low!).toBeCloseTo(9, 12);
  });

  it.each([
    ['--decay some', '--decay: all, got "some"'],
    ['--decay all', '--decay all: a SPEC, or --weight-layers L, got "neither"'],
    ['--decay all --weight-layers 5', '--decay all: inputs: --inputs FILE, --set NAME, or --counts alone'],
    ['--decay all --weight-layers 1 --counts 2,1', '--weight-layers: a whole number of at least 2'],
    ['--decay all --weight-layers 3 --counts 2,1 --bias free', '--bias: none or decayed, got "free"'],
    [
      '--decay all --weight-layers 3 --counts 2,1 --depth 2',
      '--depth: the model of free features, got "--decay all"',
    ],
    [
      '--decay all --weight-layers 3 --counts 2,1 --hold-feature-decay',
      '--hold-feature-decay: the model of free',
    ],
    ['--decay all --weight-layers 3 --counts 2,1 --weight-decay 1e-3,1e-3', '--weight-decay: a number, got "1e-3,1e-3"'], // prettier-ignore
    ['--decay all --weight-layers 3 --counts 2,1 --weight-decay 0', '--weight-decay: one positive number'],
    [
      '--decay all --weight-layers 3 --counts 2,1 --loss ce --mse-reduction mean',
      '--mse-reduction: the squared',
    ],
    ['--decay all --weight-layers 3 --counts 2,1 --class-weights equal-survival', '--class-weights: inverse, inverse-sqrt'], // prettier-ignore
    ['--decay all --weight-layers 3 --counts 2,1 --class-weights 1,2,3', '--class-weights: a number for each of the 2 classes'], // prettier-ignore
    ['--decay all --weight-layers 3 --counts 2,1 --class-weights 1,0', '--class-weights: positive finite numbers, got 0'], // prettier-ignore
    ['--decay all --weight-layers 3 --counts 2,1 --label-smoothing 1', '--label-smoothing: a number from 0 to below 1'], // prettier-ignore
    ['--decay all --weight-layers 3 --counts 2,1 --logit-adjust 1', '--logit-adjust: a training for which'],
    ['--decay all --weight-layers 3 --counts 2,1 --loss focal:2', '--loss: mse or ce'],
    ['--decay all --weight-layers 3 --counts 2,1 --data x', '--data: a SPEC or --set'],
    ['--decay all --weight-layers 3 --set emnist', '--set: mnist or fashion-mnist or cifar-10'],
    ['--decay all --weight-layers 3 --inputs nothing.npz', 'nothing.npz'],
    ['--decay all spec.yaml --loss ce', '--loss: flags or a spec, got "both, with spec.yaml"'],
    ['--weight-layers 3 --counts 2,1', '--weight-layers: --decay all beside it, got "none"'],
    ['spec.yaml --counts 2,1', 'spec.yaml: --decay all beside it'],
  ])('refuses %s', async (line, words) => {
    await expect(run(line)).rejects.toThrow(words);
  });

  it('says in its first line which question is answered without it', async () => {
    const { stdout } = await run('--counts 20,10 --depth 2');
    expect(stdout.split('\n')[0]).toContain('free features');
  });
});
