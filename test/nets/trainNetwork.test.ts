import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { createProblem } from '../../src/model/index.js';
import {
  ADAM,
  buildNetwork,
  createNetworkTrainer,
  effectiveDecays,
  isMeasuringEpoch,
  type NetworkTrainer,
  type NetworkTrainerState,
  type NetworkTraining,
  type TrainingReport,
} from '../../src/nets/index.js';
import { predictMse } from '../../src/theory/index.js';
import { createReferenceEngine } from '../support/referenceEngine.js';
import { gaussianImages } from './gaussianImages.js';
import { SMALL_NETWORKS } from './smallNetworks.js';

const SIZE = { height: 5, width: 6, channels: 2 };
const RESNET = SMALL_NETWORKS.find(({ name }) => name === 'tiny resnet') ?? SMALL_NETWORKS[0];

function training(change: Partial<NetworkTraining> = {}): NetworkTraining {
  return {
    network: RESNET,
    setting: {
      loss: 'ce',
      lossScale: 'half',
      decay: { kind: 'all', weight: 1e-3 },
      optimizer: { name: 'sgd', momentum: 0.9 },
      learningRate: 0.05,
      schedule: { every: 1, factor: 0.5 },
    },
    data: gaussianImages({ counts: [5, 4, 2], size: SIZE, spread: 0.3, seed: 1, augmentation: 0.1 }),
    test: gaussianImages({ counts: [2, 0, 3], size: SIZE, spread: 0.3, seed: 1 }),
    engine: createReferenceEngine(),
    batch: 4,
    seed: 5,
    blas: portableBlas,
    ...change,
  };
}

async function stateOf(trainer: {
  state(): Promise<NetworkTrainerState | null>;
}): Promise<NetworkTrainerState> {
  const state = await trainer.state();
  if (state === null) throw new Error('diverged');
  return state;
}

/** To the end of the running epoch. */
async function advanceEpoch(trainer: NetworkTrainer): Promise<TrainingReport[]> {
  const { epoch } = trainer.progress;
  const reports: TrainingReport[] = [];
  while (trainer.progress.epoch === epoch && trainer.status === 'running')
    reports.push(await trainer.advance());
  return reports;
}

function meanLoss(reports: readonly TrainingReport[]): number {
  return reports.reduce((sum, { loss }) => sum + loss, 0) / reports.length;
}

