/** Several files, other files beside them, and labels, heads and losses as people have them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { measureVerb } from '../../src/cli/measure.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import {
  encodeNpz,
  encodeSafetensors,
  memorySource,
  openArrays,
  type ArrayToWrite,
} from '../../src/data/index.js';
import { measure, type MeasureDocument, type Reading, type SeriesDocument } from '../../src/verbs/index.js';
import { refusal } from '../data/helpers.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';

const blas = portableBlas;
const at = (name: string) => new URL(`../cases/${name}`, import.meta.url).pathname;
const run = (...args: string[]) => documentOf<MeasureDocument>(measureVerb, args);
const runSeries = (...args: string[]) => documentOf<SeriesDocument>(measureVerb, args);
let folder = '';
const put = (name: string, arrays: readonly ArrayToWrite[]): string => {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith('.npz') ? encodeNpz(arrays) : encodeSafetensors(arrays));
  return path;
};
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'several-'))));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const array = (name: string, shape: readonly number[], values: ArrayLike<number>): ArrayToWrite => ({
  ...{ name, shape, values, dtype: 'float64' },
});

/** Three classes in four features about W, whose rows are the head. */
const W = [1, 0.5, 0, 0, 0, 1, -0.2, 0, 0.3, 0, 0, 1.5];
function network(seed: number, { scale = 1, labels = [0, 0, 0, 1, 1, 1, 2, 2, 2], names = 'W1' } = {}) {
  const random = createRandom(seed);
  const features = labels.flatMap((_, i) =>
    W.slice(4 * Math.floor(i / 3), 4 * Math.floor(i / 3) + 4).map((w) => 2 * w + 0.1 * random.normal()),
  );
  const weights = W.map((w) => w * scale);
  return {
    features: array('features', [labels.length, 4], features),
    labels: array('labels', [labels.length], labels),
    head: array(names, [3, 4], weights),
    logits: features.flatMap((_, at4) =>
      at4 % 4 !== 0
        ? []
        : [0, 1, 2].map((k) =>
            weights.slice(4 * k, 4 * k + 4).reduce((s, w, j) => s + w * features[at4 + j], 0),
          ),
    ),
  };
}
const open = (arrays: readonly ArrayToWrite[]) => openArrays(memorySource('x.npz', encodeNpz(arrays)));
const measured = async (arrays: readonly ArrayToWrite[], names: Reading = {}) =>
  measure({ file: await open(arrays), names, blas });
const numbers = ({ nc1, nc2, nc3, nc4, cdnv, accuracy, classes, counts }: MeasureDocument) => ({
  ...{ nc1, nc2, nc3, nc4, cdnv, accuracy, classes, counts },
});

describe('several files', () => {
  it('whose heads are the same are one snapshot in shards', async () => {
    const shards = await run(at('shard0.npz'), at('shard1.npz'));
    expect(shards.files).toEqual([at('shard0.npz'), at('shard1.npz')]);
    expect(shards.notes).toEqual(['2 files, read as shards of one snapshot']);
    expect(numbers(shards)).toEqual(numbers(await run(at('n1c11.npz'))));
  });

  it('with other heads are a series, each measured as by itself, the folder in the order of its numbers', async () => {
    for (const [epoch, scale] of [
      [10, 2],
      [9, 1],
    ] as const) {
      const { features, labels, head } = network(epoch, { scale });
      put(`epoch-${epoch}.npz`, [features, labels, head]);
    }
    const paths = [join(folder, 'epoch-9.npz'), join(folder, 'epoch-10.npz')];
    const { series, featureDecay } = await runSeries(folder);
    expect(series.map(({ file }) => file)).toEqual(paths);
    expect(featureDecay).toBeNull();
    expect(series[1]).toEqual(await run(paths[1]));
    const { stdout, code } = await runVerb(measureVerb, paths, 80);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^2 snapshots\n\nfile .*NC1.*accuracy\nepoch-9\.npz .*\nepoch-10\.npz /);
    expect(stdout.split('\n').every((line) => Array.from(line.replace(/\p{M}/gu, '')).length <= 80)).toBe(
      true,
    );
  });

  it('of a series stand beside one λ_H, that of the last', async () => {
    const decays = [
      '--loss',
      'mse',
      '--weight-decay',
      '1e-2',
      '--feature-decay',
      'fit',
      '--mse-reduction',
      'mean',
    ];
    const paths = [9, 10].map((epoch) => join(folder, `epoch-${epoch}.npz`));
    const { series, featureDecay } = await runSeries(...paths, ...decays);
    const alone = await run(paths[1], ...decays);
    expect(featureDecay).toEqual({ value: alone.fittedFeatureDecay?.value, file: paths[1] });
    for (const { prediction } of series) {
      expect(prediction?.problem.featureDecay).toBe(featureDecay?.value);
      // wd·K/2 of three classes.
      expect(prediction?.problem.weightDecays).toEqual([0.015]);
    }
    expect((await run(paths[0], ...decays)).fittedFeatureDecay?.value).not.toBe(featureDecay?.value);
  });

  it('without heads are asked about, unless it is said', async () => {
    const { features, labels } = network(1);
    const paths = ['a.safetensors', 'b.safetensors'].map((name) => put(name, [features, labels]));
    expect((await refusal(() => run(...paths), 'argument')).message).toContain(
      'say which they are, shards or a series',
    );
    expect((await run(...paths, '--shards')).samples).toBe(18);
    expect((await runSeries(...paths, '--series')).series).toHaveLength(2);
  });

  it('join words of their own', async () => {
    const { features, labels } = network(1);
    const file = await open([features, labels]);
    const other = await open([network(2).features, labels]);
    const worded = (names: readonly string[]) => ({
      ...file,
      words: () =>
        Promise.resolve({
          ...{ where: 'x[labels]', shape: [9], itemCount: 9 },
          read: (start: number, count: number) =>
            Promise.resolve(Array.from({ length: count }, (_, i) => names[Math.floor((start + i) / 3)])),
        }),
    });
    const document = await measure({
      ...{ file: worded(['b', 'd', 'a']), names: {}, blas },
      shards: [{ ...worded(['c', 'd', 'e']), get: other.get.bind(other) }],
    });
    expect(document.classNames).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(document.counts).toEqual([3, 3, 3, 6, 3]);
  });
});

