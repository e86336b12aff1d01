/** Files of features as people have them: usual names, several biases, words, one-hot rows, classes without samples. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import {
  encodeNpz,
  memorySource,
  openArrays,
  type ArrayFile,
  type ArrayToWrite,
} from '../../src/data/index.js';
import { openArrayFile } from '../../src/data/fileSource.node.js';
import { openFeatureFile, type ArrayNames } from '../../src/verbs/index.js';
import { foldBiases } from '../../src/verbs/measure/head.js';
import { measure, type MeasureDocument } from '../../src/verbs/index.js';
import { refusal } from '../data/helpers.js';
import { close } from '../metrics/support.js';

const blas = portableBlas;
const path = (name: string) => new URL(`../cases/${name}`, import.meta.url).pathname;

async function measured(name: string, names: ArrayNames = {}): Promise<MeasureDocument> {
  const file = await openArrayFile(path(name));
  try {
    return await measure({ file, names, blas });
  } finally {
    await file.close();
  }
}

async function refused(name: string, names: ArrayNames = {}): Promise<string> {
  const file = await openArrayFile(path(name));
  try {
    const error = await refusal(() => measure({ file, names, blas }), 'argument').catch(() =>
      refusal(() => measure({ file, names, blas }), 'dimension'),
    );
    return error.message.slice(path('').length);
  } finally {
    await file.close();
  }
}

/** An npz in memory. */
const npz = (arrays: readonly ArrayToWrite[]): Promise<ArrayFile> =>
  openArrays(memorySource('x.npz', encodeNpz(arrays)));
const array = (name: string, shape: readonly number[], values: ArrayLike<number>): ArrayToWrite => ({
  name,
  shape,
  values,
  dtype: 'float64',
});

/** What is measured, without how it was read. */
function numbers({ nc1, nc2, nc3, nc4, cdnv, accuracy, classes, counts }: MeasureDocument) {
  return { nc1, nc2, nc3, nc4, cdnv, accuracy, classes, counts };
}

describe('one network under several names', () => {
  it.each(['fcweight', 'headw', 'wWb', 'x_y', 'onehot', 'strlabels'])('%s.npz', async (name) => {
    const reference = await measured('n1c11.npz');
    expect(reference.accuracy).toBe(1);
    expect(numbers(await measured(`${name}.npz`))).toEqual(numbers(reference));
  });

  it('says what was read in the place of the documented names', async () => {
    expect((await measured('n1c11.npz')).notes).toEqual([]);
    expect((await measured('fcweight.npz')).notes).toEqual(['head from fc.weight; bias from fc.bias']);
    expect((await measured('x_y.npz')).notes).toEqual(['features from X; labels from y']);
  });

  it('takes the bias that belongs to the weight, named or found', async () => {
    for (const names of [{}, { weights: ['fc.weight'] }]) {
      const document = await measured('state_dict_names.npz', names);
      expect(document.accuracy).toBe(91 / 92);
      expect(document.notUsed).toEqual([]);
    }
    const without = await measured('state_dict_names.npz', { bias: 'none' });
    expect(without.accuracy).toBe(86 / 92);
    expect(without.notUsed).toEqual(['fc.bias']);
  });

  it('measures the features alone where no head is wanted', async () => {
    const document = await measured('fcweight.npz', { weights: ['none'] });
    expect([document.depth, document.accuracy]).toEqual([null, null]);
    expect(document.notUsed).toEqual(['fc.weight', 'fc.bias']);
  });
});

describe('what could be meant in two ways', () => {
  it.each([
    ['seq_head.npz', 'got head.0.weight 4×6, head.2.weight 4×6; name the layers, nearest'],
    ['transposedW.npz', 'got 6×4; this looks like in×out: write W1.T, 4×6'],
  ])('%s is refused with what to do', async (name, words) => {
    expect(await refused(name)).toContain(words);
  });

  it('is read once it is named', async () => {
    expect((await measured('seq_head.npz', { weights: ['head.2.weight'] })).notes).toEqual([
      'head from head.2.weight',
    ]);
    const second = await measured('two_feature_layers.npz', { features: 'layer2', weights: ['none'] });
    expect(second.dimension).toBe(8);
    expect(second.notUsed).toEqual(['W1', 'b', 'layer1']);
  });

  it('finds a Sequential whose layers chain, and says that nothing is taken to stand between', async () => {
    const file = await npz([
      array('features', [4, 2], [1, 0, 1.1, 0, 0, 1, 0, 1.2]),
      array('labels', [4], [0, 0, 1, 1]),
      array('head.10.weight', [2, 3], [1, 0, 0, 0, 1, 0]),
      array('head.10.bias', [2], [0, 0.5]),
      array('head.2.weight', [3, 2], [1, 0, 0, 1, 1, 1]),
      array('head.2.bias', [3], [1, 2, 3]),
    ]);
    const opened = await openFeatureFile(file, {});
    expect(opened.head?.weights.map(({ rows, cols }) => [rows, cols])).toEqual([
      [3, 2],
      [2, 3],
    ]);
    expect(Array.from(opened.head?.bias ?? [])).toEqual([1, 2.5]);
    expect(opened.notes).toEqual([
      'head from head.2.weight, head.10.weight; bias from head.10.bias',
      'between the layers of the head nothing is taken to happen: no activation',
      'the biases of hidden layers (head.2.bias) are folded into that of the last',
    ]);
  });
});

