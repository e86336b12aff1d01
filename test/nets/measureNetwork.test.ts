import { describe, expect, it } from 'vitest';
import { matrix, type Matrix } from '../../src/core/matrix.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { batchesOf, measureFeatures } from '../../src/metrics/index.js';
import { measureExecutable, trainingRule, type MeasuredNetwork } from '../../src/nets/index.js';
import type { TrainingSetting } from '../../src/nets/index.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { multiply, transposed } from '../support/naive.js';
import { gaussianImages } from './gaussianImages.js';
import { randomParameters, SMALL_NETWORKS } from './smallNetworks.js';

const NETWORK = SMALL_NETWORKS.find(({ name }) => name === 'tiny resnet') ?? SMALL_NETWORKS[0];
const COUNTS = [5, 4, 2];
const DATA = gaussianImages({
  counts: COUNTS,
  size: { height: 5, width: 6, channels: 2 },
  spread: 0.5,
  seed: 1,
});
const SETTING: TrainingSetting = {
  loss: 'mse',
  lossScale: 'mean',
  decay: {
    kind: 'head-and-features',
    head: [0.1, 0.2, 0.3],
    features: 0.05,
    featureDecayScale: 'batch',
    backbone: 0.01,
  },
  optimizer: { name: 'sgd', momentum: 0.9 },
  learningRate: 0.1,
  schedule: null,
};
const BATCH = 4;
const STEPS = 3;

async function prepared(setting = SETTING) {
  const rule = trainingRule(setting, NETWORK, STEPS);
  const executable = await createReferenceEngine().compile(NETWORK, rule, DATA.samples);
  await executable.write(randomParameters(NETWORK, 8));
  const images = new Float32Array(DATA.samples * 60);
  DATA.fillInto(
    images,
    Int32Array.from({ length: DATA.samples }, (_, i) => i),
    null,
  );
  const measured: MeasuredNetwork = {
    executable,
    network: NETWORK,
    setting,
    data: DATA,
    batch: BATCH,
    blas: portableBlas,
  };
  return { executable, measured, images };
}