describe('test samples', () => {
  it('stand beside a snapshot, and beside each of a series', async () => {
    const { features, labels, head } = network(5);
    const train = put('train.npz', [features, labels, head]);
    const test = network(6);
    const beside = put('test.safetensors', [test.features, test.labels]);
    const document = await run(train, '--test', beside);
    expect(document.test).toMatchObject({ files: [beside], samples: 9, accuracy: 1, nc4: 1, nccAccuracy: 1 });
    expect(document.test?.nc1.quotient).toBeGreaterThan(document.nc1.quotient ?? NaN);
    // The prediction and the measures are those of training.
    expect({ ...document, test: null }).toEqual(await run(train));
    const { series } = await runSeries(
      ...[join(folder, 'epoch-9.npz'), join(folder, 'epoch-10.npz')],
      ...['--test', `${beside},${beside}`],
    );
    expect(series.map((each) => each.test?.samples)).toEqual([9, 9]);
    const short = runSeries(join(folder, 'epoch-9.npz'), join(folder, 'epoch-10.npz'), '--test', beside);
    expect((await refusal(() => short, 'argument')).message).toContain(
      'a file for each of the 2 of the series',
    );
  });

  it('of a class that training lacks are refused; fewer classes are no trouble', async () => {
    const { features, labels, head } = network(5);
    const train = put('train.npz', [features, labels, head]);
    const other = put('other.npz', [features, array('labels', [9], [0, 0, 0, 1, 1, 1, 7, 7, 7])]);
    expect((await refusal(() => run(train, '--test', other), 'argument')).message).toContain(
      'labels that training has samples of, got 7; sample 6',
    );
    const some = put('some.npz', [features, array('labels', [9], [0, 0, 0, 1, 1, 1, 1, 1, 1])]);
    expect((await run(train, '--test', some)).test?.classes.map(({ count }) => count)).toEqual([3, 6, 0]);
  });
});