describe('biases of hidden layers', () => {
  it('are folded into one: the first logits are those of the layers one by one', async () => {
    for (const name of ['three_biases.npz', 'three_biases_nob.npz']) {
      const file = await openArrayFile(path(name));
      const { head, batches, notUsed } = await openFeatureFile(file, {});
      expect(notUsed).toEqual([]);
      let x: number[] = [];
      for await (const { features } of batches.batches()) x = Array.from(features.data.slice(0, 6));
      for (const { data, rows, cols } of head?.weights ?? [])
        x = Array.from({ length: rows }, (_, i) =>
          x.reduce((sum, value, j) => sum + data[i * cols + j] * value, 0),
        );
      [-14.5406, 5.2224, -9.0495].forEach((logit, k) => {
        expect(x[k] + (head?.bias?.[k] ?? NaN)).toBeCloseTo(logit, 4);
      });
      await file.close();
    }
  });

  it('give the accuracy of the network where it was 61.67 % without them', async () => {
    const document = await measured('hidden_bias_folded.npz');
    expect(document.accuracy).toBe(1);
    close(document.nc4, 179 / 180, 1e-15);
  });

  it('fold as W₂b₁ + b₂, with either absent', () => {
    const W = { rows: 2, cols: 3, data: Float64Array.of(1, 2, 3, 4, 5, 6) };
    const first = { rows: 3, cols: 1, data: Float64Array.of(1, 1, 1) };
    const b1 = Float64Array.of(1, 0, -1);
    expect(Array.from(foldBiases([first, W], [b1, Float64Array.of(10, 20)]) ?? [])).toEqual([8, 18]);
    expect(Array.from(foldBiases([first, W], [b1, null]) ?? [])).toEqual([-2, -2]);
    expect(foldBiases([first, W], [null, null])).toBeNull();
  });

  it('refuses b beside another bM', async () => {
    const arrays = (b: readonly number[]) => [
      array('features', [2, 1], [1, -1]),
      array('labels', [2], [0, 1]),
      array('W1', [2, 1], [1, -1]),
      array('b1', [2], [1, 2]),
      array('b', [2], b),
    ];
    const same = await openFeatureFile(await npz(arrays([1, 2])), {});
    expect([same.notUsed, Array.from(same.head?.bias ?? [])]).toEqual([[], [1, 2]]);
    const other = await npz(arrays([1, 3]));
    expect((await refusal(() => openFeatureFile(other, {}), 'argument')).message).toBe(
      'x.npz: one bias of the last layer, got b1 and b, which differ; say which is meant',
    );
    const chosen = await openFeatureFile(other, { bias: 'b' });
    expect(Array.from(chosen.head?.bias ?? [])).toEqual([1, 3]);
    expect(chosen.notUsed).toEqual(['b1']);
  });
});

describe('classes without samples', () => {
  // By definition in NumPy: class means and Σ_W of the classes there, the class named among all outputs.
  it.each([
    ['missing_class.npz', [4], [0, 1, 2, 3], 0.010087569665538422, 0.75, 0.75],
    ['gap.npz', [1], [0, 2], 0.2619964053953286, 1 / 3, 11 / 24],
    ['subset-of-classes.npz', [3, 4, 5, 6, 7, 8, 9], [0, 1, 2], 0.005137038071277476, 1 / 3, 1 / 3],
  ] as const)(
    '%s is measured for those that are there',
    async (name, absent, present, nc1, accuracy, nc4) => {
      const document = await measured(name);
      expect(document.absentClasses).toEqual(absent);
      expect(document.classLabels).toEqual(present);
      expect(document.classes).toHaveLength(present.length);
      // float32 features: the rest is rounding of the sums.
      close(document.nc1.pinv, nc1, 1e-9);
      close(document.accuracy, accuracy, 1e-15);
      close(document.nc4, nc4, 1e-15);
    },
  );

  it('are no part of a prediction', async () => {
    const file = await openArrayFile(path('missing_class.npz'));
    const document = await measure({
      file,
      names: {},
      blas,
      loss: 'ce',
      weightDecays: [1e-3],
      featureDecay: 1e-3,
    });
    expect(document.prediction).toBeNull();
    expect(document.predictionNote).toMatch(/^no prediction: theory needs samples of every output/);
    await file.close();
  });

  it('are named where there is no head, too', async () => {
    const document = await measured('one_based.npz', { weights: ['none'] });
    expect(document.absentClasses).toEqual([0]);
    expect(document.notes).toEqual(['class 0 has no samples: do the labels run from 1?']);
    expect(document.counts).toEqual([10, 10, 10, 10]);
  });
});

