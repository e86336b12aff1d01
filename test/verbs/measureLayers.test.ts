/** The layers of a deep head beside theory, of files. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { encodeNpz, memorySource, openArrays, type ArrayToWrite } from '../../src/data/index.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { buildMinimiser } from '../../src/theory/index.js';
import { measure, type MeasureDocument } from '../../src/verbs/index.js';
import { headLayerCost, whyNotHeadLayers } from '../../src/verbs/measure/headLayers.js';

const base = {
  counts: [12, 6, 3, 3],
  depth: 3,
  widths: [7, 5, 6],
  weightDecays: [0.005, 0.01, 0.003],
  featureDecay: 0.005,
} as const satisfies ProblemInput;

/** A minimiser with rotated layers as a file; `offset` is put into the features and taken out again by the bias. */
function fileOf(bias: 'none' | 'free', { offset = 0, noise = 0 } = {}): ArrayToWrite[] {
  const problem = createProblem({ ...base, bias });
  const { head, classFeatures } = buildMinimiser(problem, blas, createRandom(2));
  const random = createRandom(7);
  const d = classFeatures.rows;
  const labels = base.counts.flatMap((n, k) => new Array<number>(n).fill(k));
  const features = labels.flatMap((k) =>
    Array.from(
      { length: d },
      (_, r) => classFeatures.data[r * 4 + k] + offset * (r + 1) + noise * random.normal(),
    ),
  );
  const array = (name: string, shape: number[], values: ArrayLike<number>): ArrayToWrite => ({
    ...{ name, shape, values, dtype: 'float64' },
  });
  const moved = (x: number[]) =>
    head.weights.reduce(
      (z, W) =>
        Array.from({ length: W.rows }, (_, r) =>
          z.reduce((sum, value, c) => sum + W.data[r * W.cols + c] * value, 0),
        ),
      x,
    );
  const shift = moved(Array.from({ length: d }, (_, r) => offset * (r + 1)));
  return [
    array('features', [labels.length, d], features),
    array('labels', [labels.length], labels),
    ...head.weights.map((W, m) => array(`W${m + 1}`, [W.rows, W.cols], W.data)),
    ...(head.bias === null
      ? []
      : [
          array(
            'b',
            [4],
            head.bias.map((value, k) => value - shift[k]),
          ),
        ]),
  ];
}

const open = (arrays: readonly ArrayToWrite[]) => openArrays(memorySource('x.npz', encodeNpz(arrays)));
const theory = {
  loss: 'mse',
  weightDecays: base.weightDecays,
  featureDecay: base.featureDecay,
  blas,
} as const;

function expectAtMinimum({ layers }: MeasureDocument) {
  expect(layers.map(({ name, dimension }) => [name, dimension])).toEqual([
    ['features', 7],
    ['z1', 5],
    ['z2', 6],
    ['z3', 4],
  ]);
  layers.forEach(({ nc1, cdnv, nc2, nc3, predicted }, m) => {
    // Rounding of factors, and of a mean of offset features.
    expect(nc1.pinv).toBeLessThan(1e-12);
    expect(cdnv).toBeLessThan(1e-12);
    expect(nc2.features.predicted).toBeLessThan(1e-10);
    if (predicted === null) throw new Error('theory was expected');
    expect([predicted.nc1.pinv, predicted.cdnv]).toEqual([0, 0]);
    for (const key of ['equinorm', 'equiangular', 'cosineMean', 'cosineSd'] as const)
      expect(nc2[key]).toBeCloseTo(predicted.nc2[key]!, 10);
    expect(nc2.features.etf).toBeCloseTo(predicted.nc2.features.etf!, 10);
    if (m === 3) {
      expect([nc2.weights.predicted, nc3.predicted, nc3.duality]).toEqual([null, null, null]);
      return;
    }
    expect(nc2.weights.predicted).toBeLessThan(1e-10);
    expect(nc3.predicted).toBeLessThan(1e-10);
    for (const key of ['orthogonal', 'etf'] as const)
      expect(nc2.weights[key]).toBeCloseTo(predicted.nc2.weights[key]!, 10);
  });
}