describe('a head from a checkpoint', () => {
  it('is found beside a backbone, and is the head of the features', async () => {
    const { features, labels, head } = network(3);
    const plain = await run(put('whole.npz', [features, labels, head]));
    const alone = put('features.npz', [features, labels]);
    const model = put('model.safetensors', [
      array('encoder.layer.0.dense.weight', [4, 4], new Float64Array(16)),
      array('encoder.layer.1.dense.weight', [4, 4], new Float64Array(16)),
      array('classifier.weight', [3, 4], W),
    ]);
    const found = await run(alone, '--head', model);
    expect(numbers(found)).toEqual(numbers(plain));
    expect(found.notes).toEqual([`head from classifier.weight of ${model}`]);
  });

  it('may lie in shards under an index', async () => {
    const alone = join(folder, 'features.npz');
    put('model-00001-of-00002.safetensors', [array('encoder.weight', [4, 4], new Float64Array(16))]);
    put('model-00002-of-00002.safetensors', [array('score.weight', [3, 4], W)]);
    const map = {
      'encoder.weight': 'model-00001-of-00002.safetensors',
      'score.weight': 'model-00002-of-00002.safetensors',
    };
    const index = join(folder, 'sharded.index.json');
    writeFileSync(index, JSON.stringify({ metadata: {}, weight_map: map }));
    expect((await run(alone, '--head', index)).accuracy).toBe(1);
    writeFileSync(index, JSON.stringify({ weight_map: { 'score.weight': '../elsewhere.safetensors' } }));
    expect((await refusal(() => run(alone, '--head', index))).message).toContain(
      'shards that lie beside the index',
    );
  });

  it('that reads other features lists what there is', async () => {
    const model = put('other.safetensors', [array('fc.weight', [3, 5], new Float64Array(15))]);
    const refused = refusal(() => run(join(folder, 'features.npz'), '--head', model), 'dimension');
    expect((await refused).message).toContain('head weights W1 … WM, or one array out×4, got fc.weight 3×5');
  });

  it('of torch.save is a state_dict', async () => {
    const tag = '2.15';
    const whole = await run(at(`torch/network-${tag}.pt`));
    expect(whole.accuracy).toBe(1);
    const bytes = new Uint8Array(readFileSync(at(`torch/network-${tag}.pt`)));
    const file = await openArrays(memorySource('x', bytes));
    const features = await (await file.get('features')).all();
    const alone = put('torch.npz', [
      array('features', [18, 4], features),
      array('labels', [18], await (await file.get('labels')).all()),
    ]);
    const found = await run(alone, '--head', at(`torch/state-dict-${tag}.pt`));
    expect([found.nc3, found.nc4, found.accuracy]).toEqual([whole.nc3, whole.nc4, whole.accuracy]);
  });
});

describe('stored logits', () => {
  it('agree with the head, or it is said by how much they do not', async () => {
    const { features, labels, head, logits } = network(4);
    const good = await measured([features, labels, head, array('logits', [9, 3], logits)]);
    expect(good.logitsCheck).toMatchObject({ samples: 9, agrees: true, scale: null });
    expect(good.notUsed).toEqual([]);
    const shifted = array(
      'logits',
      [9, 3],
      logits.map((value, i) => value + (i % 3 === 1 ? 0.75 : 0)),
    );
    const bad = await measure({
      file: await open([features, labels, head, shifted]),
      ...{ names: {}, blas, loss: 'ce', weightDecays: [1e-2], featureDecay: 1e-2 },
    });
    expect(bad.logitsCheck?.agrees).toBe(false);
    expect(bad.logitsCheck?.largestDifference).toBeCloseTo(0.75, 12);
    expect(bad.predictionNote).toBe(
      'no prediction: head and features do not give the stored logits: this is not the network that was trained',
    );
  });

  it('of a cosine head agree up to its scale once norms are divided out', async () => {
    const { features, labels, head } = network(4);
    const unit = (values: readonly number[]) => values.map((value) => value / Math.hypot(...values));
    const x = Array.from(features.values);
    const cosines = [0, 1, 2, 3, 4, 5, 6, 7, 8].flatMap((i) =>
      [0, 1, 2].map((k) => {
        const [u, v] = [unit(x.slice(4 * i, 4 * i + 4)), unit(W.slice(4 * k, 4 * k + 4))];
        return 16 * u.reduce((sum, value, j) => sum + value * v[j], 0);
      }),
    );
    const arrays = [features, labels, head, array('logits', [9, 3], cosines)];
    expect((await measured(arrays)).logitsCheck?.agrees).toBe(false);
    const document = await measured(arrays, { normalize: true });
    expect(document.logitsCheck?.agrees).toBe(true);
    expect(document.logitsCheck?.scale).toBeCloseTo(16, 12);
    expect(document.conventions.normalized).toBe(true);
    document.classes.forEach(({ weightNorm, featureNorm }) => {
      expect(weightNorm).toBeCloseTo(1, 14);
      expect(featureNorm).toBeLessThan(1);
      expect(featureNorm).toBeGreaterThan(0.98);
    });
    expect(document.predictionNote).toContain(
      'of normalised features and cosine heads there is no theory here',
    );
    const biased = measured([...arrays, array('b', [3], [0, 0, 1])], { normalize: true });
    expect((await refusal(() => biased, 'argument')).message).toContain('a head without bias');
  });
});

