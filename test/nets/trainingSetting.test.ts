import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { createProblem } from '../../src/model/index.js';
import {
  ADAM,
  effectiveDecays,
  learningRateAt,
  stepsPerEpoch,
  trainingRule,
  type Decay,
  type LossScale,
  type Network,
  type TrainingSetting,
} from '../../src/nets/index.js';
import { buildMinimiser } from '../../src/theory/index.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { labelsOf } from '../support/naive.js';
import { networkOf } from './smallNetworks.js';

const SETTING: TrainingSetting = {
  loss: 'mse',
  lossScale: 'half',
  decay: { kind: 'head-and-features', head: 0.01, features: 0.02, featureDecayScale: 'batch' },
  optimizer: { name: 'sgd', momentum: 0.9 },
  learningRate: 0.1,
  schedule: { every: 50, factor: 0.1 },
};

/** The unconstrained-features model as a network: sample i is the i-th unit vector, so its feature is column i. */
function freeFeatures(samples: number, bias: 'none' | 'free'): Network {
  return networkOf('free features', [{ kind: 'linear', name: 'H', outputs: 6, bias: false }], {
    input: { height: 1, width: 1, channels: samples },
    head: { widths: [5, 6], bias },
    classes: 4,
  });
}

describe('effective decays', () => {
  const counts = [6, 3, 2, 1];
  const N = 12;
  it.each<[LossScale, 'batch' | 'dataset', number, 'none' | 'free']>([
    ['half', 'dataset', 12, 'none'],
    ['half', 'batch', 4, 'free'],
    ['mean', 'batch', 3, 'none'],
    ['mean', 'dataset', 5, 'free'],
    ['half-mean', 'batch', 12, 'none'],
    ['half-mean', 'batch', 5, 'none'],
  ])(
    '%s, features over the %s, batches of %i, bias %s: the minimiser of theory is stationary',
    async (lossScale, featureDecayScale, batch, bias) => {
      const network = freeFeatures(N, bias);
      const steps = stepsPerEpoch(N, batch);
      const decay: Decay = {
        kind: 'head-and-features',
        head: [0.002, 0.004, 0.001],
        features: 0.004,
        featureDecayScale,
      };
      const setting: TrainingSetting = { ...SETTING, lossScale, decay };
      const { weightDecays, featureDecay } = effectiveDecays(setting, network, steps);
      const problem = createProblem({
        counts,
        depth: 3,
        widths: [6, 5, 6],
        loss: 'mse',
        bias,
        weightDecays,
        featureDecay: featureDecay ?? NaN,
      });
      const { head, classFeatures } = buildMinimiser(problem, portableBlas, createRandom(2));
      const labels = labelsOf(counts);
      const H = Float32Array.from(
        { length: 6 * N },
        (_, at) => classFeatures.data[Math.floor(at / N) * 4 + labels[at % N]],
      );
      // Collapsed classes would make this vacuous.
      expect(H.some((value) => Math.abs(value) > 0.1)).toBe(true);

      const executable = await createReferenceEngine().compile(
        network,
        trainingRule(setting, network, steps),
        N,
      );
      await executable.write(
        new Map([
          ['H.weight', H],
          ...head.weights.map((W, m) => [`W${m + 1}`, Float32Array.from(W.data)] as const),
          ...(head.bias === null ? [] : [['b', Float32Array.from(head.bias)] as const]),
        ]),
      );
      // The mean gradient over the steps of an epoch, and over N shuffles that put every sample into every place.
      const sums = new Map<string, Float64Array>();
      let largest = 0;
      for (let shift = 0; shift < N; shift++)
        for (let start = 0; start < N; start += batch) {
          const samples = Array.from(
            { length: Math.min(batch, N - start) },
            (_, i) => (start + i + shift) % N,
          );
          const images = new Float32Array(samples.length * N);
          samples.forEach((sample, i) => (images[i * N + sample] = 1));
          const gradient = executable.gradient(
            images,
            Int32Array.from(samples, (sample) => labels[sample]),
          );
          for (const [name, g] of gradient) {
            const sum = sums.get(name) ?? new Float64Array(g.length);
            g.forEach((value, i) => (sum[i] += value / (N * steps)));
            sums.set(name, sum);
            largest = Math.max(largest, ...g.map(Math.abs));
          }
        }
      // Single batches do have gradients (a full one has none); their mean is zero but for float32 parameters, 6e-8 of about 1.
      if (batch < N) expect(largest).toBeGreaterThan(1e-3);
      for (const [name, sum] of sums)
        for (const value of sum) expect(Math.abs(value), name).toBeLessThan(3e-7);
    },
  );

  it('say what the authors’ scripts come to', () => {
    const network = freeFeatures(12, 'free');
    const of = (change: Partial<TrainingSetting>) => effectiveDecays({ ...SETTING, ...change }, network, 3);
    // c·(λ_W, λ_H·B/N) with B/N = 1/3 and c = 1, K/2, K, 1.
    expect(of({})).toEqual({
      weightDecays: [0.01, 0.01, 0.01],
      featureDecay: 0.02 / 3,
      biasDecay: 0,
      scale: 1,
    });
    expect(of({ lossScale: 'mean' }).scale).toBe(2);
    expect(of({ lossScale: 'half-mean' }).scale).toBe(4);
    expect(of({ lossScale: 'half-mean', loss: 'ce' }).scale).toBe(1);
    expect(of({ lossScale: 'half-mean' }).featureDecay).toBeCloseTo((4 * 0.02) / 3, 15);
    expect(of({ lossScale: 'mean', decay: { kind: 'all', weight: 0.5 } })).toEqual({
      weightDecays: [1, 1, 1],
      featureDecay: null,
      biasDecay: 1,
      scale: 2,
    });
  });
});