describe('the layers of a deep head', () => {
  it('are those of theory at a minimum, with and without bias', async () => {
    expectAtMinimum(await measure({ file: await open(fileOf('none')), names: {}, ...theory }));
    const free = await measure({ file: await open(fileOf('free')), names: {}, ...theory });
    expectAtMinimum(free);
    // The measures that are not centred differ from layer to layer on unequal counts.
    const spreads = free.layers.map(({ nc2 }) => nc2.equinorm!);
    expect(new Set(spreads.map((x) => x.toFixed(4))).size).toBe(4);
  });

  it('are compared without an offset that the bias takes out again', async () => {
    expectAtMinimum(
      await measure({ file: await open(fileOf('free', { offset: 0.3 })), names: {}, ...theory }),
    );
  });

  it('are measured without theory where there is none, the features as by themselves', async () => {
    const document = await measure({ file: await open(fileOf('none', { noise: 0.1 })), names: {}, blas });
    const [features, , , last] = document.layers;
    const { nc1, nc2, nc3, cdnv } = document;
    expect(features).toEqual({ name: 'features', dimension: 7, nc1, cdnv, nc2, nc3, predicted: null });
    expect(last.nc2.features.predicted).toBeNull();
    expect(document.notes).toEqual([]);
  });

  it('come after arrays that were named', async () => {
    const document = await measure({
      file: await open(fileOf('none')),
      names: { layers: ['features', 'head'] },
      ...theory,
    });
    expect(document.layers.map(({ name, predicted }) => [name, predicted === null])).toEqual([
      ['features', true],
      ['features', false],
      ['z1', false],
      ['z2', false],
      ['z3', false],
    ]);
  });

  it('are left out where that would take long, and nobody asked for them', () => {
    const W = (rows: number, cols: number) => ({ data: new Float64Array(0), rows, cols });
    const head = { weights: [W(2048, 2048), W(10, 2048)], bias: null };
    const means = { data: new Float64Array(0), rows: 10, cols: 2048 };
    const snapshot = {
      statistics: {
        counts: new Array<number>(10).fill(1),
        means,
        variances: null,
        withinTrace: 0,
        within: null,
      },
      head,
      agreement: null,
    };
    const many = { samples: 1e6, kind: 'float64' } as const;
    expect(headLayerCost(1e6, head)).toBe(2e6 * (2048 * 2048 + 20480));
    expect(whyNotHeadLayers(snapshot, many, false)).toEqual({
      measured: false,
      note: 'the layers of the head are left out: they take 8e12 multiplications; name head among the layers to have them',
    });
    expect(whyNotHeadLayers(snapshot, many, true)).toEqual({ measured: true, note: null });
    expect(whyNotHeadLayers({ ...snapshot, head: null }, many, true).measured).toBe(false);
  });

  it.each([
    ['float32', 120],
    ['float64', 500],
  ] as const)('are left out where products of %s may be beyond the largest number', (kind, largest) => {
    const scalar = (power: number) => ({ data: new Float64Array([2 ** power]), rows: 1, cols: 1 });
    const measured = (power: number) => {
      // W1 is large, W2 makes it small again: the product in the middle counts.
      const head = { weights: [scalar(power - 10), scalar(-50)], bias: null };
      const statistics = { counts: [1], means: scalar(10), variances: null, withinTrace: 0, within: null };
      return whyNotHeadLayers({ statistics, head, agreement: null }, { samples: 1, kind }, false);
    };
    expect(measured(largest)).toEqual({ measured: true, note: null });
    expect(measured(largest + 1)).toEqual({
      measured: false,
      note: 'the layers of the head are left out: its products may be beyond the largest number',
    });
  });
});