describe('a run', () => {
  it.each([{ name: 'sgd', momentum: 0.9 }, ADAM] as const)(
    'goes on bit for bit from any step, $name',
    async (optimizer) => {
      const run = training({ setting: { ...training().setting, optimizer } });
      const whole = await createNetworkTrainer(run);
      const states = [await stateOf(whole)];
      for (let step = 0; step < 8; step++) {
        await whole.advance();
        states.push(await stateOf(whole));
      }
      expect(whole.stepsPerEpoch).toBe(3);
      expect(whole.progress).toMatchObject({ epoch: 2, stepInEpoch: 2, step: 8, seen: 8 });
      for (const at of [0, 1, 3, 5]) {
        const saved: NetworkTrainerState = {
          arrays: states[at].arrays,
          progress: JSON.parse(JSON.stringify(states[at].progress)) as NetworkTrainerState['progress'],
        };
        const resumed = await createNetworkTrainer(run, saved);
        for (let step = at; step < 8; step++) await resumed.advance();
        expect(await stateOf(resumed)).toEqual(states[8]);
      }
    },
  );

  it('is not changed by measuring, by testing or by reading', async () => {
    const plain = await createNetworkTrainer(training());
    const watched = await createNetworkTrainer(training());
    for (let epoch = 0; epoch < 3; epoch++) {
      await watched.measure({ layers: ['stem.relu', 'block2'], headLayers: 'all' });
      await watched.evaluateTest();
      await watched.state();
      await advanceEpoch(watched);
      await advanceEpoch(plain);
    }
    expect(await stateOf(watched)).toEqual(await stateOf(plain));
  });

  it('sees every sample once an epoch, in an order of its own, and the last batch smaller', async () => {
    const seen: number[][] = [[]];
    const data = gaussianImages({ counts: [5, 4, 2], size: SIZE, spread: 0.3, seed: 1 });
    const trainer = await createNetworkTrainer(
      training({
        data: {
          ...data,
          fillInto(out, indices, random) {
            seen[seen.length - 1].push(...indices);
            data.fillInto(out, indices, random);
          },
        },
      }),
    );
    const sizes: number[] = [];
    for (let epoch = 0; epoch < 2; epoch++) {
      for (const { samples, ...report } of await advanceEpoch(trainer)) {
        sizes.push(samples);
        expect(report).toMatchObject({ status: 'running', learningRate: 0.05 * 0.5 ** epoch });
      }
      seen.push([]);
    }
    expect(sizes).toEqual([4, 4, 3, 4, 4, 3]);
    const all = Array.from({ length: 11 }, (_, i) => i);
    for (const order of seen.slice(0, 2)) expect([...order].sort((a, b) => a - b)).toEqual(all);
    expect(seen[0]).not.toEqual(all);
    expect(seen[0]).not.toEqual(seen[1]);
  });

  it('draws the start, the order and the augmentation from three streams of its seed', async () => {
    const { shuffle, augmentation } = (await createNetworkTrainer(training({ seed: 5 }))).progress;
    const streams = [createRandom(5).state(), shuffle, augmentation].map((state) => JSON.stringify(state));
    expect(new Set(streams).size).toBe(3);
    // As checkpoints of earlier runs have them.
    expect(streams.slice(1)).toEqual([6, 7].map((seed) => JSON.stringify(createRandom(seed).state())));
  });

  it('sums the losses over the samples of an epoch, and starts anew after the last batch', async () => {
    const trainer = await createNetworkTrainer(training());
    const first = await trainer.advance();
    const second = await trainer.advance();
    expect([first.samples, second.samples]).toEqual([4, 4]);
    expect(trainer.progress).toMatchObject({ epoch: 0, stepInEpoch: 2, seen: 8 });
    expect(trainer.progress.lossSum).toBeCloseTo(4 * (first.loss + second.loss), 12);
    // The last batch is smaller.
    expect(await trainer.advance()).toMatchObject({ samples: 3 });
    expect(trainer.progress).toMatchObject({ epoch: 1, stepInEpoch: 0, seen: 0, lossSum: 0 });
  });

  it('reads a full batch once where nothing is augmented, and every time where something is', async () => {
    for (const augmentation of [0, 0.1]) {
      const data = gaussianImages({ counts: [5, 4, 2], size: SIZE, spread: 0.3, seed: 1, augmentation });
      let reads = 0;
      const fillInto: typeof data.fillInto = (out, indices, random) => {
        reads++;
        data.fillInto(out, indices, random);
      };
      const trainer = await createNetworkTrainer(training({ batch: 'full', data: { ...data, fillInto } }));
      for (let epoch = 0; epoch < 3; epoch++) await advanceEpoch(trainer);
      expect(trainer.progress).toMatchObject({ epoch: 3, step: 3 });
      expect(reads).toBe(augmentation === 0 ? 1 : 3);
    }
  });

  it('that diverges says so with the step, and gives no state', async () => {
    const trainer = await createNetworkTrainer(
      training({ setting: { ...training().setting, loss: 'mse', learningRate: 1e30, schedule: null } }),
    );
    const reports = await advanceEpoch(trainer);
    expect(reports[reports.length - 1].status).toBe('diverged');
    expect(trainer.status).toBe('diverged');
    // Two steps, until squares of the float32 parameters leave even the reference's float64, and the one that shows it.
    expect(trainer.progress.step).toBe(3);
    expect(await trainer.state()).toBeNull();
    expect(await trainer.advance()).toMatchObject({ status: 'diverged', samples: 0 });
    expect(trainer.progress.step).toBe(3);
  });

  it('whose parameters are no longer finite gives no state, before any loss tells', async () => {
    const trainer = await createNetworkTrainer(
      training({ setting: { ...training().setting, learningRate: 1e40 } }),
    );
    expect((await trainer.advance()).status).toBe('running');
    expect(await trainer.state()).toBeNull();
    expect(trainer.status).toBe('diverged');
  });

  it('measures accuracy on a test set, class by class, null where there is no sample', async () => {
    const run = training({ setting: { ...training().setting, schedule: null } });
    const trainer = await createNetworkTrainer(run);
    for (let epoch = 0; epoch < 30; epoch++) await advanceEpoch(trainer);
    const found = await trainer.evaluateTest();
    expect(found).toMatchObject({ samples: 5, accuracy: 1, classes: [1, null, 1] });
    const none = await createNetworkTrainer(training({ test: null }));
    expect(await none.evaluateTest()).toBeNull();
    await none.close();
  });

  it('refuses what does not fit, in one line', async () => {
    const refused = (change: Partial<NetworkTraining>, saved?: NetworkTrainerState) =>
      expect(createNetworkTrainer(training(change), saved)).rejects;
    const images = (counts: number[]) => gaussianImages({ counts, size: SIZE, spread: 0.3, seed: 1 });
    await refused({ batch: 0 }).toThrow(/^batch: a positive whole number/);
    await refused({ data: images([5, 4, 0, 1]) }).toThrow(
      /^training data: labels: class indices from 0 to 2, got 3/,
    );
    await refused({ test: { ...images([1]), height: 4 } }).toThrow(
      'test data: images of 5×6×2 (height×width×channels), got 4×6×2',
    );
    await refused({ data: images([3, 3, 3]) }).toThrow(
      /^batch: more than one value a channel for BatchNorm \(features.norm\)/,
    );
    await refused({ data: images([1]), batch: 'full' }).toThrow(/^batch: more than one value a channel/);
    const { progress } = await stateOf(await createNetworkTrainer(training()));
    await refused({}, { arrays: new Map(), progress: { ...progress, stepInEpoch: 3 } }).toThrow(
      /^saved state, step in the epoch: a whole number below 3, got 3/,
    );
    await refused({}, { arrays: new Map(), progress }).toThrow(/^saved state: an array stem.conv.weight/);
  });

  it('is measured at the start, every so many epochs and at the end', () => {
    expect([0, 1, 4, 5, 10, 11].map((epoch) => isMeasuringEpoch(epoch, 5, 11))).toEqual([
      ...[true, false, false, true, true, true],
    ]);
  });
});