describe('the rule', () => {
  const network = freeFeatures(12, 'free');

  it('decays what the setting names', () => {
    const all = trainingRule({ ...SETTING, decay: { kind: 'all', weight: 0.3 } }, network, 3);
    expect(['H.weight', 'W1', 'b'].map(all.weightDecay)).toEqual([0.3, 0.3, 0.3]);
    expect(all.featureDecay).toBe(0);
    const apart = trainingRule(
      {
        ...SETTING,
        decay: {
          kind: 'head-and-features',
          head: [1, 2, 3],
          features: 4,
          featureDecayScale: 'dataset',
          backbone: 5,
        },
      },
      network,
      3,
    );
    expect(['H.weight', 'W1', 'W3', 'b'].map(apart.weightDecay)).toEqual([5, 1, 3, 0]);
    expect(apart.featureDecay).toBe(12);
    expect(trainingRule(SETTING, network, 3).weightDecay('H.weight')).toBe(0);
  });

  it('follows the schedule in epochs from 0', () => {
    expect([0, 49, 50, 149].map((epoch) => learningRateAt(SETTING, epoch))).toEqual([
      0.1,
      0.1,
      0.1 * 0.1,
      0.1 * 0.1 ** 2,
    ]);
    expect(learningRateAt({ ...SETTING, schedule: null }, 1000)).toBe(0.1);
  });

  it('refuses settings out of range', () => {
    const refused = (change: Partial<TrainingSetting>) => () =>
      trainingRule({ ...SETTING, ...change }, network, 1);
    expect(refused({ learningRate: 0 })).toThrow(/^learningRate:/);
    expect(refused({ schedule: { every: 0.5, factor: 0.1 } })).toThrow(/^schedule.every:/);
    expect(refused({ schedule: { every: 5, factor: 0 } })).toThrow(/^schedule.factor:/);
    expect(refused({ optimizer: { name: 'sgd', momentum: 1 } })).toThrow(/^optimizer.momentum:/);
    expect(refused({ optimizer: { ...ADAM, beta2: NaN } })).toThrow(/^optimizer.beta2:/);
    expect(refused({ optimizer: { ...ADAM, epsilon: 0 } })).toThrow(/^optimizer.epsilon:/);
    expect(refused({ decay: { kind: 'all', weight: -1 } })).toThrow(/^decay:/);
    expect(
      refused({
        decay: { kind: 'head-and-features', head: [1, 2], features: 0, featureDecayScale: 'batch' },
      }),
    ).toThrow(/^head decay: .*3 layers/);
  });
});