describe('measuring a network', () => {
  it('gives what the measures say of its outputs, at every layer', async () => {
    const { executable, measured, images } = await prepared();
    const layers = ['block1.conv1', 'features.norm'];
    const { layers: found, features } = await measureExecutable(measured, { layers, headLayers: 'all' });
    expect(found.map(({ name, place }) => `${place} ${name}`)).toEqual([
      'backbone block1.conv1',
      'backbone features.norm',
      'features features',
      'head z1',
      'head z2',
      'head z3',
    ]);
    expect(features).toBe(found[2]);

    const taps = await executable.evaluate(images, DATA.samples, [...layers, 'features']);
    const state = await executable.read();
    const sizes = [4, 4, 5, 3];
    const weights = [1, 2, 3].map((m) =>
      matrix(Float64Array.from(state.get(`W${m}`) ?? []), sizes[m], sizes[m - 1]),
    );
    const bias = Float64Array.from(state.get('b') ?? []);
    const rows = (name: string, width: number) =>
      matrix(Float64Array.from(taps.get(name) ?? []), DATA.samples, width);
    const z: Matrix[] = [rows('features', 4)];
    for (const W of weights) z.push(multiply(z[z.length - 1], transposed(W)));
    const decays = [0.1, 0.2, 0.3].map((decay) => (decay * 3) / 2);
    const expected = [
      { outputs: rows('block1.conv1', 3), head: null },
      { outputs: rows('features.norm', 4), head: null },
      ...z.map((outputs, m) => ({
        outputs,
        head: m === 3 ? null : { weights: weights.slice(m), bias },
        weightDecays: m === 3 ? undefined : decays.slice(m),
      })),
    ];
    for (const [i, { outputs, ...options }] of expected.entries()) {
      const { measurement } = await measureFeatures(batchesOf(outputs, DATA.labels), {
        ...options,
        classes: 3,
        blas: portableBlas,
      });
      const [one, other] = [measurement, found[i].measurement];
      // Outputs of the head are float32 here and float64 there: 6e-8 of each, more where differences are taken.
      expect(close(one, other, 1e-4), found[i].name).toEqual([]);
    }
  });

  it('is the same whether outputs are kept or computed twice, and tells how far it is', async () => {
    const { measured } = await prepared();
    const told: number[] = [];
    const once = await measureExecutable(measured, { layers: ['stem.relu'], headLayers: 'all' });
    let evaluations = 0;
    const counting: MeasuredNetwork = {
      ...measured,
      executable: {
        ...measured.executable,
        evaluate(...given) {
          evaluations++;
          return measured.executable.evaluate(...given);
        },
      },
    };
    const twice = await measureExecutable(counting, {
      layers: ['stem.relu'],
      headLayers: 'all',
      memory: 0,
      onProgress: (done, total) => void told.push(done / total),
    });
    expect(twice).toEqual(once);
    expect(evaluations).toBe(2 * STEPS);
    expect(told).toEqual([4, 8, 11, 15, 19, 22].map((done) => done / 22));
  });

  it.each(['mse', 'ce'] as const)('sums the objective, part by part, %s', async (loss) => {
    const { executable, measured, images } = await prepared({ ...SETTING, loss });
    const { objective, accuracy } = await measureExecutable(measured);
    const logits = executable.logits(images, DATA.samples);
    const state = await executable.read();
    const { features } = Object.fromEntries(await executable.evaluate(images, DATA.samples, ['features']));
    let [sum, right] = [0, 0];
    DATA.labels.forEach((y, i) => {
      const row = [...logits.subarray(3 * i, 3 * i + 3)];
      if (row.indexOf(Math.max(...row)) === y) right++;
      sum +=
        loss === 'mse'
          ? row.reduce((total, value, k) => total + (value - (k === y ? 1 : 0)) ** 2, 0) / 2
          : Math.log(row.reduce((total, value) => total + Math.exp(value), 0)) - row[y];
    });
    const squares = (name: string) => (state.get(name) ?? new Float32Array()).reduce((s, v) => s + v * v, 0);
    const scale = loss === 'mse' ? 2 / 3 : 1;
    // Features and logits pass through float32 on the way: 6e-8 of numbers up to 100.
    const digits = 4;
    expect(accuracy.accuracy).toBeCloseTo(right / 11, 12);
    expect(objective.data).toBeCloseTo((scale * sum) / 11, digits);
    expect(objective.head).toBeCloseTo(
      0.05 * squares('W1') + 0.1 * squares('W2') + 0.15 * squares('W3'),
      digits,
    );
    expect(objective.bias).toBe(0);
    // λ_H/2 Σ over a batch, T = 3 batches an epoch.
    expect(objective.features).toBeCloseTo((0.025 / 3) * features.reduce((s, v) => s + v * v, 0), digits);
    const backbone = [...state.keys()].filter(
      (name) => /\.(weight|bias|scale|shift)$/.test(name) && !name.includes(':'),
    );
    expect(objective.backbone).toBeCloseTo(
      0.005 * backbone.reduce((s, name) => s + squares(name), 0),
      digits,
    );
    const { data, head, features: ofFeatures, backbone: ofBackbone } = objective;
    expect(objective.total).toBeCloseTo(data + head + ofFeatures + ofBackbone, 12);
    expect(objective.theory).toBeCloseTo((data + head + ofFeatures) / scale, 12);
  });

  it('with decay of everything has no part of features, and one of the last bias', async () => {
    const { executable, measured } = await prepared({ ...SETTING, decay: { kind: 'all', weight: 0.2 } });
    const { objective, features } = await measureExecutable(measured);
    const bias = (await executable.read(['b'])).get('b') ?? new Float32Array();
    expect(objective.features).toBe(0);
    // Float32 sums against float64 ones.
    expect(objective.bias).toBeCloseTo(0.1 * bias.reduce((sum, value) => sum + value * value, 0), 6);
    expect(features.snapshot.head?.weights).toHaveLength(3);
    expect(features.measurement.nc2.features.predicted).toBeNull();
  });

  it('refuses a layer that is not there', async () => {
    const { measured } = await prepared();
    await expect(measureExecutable(measured, { layers: ['block9'] })).rejects.toThrow(
      'layers: names of layers of tiny resnet, got "block9"',
    );
  });
});

/** Paths of numbers that differ by more than the tolerance, relative to 1 or their size. */
function close(one: unknown, other: unknown, tolerance: number, path = ''): string[] {
  if (typeof one === 'number' && typeof other === 'number')
    return Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(one))
      ? []
      : [`${path}: ${one} ≠ ${other}`];
  if (typeof one === 'object' && one !== null && typeof other === 'object' && other !== null) {
    const [first, second] = [Object.entries(one), Object.entries(other)];
    if (first.length !== second.length) return [`${path}: ${first.length} ≠ ${second.length} entries`];
    return first.flatMap(([key, value], i) => close(value, second[i][1], tolerance, `${path}.${key}`));
  }
  return one === other ? [] : [`${path}: differ`];
}