describe('labels', () => {
  const plain = measured([network(7).features, network(7).labels, network(7).head]);
  const labelled = (labels: number[], names: Reading = {}) => {
    const { features, head } = network(7);
    return measured([features, array('labels', [9], labels), head], names);
  };

  it.each([
    [
      [1, 1, 1, 2, 2, 2, 3, 3, 3],
      [1, 2, 3],
      /run from 1 to 3 and are taken as the outputs 0 to 2 of the head: subtract 1/,
    ],
    [[2, 2, 2, 5, 5, 5, 9, 9, 9], [2, 5, 9], /the 3 labels have gaps \(2 to 9\) and are taken in order/],
  ])('%j are read in order, which is said', async (labels, classLabels, note) => {
    const document = await labelled(labels);
    expect(document.classLabels).toEqual(classLabels);
    expect(document.absentClasses).toEqual([]);
    expect(document.notes.join()).toMatch(note);
    expect(numbers(document)).toEqual(numbers(await plain));
  });

  it('from 1 with a gap are still those from 1', async () => {
    const document = await labelled([1, 1, 1, 1, 1, 1, 3, 3, 3]);
    expect(document.classLabels).toEqual([1, 3]);
    expect(document.absentClasses).toEqual([2]);
  });

  it('that would need a guess are refused', async () => {
    const refused = await refusal(
      () => labelled([0, 0, 0, 1, 1, 1, 4, 4, 4].map((v) => (v === 1 ? 0 : v))),
      'argument',
    );
    expect(refused.message).toContain('class indices below 3, the outputs of the head, got 4; sample 6');
  });

  it('that are ignored leave their samples out', async () => {
    const few = network(7, { labels: [0, 0, 0, 1, 1, -100, 2, 2, 2] });
    const refused = await refusal(() => measured([few.features, few.labels, few.head]), 'argument');
    expect(refused.message).toContain('samples of a label that does not count can be left out');
    const document = await measured([few.features, few.labels, few.head], { ignore: ['-100'] });
    const rows = Array.from(few.features.values);
    const without = await measured([
      array('features', [8, 4], [...rows.slice(0, 20), ...rows.slice(24)]),
      ...[array('labels', [8], [0, 0, 0, 1, 1, 2, 2, 2]), few.head],
    ]);
    expect(numbers(document)).toEqual(numbers(without));
    expect(document.notes).toEqual(['1 of 9 samples are left out: their label is -100']);
  });

  it('take names that are given', async () => {
    const names = ['ant', 'bee', 'cat'];
    expect((await labelled([0, 0, 0, 1, 1, 1, 2, 2, 2], { classNames: names })).classNames).toEqual(names);
    expect((await labelled([0, 0, 0, 0, 0, 0, 2, 2, 2], { classNames: names })).classNames).toEqual([
      'ant',
      'cat',
    ]);
    const refused = await refusal(
      () => labelled([0, 0, 0, 1, 1, 1, 2, 2, 2], { classNames: ['a'] }),
      'argument',
    );
    expect(refused.message).toBe('class-names: 3 names, got 1');
  });
});

describe('one logit for two classes', () => {
  const x = [1, 0, 2, 1, 1.5, -1, -1, 0, -2, 1, 0.5, 0];
  const [features, head] = [array('features', [6, 2], x), array('fc.weight', [1, 2], [2, 0.5])];

  it.each([[[1, 1, 1, 0, 0, 0]], [[1, 1, 1, -1, -1, -1]]])(
    'is the sign of it, for labels %j',
    async (labels) => {
      const bias = array('fc.bias', [1], [-0.5]);
      const document = await measured([features, array('labels', [6], labels), head, bias]);
      // z = 2x + y/2 − 1/2 > 0 for the first three and the last, whose class is 0.
      expect(document.accuracy).toBe(5 / 6);
      expect(document.depth).toBe(1);
      // Rows ∓w/2.
      expect(document.classes.map(({ weightNorm }) => weightNorm)).toEqual([
        Math.hypot(1, 0.25),
        Math.hypot(1, 0.25),
      ]);
      expect(document.notes.join()).toContain('one logit z for two classes');
      expect(document.predictionNote).toContain('no theory of it here');
    },
  );

  it('is measured without a prediction where one is asked for', async () => {
    const document = await measure({
      file: await open([features, array('labels', [6], [1, 1, 1, 0, 0, 0]), head]),
      ...{ names: {}, blas, loss: 'ce', weightDecays: [1e-3], featureDecay: 1e-3 },
    });
    expect([document.prediction, document.verdict, document.seli]).toEqual([null, null, null]);
  });
});