describe('labels', () => {
  it('that are words become class names, in the order of code points', async () => {
    expect((await measured('strlabels.npz')).classNames).toEqual(['cat', 'dog', 'emu', 'fox']);
    expect((await measured('n1c11.npz')).classNames).toBeNull();
  });

  it('that are rows must be one-hot', async () => {
    const soft = await npz([array('features', [2, 1], [1, -1]), array('labels', [2, 2], [1, 0, 0.3, 0.7])]);
    expect((await refusal(() => openFeatureFile(soft, {}), 'argument')).message).toContain(
      'one-hot rows (a single 1 and zeros), got shape 2×2 with another row at sample 1',
    );
  });
});

describe('memory', () => {
  it('of the class means is bounded by the file', async () => {
    // Every sample a class of its own: 5000 × 1000 numbers of one byte, packed to little.
    const N = 5000;
    const file = await npz([
      { name: 'features', shape: [N, 1000], dtype: 'int8', values: new Int8Array(N * 1000) },
      { name: 'labels', shape: [N], dtype: 'int32', values: Int32Array.from({ length: N }, (_, i) => i) },
    ]);
    const small = { ...file, byteSize: 50_000, get: file.get.bind(file), words: file.words.bind(file) };
    expect((await refusal(() => openFeatureFile(small, {}), 'argument')).message).toBe(
      'x.npz: means of 5000 classes of at most 4244304 numbers, for a file of 50000 bytes, got 5000000',
    );
    expect((await openFeatureFile(file, {})).counts).toHaveLength(N);
  });

  it('of the head is bounded by the file', async () => {
    const h = 3_000_000;
    const file = await npz([
      array('features', [2, 1], [1, -1]),
      array('labels', [2], [0, 1]),
      { name: 'W1', shape: [h, 1], dtype: 'int8', values: new Int8Array(h) },
      { name: 'W2', shape: [2, h], dtype: 'int8', values: new Int8Array(2 * h) },
    ]);
    const small = { ...file, byteSize: 10_000, get: file.get.bind(file), words: file.words.bind(file) };
    expect((await refusal(() => openFeatureFile(small, {}), 'argument')).message).toBe(
      'x.npz: head weights of at most 4204304 numbers, for a file of 10000 bytes, got 9000000',
    );
  });
});

describe('numbers whose squares leave the range of float64', () => {
  it.each([
    ['features-1e-300', [2.561862758107675, 1.498991622192299, 1.584059317938606], 1e-300],
    ['weights-1e154', [2.561862758107675e154, 1.498991622192299e154, 1.584059317938606e154], 1],
  ] as const)('%s.npz', async (name, weightNorms, size) => {
    const document = await measured(`${name}.npz`);
    close(document.nc1.pinv, 3.6955841827156, 1e-12);
    close(document.cdnv, 3.2503866925638, 1e-12);
    close(document.nc2.weights.orthogonal, 0.65204484080465, 1e-12);
    expect([document.nc4, document.accuracy]).toEqual([1 / 3, 1 / 2]);
    const featureNorms = [0.5167741036263548, 1.1662080553834413, 0.7123709855701312];
    document.classes.forEach(({ weightNorm, featureNorm }, k) => {
      close(weightNorm, weightNorms[k], 1e-12);
      close(featureNorm, featureNorms[k] * size, 1e-12);
    });
    // H̄ᵀH̄ and PH̄ exist beside a PPᵀ that does not.
    if (size === 1) close(document.geometry?.features[1][1] ?? null, featureNorms[1] ** 2, 1e-12);
    expect(JSON.stringify(document.geometry?.logits)).not.toContain('null');
  });

  it('are judged, and fitted, or refused in one line', async () => {
    const judged = async (name: string, loss: 'mse' | 'ce', featureDecay: number | 'fit') => {
      const file = await openArrayFile(path(`${name}.npz`));
      try {
        return await measure({ file, names: {}, blas, loss, weightDecays: [1e-3], featureDecay });
      } finally {
        await file.close();
      }
    };
    for (const loss of ['mse', 'ce'] as const) {
      for (const name of ['features-1e-300', 'weights-1e154']) {
        const { verdict, classes } = await judged(name, loss, 1e-3);
        expect(verdict?.held).toBe(false);
        expect(verdict?.sentence).not.toMatch(/NaN|Infinity/);
        for (const { fit } of classes) expect(Number.isFinite(fit)).toBe(true);
      }
      // λ_H grows with the square of the weights: about 1e305 here; 1e600 for features of 1e-300.
      const { fittedFeatureDecay } = await judged('weights-1e154', loss, 'fit');
      close(fittedFeatureDecay?.value ?? null, 1.326e305, 1e-3);
      const error = await refusal(() => judged('features-1e-300', loss, 'fit'), 'argument');
      expect(error.message).toBe(
        'feature-decay fit: weights and features whose balance is a number, got Infinity; give the feature decay as a number',
      );
    }
  });
});