describe('a small MLP on Gaussian classes', () => {
  it.each(['half', 'half-mean'] as const)('reaches the predicted frame, %s', async (lossScale) => {
    const size = { height: 2, width: 3, channels: 2 };
    const counts = [6, 4, 2];
    const network = buildNetwork({ name: 'mlp', layers: 2, width: 16, batchNorm: false }, size, 3, {
      depth: 2,
      width: 8,
      bias: 'none',
    });
    const setting: NetworkTraining['setting'] = {
      loss: 'mse',
      lossScale,
      decay: { kind: 'head-and-features', head: 2e-3, features: 2e-3, featureDecayScale: 'batch' },
      optimizer: ADAM,
      learningRate: 3e-3,
      schedule: { every: 3000, factor: 0.1 },
    };
    const data = gaussianImages({ counts, size, spread: 0.2, seed: 3 });
    const run = training({ network, setting, data, test: null, batch: 'full' });
    const trainer = await createNetworkTrainer(run);
    const { weightDecays, featureDecay } = effectiveDecays(setting, network, trainer.stepsPerEpoch);
    const problem = createProblem({
      counts,
      depth: 2,
      widths: [16, 8],
      bias: 'none',
      weightDecays,
      featureDecay: featureDecay ?? NaN,
    });
    const prediction = predictMse(problem, portableBlas);
    const before = await trainer.measure({ predicted: prediction.geometry() });
    while (trainer.progress.epoch < 6000) await advanceEpoch(trainer);
    const { features, objective, accuracy } = await trainer.measure({ predicted: prediction.geometry() });
    expect(accuracy.accuracy).toBe(1);
    // 6000 steps leave the objective a little above its minimum, and distances are its square root.
    expect(objective.theory).toBeGreaterThan(prediction.objective - 1e-9);
    expect(objective.theory - prediction.objective).toBeLessThan(1e-4 * prediction.objective);
    const { nc1, nc2, nc3 } = features.measurement;
    expect(nc1.pinv).toBeLessThan(1e-3);
    expect(nc2.weights.predicted).toBeLessThan(0.02);
    expect(nc2.features.predicted).toBeLessThan(0.02);
    expect(nc3.predicted).toBeLessThan(0.02);
    expect(before.features.measurement.nc2.features.predicted).toBeGreaterThan(0.2);
    prediction.classes.forEach(({ weightNorm }, k) =>
      expect(features.measurement.classes[k].weightNorm).toBeCloseTo(weightNorm, 2),
    );
  });
});

describe('an architecture', () => {
  it('trains whole, convolutions and all', async () => {
    const size = { height: 32, width: 32, channels: 1 };
    const network = buildNetwork({ name: 'vgg11', widthMultiplier: 1 / 32 }, size, 2, {
      depth: 2,
      width: 4,
      bias: 'free',
    });
    const data = gaussianImages({ counts: [3, 3], size, spread: 0.2, seed: 3 });
    const trainer = await createNetworkTrainer(training({ network, data, test: null, batch: 'full' }));
    const first = meanLoss(await advanceEpoch(trainer));
    for (let epoch = 1; epoch < 6; epoch++) await advanceEpoch(trainer);
    const last = meanLoss(await advanceEpoch(trainer));
    expect(last).toBeLessThan(first);
  });
});