describe('layers', () => {
  it('are a table; the head reads the one that fits it', async () => {
    const document = await run(at('two_feature_layers.npz'));
    expect(document.dimension).toBe(6);
    expect(document.layers.map(({ name, dimension }) => [name, dimension])).toEqual([
      ['layer1', 6],
      ['layer2', 8],
    ]);
    // Samples of an array alone are read once, those of a file with a head twice: both round.
    for (const name of ['pinv', 'pinvWeighted', 'quotient'] as const)
      expect(Math.abs(document.layers[0].nc1[name]! / document.nc1[name]! - 1)).toBeLessThan(1e-14);
    const second = await run(at('two_feature_layers.npz'), '--features', 'layer2', '--weights', 'none');
    expect(document.layers[1].nc1).toEqual(second.nc1);
    const named = await run(at('two_feature_layers.npz'), '--layers', 'layer2,layer1');
    expect(named.layers.map(({ name }) => name)).toEqual(['layer2', 'layer1']);
    expect(numbers(named)).toEqual(numbers(document));
  });

  it('that no head tells apart are listed', async () => {
    const refused = refusal(() => run(at('two_feature_layers.npz'), '--weights', 'none'), 'argument');
    expect((await refused).message).toContain(
      'layer1 40×6, layer2 40×8; choose one by its name, or name all of them',
    );
  });
});

describe('the loss that decays belong to', () => {
  const flip = (...args: string[]) => run(at('ufmflip_mse.npz'), '--loss', 'mse', ...args);

  it('of nn.MSELoss() gives the verdict of λ = wd·K/2 for the decays as PyTorch had them', async () => {
    const own = await flip('--weight-decay', '2e-2', '--feature-decay', '2e-2', '--mse-reduction', 'mean');
    const converted = await flip('--weight-decay', '4e-2', '--feature-decay', '4e-2');
    expect(own.verdict).toEqual(converted.verdict);
    expect(own.prediction).toEqual(converted.prediction);
    expect(own.verdict?.sentence).toMatch(/classes 2 and 3 are lost, as predicted/);
    expect(own.lossConvention).toContain('λ = wd·K/2, here 2·wd');
    // The features of this file were parameters that PyTorch trained: norms to 2e-14 %.
    own.classes.slice(0, 2).forEach(({ weightNorm, predictedWeightNorm }) => {
      expect(Math.abs((weightNorm ?? NaN) / (predictedWeightNorm ?? NaN) - 1)).toBeLessThan(1e-6);
    });
  });

  it('of a sum over batches is wd/(2B)', async () => {
    const own = await flip(
      ...'--weight-decay 3.2 --feature-decay 3.2 --mse-reduction sum --batch 40'.split(' '),
    );
    // 3.2/80, to the rounding of 1/80.
    for (const decay of [
      ...(own.prediction?.problem.weightDecays ?? []),
      own.prediction?.problem.featureDecay,
    ])
      expect(decay).toBeCloseTo(0.04, 15);
    for (const [args, words] of [
      ['--weight-decay 1 --feature-decay 1 --mse-reduction sum', '--batch: the samples of a batch'],
      ['--weight-decay 1 --feature-decay 1 --batch 3', '--mse-reduction sum beside it'],
    ])
      expect((await refusal(() => flip(...args.split(' ')), 'argument')).message).toContain(words);
    const ce = run(
      at('orth_perm_s.npz'),
      ...'--loss ce --weight-decay 1 --feature-decay 1 --mse-reduction mean'.split(' '),
    );
    expect((await refusal(() => ce, 'argument')).message).toContain('a loss of mse');
  });

  it('has no λ under AdamW, and says why', async () => {
    const document = await flip('--weight-decay', '2e-2', '--feature-decay', '2e-2', '--optimizer', 'adamw');
    expect([document.prediction, document.verdict]).toEqual([null, null]);
    expect(document.predictionNote).toContain('AdamW decays weights beside the gradient');
  });
});

it('names what is unique and what is not, and gives Gram matrices without a head', async () => {
  const decays = ['--loss', 'ce', '--weight-decay', '1e-3', '--feature-decay', '1e-3'];
  expect((await run(at('orth_perm_s.npz'), ...decays)).uniqueUpTo).toBe('exchange');
  expect(
    (await run(at('etf_offset.npz'), '--loss', 'ce', '--weight-decay', '5e-3', '--feature-decay', '2e-3'))
      .uniqueUpTo,
  ).toBe('none');
  const document = await run(at('n1c11.npz'), '--weights', 'none');
  expect(document.geometry?.weights).toBeNull();
  document.geometry?.features.forEach((row, k) => {
    expect(Math.sqrt(row[k])).toBeCloseTo(document.classes[k].featureNorm ?? NaN, 10);
  });
});
