/** `train` for networks, on images made here: small, bright patches of each class in noise. */
import { describe, expect, it } from 'vitest';
import { createImageSet, memorySource, openArrays } from '../../src/data/index.js';
import { createCpuEngine } from '../../src/engine/cpu/cpuEngine.node.js';
import {
  checkSpec,
  decodeNetworkCheckpoint,
  encodeNetworkCheckpoint,
  readSummary,
  type NetworkCheckpoint,
  type NetworkSpec,
  type NetworkSummary,
  type RunStore,
  type RunSummary,
  type TrainRecord,
} from '../../src/runs/index.js';
import { measureCheckpoints, readNetworkSpec } from '../../src/verbs/measure/checkpoints.js';
import { describeNetworkRun } from '../../src/cli/networkOutput.js';
import { adviseSurvival, survivalOfSpec } from '../../src/verbs/index.js';
import type { NetworkProgress } from '../../src/verbs/train/networkProgress.js';
import { trainNetwork, type TrainNetworkOptions } from '../../src/verbs/train/trainNetwork.js';
import { BLASES } from '../support/blases.js';
import { patches, SIDE } from '../support/patches.js';

const blas = BLASES[BLASES.length - 1];
const images = { train: patches(30, 1), test: patches(10, 2), checksum: 'a'.repeat(64) };

/** Merged over a long-tailed run of an MLP that theory speaks of exactly. */
function specOf(changes: Record<string, unknown> = {}): NetworkSpec {
  const spec = checkSpec(
    {
      kind: 'network',
      data: { set: 'mnist', counts: [20, 10, 5] },
      architecture: { name: 'mlp', layers: 2, width: 24 },
      head: { depth: 2, width: 12 },
      decay: { head: 3e-3, features: 3e-3 },
      optimizer: { name: 'adam', learningRate: 3e-3 },
      schedule: { every: 300, factor: 0.2 },
      batch: 'full',
      epochs: 400,
      measureEvery: 100,
      ...changes,
    },
    'spec',
  );
  if (spec.kind !== 'network') throw new Error('a spec of a network');
  return spec;
}

interface MemoryStore extends RunStore {
  readonly kept: Map<number, Uint8Array>;
  readonly state: () => Promise<NetworkCheckpoint>;
  records: TrainRecord[];
  summary: RunSummary | null;
}

function memoryStore(): MemoryStore {
  let [spec, checkpoint]: [string | null, Uint8Array | null] = [null, null];
  const open = (bytes: Uint8Array) => openArrays(memorySource('checkpoint', bytes));
  const store: MemoryStore = {
    location: 'memory',
    kept: new Map(),
    records: [],
    summary: null,
    state: async () => decodeNetworkCheckpoint(await open(checkpoint ?? new Uint8Array())),
    writeSpec: (yaml) => Promise.resolve(void (spec = yaml)),
    readSpec: () => Promise.resolve(spec),
    readRecords: () => Promise.resolve(store.records),
    writeRecords: (records) => Promise.resolve(void (store.records = [...records])),
    appendRecords: (records) => Promise.resolve(void store.records.push(...records)),
    writeCheckpoint: (bytes) => Promise.resolve(void (checkpoint = bytes.slice())),
    openCheckpoint: async () => (checkpoint === null ? null : open(checkpoint)),
    keepCheckpoint: (epoch, bytes) => Promise.resolve(void store.kept.set(epoch, bytes)),
    keptEpochs: () => Promise.resolve([...store.kept.keys()]),
    openKept: (epoch) => open(store.kept.get(epoch) ?? new Uint8Array()),
    writeSummary: (summary) => Promise.resolve(void (store.summary = summary)),
    readSummary: () => Promise.resolve(store.summary),
    writeReport: () => Promise.resolve(),
  };
  return store;
}

function optionsOf(spec: NetworkSpec, changes: Partial<TrainNetworkOptions> = {}): TrainNetworkOptions {
  return {
    spec,
    images,
    engine: createCpuEngine({ blas, threads: 1 }),
    store: null,
    mode: 'fresh',
    madeBy: { command: 'collapsar train spec.yaml', version: '0' },
    blas,
    host: {
      onNote: (note) => {
        throw new Error(note);
      },
    },
    ...changes,
  };
}

const timeless = (records: readonly TrainRecord[]) => records.map((record) => ({ ...record, seconds: 0 }));

describe('training a network', () => {
  it('ends in the predicted frame, measured all the way', async () => {
    const store = memoryStore();
    const document = await trainNetwork(
      optionsOf(specOf({ epochs: 1500, schedule: { every: 1000, factor: 0.1 } }), { store }),
    );
    expect(document.status).toBe('finished');
    expect(document.network.featureDecay).toEqual({ source: 'exact', range: null });
    expect(document.prediction?.optimality).toBe('global');
    // Adam at its last, small rate leaves the frame within a few percent; the start is at 0.4 and more.
    expect(document.nc2.weights.predicted).toBeLessThan(0.05);
    expect(document.nc2.features.predicted).toBeLessThan(0.05);
    expect(document.verdict.held).toBe(true);
    for (const { weightNorm, predictedWeightNorm } of document.classes)
      expect(weightNorm! / predictedWeightNorm!).toBeCloseTo(1, 1);
    // The objective is the head's: above its minimum, and near it.
    const over = document.objective! / document.prediction!.objective;
    expect(over).toBeGreaterThan(1);
    expect(over).toBeLessThan(1.05);
    expect(document.network.testAccuracy).toBeGreaterThan(0.9);
    expect(document.network.layers.map(({ name }) => name)).toEqual(['features', 'z1', 'z2']);
    // Every layer is in the frame that theory has there, and no longer where it began.
    const start = store.records[0].network?.layers ?? [];
    document.network.layers.forEach(({ nc2, predicted }, m) => {
      expect(nc2?.features.predicted).toBeLessThan(0.05);
      expect(nc2?.features.predicted).toBeLessThan(start[m].nc2!.features.predicted! / 3);
      expect(nc2!.equinorm! / predicted!.nc2.equinorm!).toBeCloseTo(1, 1);
    });
    expect(store.records.map(({ network }) => network?.epoch).slice(0, 3)).toEqual([0, 100, 200]);
    expect(store.records.at(-1)!.nc1.pinv).toBeLessThan(store.records[0].nc1.pinv! / 100);
    expect(store.summary?.kind === 'network' ? store.summary.network.parameters : null).toBe(
      64 * 24 + 24 + 24 * 24 + 24 + 24 * 24 + 24 + 12 * 24 + 3 * 12,
    );
  });

  it('goes on after any stop with the same numbers, with batches, normalisation and augmentation', async () => {
    const spec = specOf({
      architecture: { name: 'mlp', layers: 2, width: 16, batchNorm: true },
      optimizer: { name: 'sgd', learningRate: 0.02 },
      data: { set: 'mnist', counts: [20, 10, 5], augmentation: 'crop-flip' },
      batch: 8,
      epochs: 6,
      measureEvery: 2,
      layers: 'activations',
    });
    const whole = memoryStore();
    const finished = await trainNetwork(optionsOf(spec, { store: whole }));
    const end = await whole.state();
    for (const stopAfter of [1, 5, 13, 20]) {
      const store = memoryStore();
      const signal = { aborted: false };
      let now = 0;
      const host = {
        signal,
        // Every look at the clock ends a slice.
        clock: () => (now += 100),
        onProgress({ step, busy }: NetworkProgress) {
          signal.aborted = busy === 'training' && step >= stopAfter;
        },
      };
      const stopped = await trainNetwork(optionsOf(spec, { store, host }));
      expect(stopped.status).toBe('interrupted');
      expect(stopped.step).toBe(stopAfter);
      const resumed = await trainNetwork(optionsOf(spec, { store, mode: 'resume' }));
      expect(resumed.status).toBe('finished');
      const state = await store.state();
      expect(state.arrays).toEqual(end.arrays);
      expect(state.progress).toEqual(end.progress);
      expect(timeless(store.records)).toEqual(timeless(whole.records));
      expect({ ...resumed.nc1 }).toEqual(finished.nc1);
    }
  });

  it('ends after 4 epochs and 2 more where 6 end, with no record twice', async () => {
    const [whole, parts] = [memoryStore(), memoryStore()];
    const spec = specOf({ epochs: 6, batch: 8, measureEvery: 2 });
    await trainNetwork(optionsOf(spec, { store: whole }));
    await trainNetwork(optionsOf({ ...spec, epochs: 4 }, { store: parts }));
    await trainNetwork(optionsOf(spec, { store: parts, mode: 'resume' }));
    expect(timeless(parts.records)).toEqual(timeless(whole.records));
    expect(whole.records.map(({ network }) => network?.epoch)).toEqual([0, 2, 4, 6]);
    expect((await parts.state()).arrays).toEqual((await whole.state()).arrays);
  });

  it('writes a record before the checkpoint that comes after it', async () => {
    const store = memoryStore();
    const order: string[] = [];
    await trainNetwork(
      optionsOf(specOf({ epochs: 2, measureEvery: 1, checkpointEvery: 1 }), {
        store: {
          ...store,
          appendRecords: (records) => Promise.resolve(void order.push(`records ${records.length}`)),
          writeCheckpoint: () => Promise.resolve(void order.push('checkpoint')),
        },
      }),
    );
    expect(order).toEqual(['records 1', 'checkpoint', 'records 1', 'checkpoint', 'records 1', 'checkpoint']);
  });

  it('keeps the mean loss over the samples of an epoch, and counts images by the batch', async () => {
    // So small a rate leaves the parameters as they are: every batch is measured by the same network, the last of 3 samples.
    const spec = specOf({
      optimizer: { name: 'sgd', learningRate: 1e-30, momentum: 0 },
      ...{ batch: 8, epochs: 1, measureEvery: 1 },
    });
    const store = memoryStore();
    let now = 0;
    const host = { clock: () => (now += 10) };
    const document = await trainNetwork(optionsOf(spec, { store, host }));
    const { objective, imagesPerSecond } = document.network;
    const loss = store.records[1].network?.trainingLoss ?? NaN;
    expect(Math.abs(loss / objective.data - 1)).toBeLessThan(1e-5);
    expect(imagesPerSecond).toBeCloseTo((document.stepsPerSecond ?? NaN) * 8, 6);
    expect(imagesPerSecond).toBeGreaterThan(0);
  });

  it('counts the fitted decay of the features in its objective', async () => {
    const document = await trainNetwork(
      optionsOf(specOf({ decay: { all: 3e-3 }, epochs: 600, measureEvery: 600 })),
    );
    const { problem, classes, objective, network } = document;
    const means = classes.reduce((sum, { count, featureNorm }) => sum + count * (featureNorm ?? NaN) ** 2, 0);
    const ofFeatures = (objective ?? NaN) - network.objective.data - network.objective.head;
    // ‖H‖² is that of the means and the scatter about them, which is small by now.
    const ofMeans = ((problem.featureDecay ?? NaN) / 2) * means;
    expect(ofFeatures / ofMeans).toBeGreaterThan(1 - 1e-6);
    expect(ofFeatures / ofMeans).toBeLessThan(1.5);
  });

  it('sets beside one decay of everything what it should leave of each class', async () => {
    const spec = specOf({ decay: { all: 3e-3 }, epochs: 3, measureEvery: 3, loss: 'mse', lossScale: 'mean' });
    const store = memoryStore();
    const { network } = await trainNetwork(optionsOf(spec, { store }));
    const advised = await adviseSurvival({ ...survivalOfSpec(spec, images), data: '', blas });
    const { survival } = network;
    expect([survival?.weightDecay, survival?.weightLayers]).toEqual([3e-3, 5]);
    survival?.classes.forEach(({ estimate, low, high, atDecay }, k) => {
      const { largestDecay, atDecay: other } = advised.classes[k];
      expect([low, high, atDecay]).toEqual([largestDecay.low, largestDecay.high, other]);
      expect(estimate).toBe(largestDecay.estimate);
    });
    expect(survival?.classes).toHaveLength(3);
    // As it is read back from a folder.
    const read = readSummary(JSON.stringify(store.summary));
    expect(read.kind === 'network' && read.network.survival).toEqual(survival);
    const printed = describeNetworkRun(
      { ...(store.summary as NetworkSummary), runDirectory: null },
      80,
      'runs/a',
    );
    expect(printed).toContain('what became of it at 0.003:');
    const other = await trainNetwork(optionsOf(specOf({ epochs: 1 })));
    expect(other.network.survival).toBe(null);
    const normalised = specOf({ architecture: { name: 'mlp', layers: 2, width: 24, batchNorm: true }, decay: { all: 1e-3 }, epochs: 1 }); // prettier-ignore
    expect((await trainNetwork(optionsOf(normalised))).network.survival).toBe(null);
  });

  it('fits one feature decay where there is none, and says how far classes agree', async () => {
    const document = await trainNetwork(
      optionsOf(
        specOf({
          decay: { all: 3e-3 },
          epochs: 1500,
          measureEvery: 500,
          schedule: { every: 1000, factor: 0.1 },
        }),
      ),
    );
    const { featureDecay } = document.network;
    expect(featureDecay.source).toBe('fitted');
    expect(document.problem.featureDecay).toBeGreaterThan(0);
    expect(featureDecay.range![0]).toBeLessThanOrEqual(document.problem.featureDecay!);
    expect(featureDecay.range![1]).toBeGreaterThanOrEqual(document.problem.featureDecay!);
    expect(document.nc2.weights.predicted).toBeGreaterThan(0);
    expect(document.prediction).not.toBeNull();
  });

  it('tells before it trains, and keeps, what is missing of the data and that classes are unequal', async () => {
    const { train } = images;
    // One sample short of equal classes.
    const unequal = createImageSet({
      ...train,
      labels: train.labels.slice(1),
      pixels: train.pixels.slice(SIDE * SIDE),
    });
    const notes: string[] = [];
    const document = await trainNetwork(
      optionsOf(specOf({ data: { set: 'mnist' }, epochs: 0 }), {
        images: { ...images, train: unequal, shortfall: '89 of 60 000 images' },
        host: {
          onNote: (note) => notes.push(note),
          onProgress: () => {
            expect(notes).toHaveLength(2);
          },
        },
      }),
    );
    expect(notes).toEqual([
      'mnist: 89 of 60 000 images',
      'classes are not equal: all images there are, from 29 to 30 a class; the prediction follows these counts',
    ]);
    expect(document.network.data).toMatchObject({ incomplete: true, notes });
    expect(document.problem.counts).toEqual([29, 30, 30]);
    const whole = await trainNetwork(optionsOf(specOf({ data: { set: 'mnist' }, epochs: 0 })));
    expect(whole.network.data).toMatchObject({ incomplete: false, notes: [] });
  });

  it('makes no prediction without decays', async () => {
    const document = await trainNetwork(optionsOf(specOf({ decay: { all: 0 }, epochs: 3 })));
    expect(document.prediction).toBeNull();
    expect(document.problem.featureDecay).toBeNull();
    expect(document.nc2.weights.predicted).toBeNull();
    expect(document.verdict).toMatchObject({ held: null });
    expect(document.nc1.pinv).toBeGreaterThan(0);
  });

  it('stops at a loss that is not finite, and keeps the last good checkpoint', async () => {
    const store = memoryStore();
    const document = await trainNetwork(
      optionsOf(specOf({ optimizer: { name: 'sgd', learningRate: 1e6 }, checkpointEvery: 1, epochs: 50 }), {
        store,
      }),
    );
    expect(document.status).toBe('diverged');
    expect(document.divergence?.step).toBe(document.step);
    expect(document.classes.every(({ measured }) => measured === null)).toBe(true);
    const { arrays, progress } = await store.state();
    expect(progress.step).toBeLessThan(document.step);
    for (const values of arrays.values()) expect(values.every(Number.isFinite)).toBe(true);
  });

  it('stops where the mean loss of an epoch has grown 10 000 times, though it is a number', async () => {
    // Steps that overshoot on weights that are linear: far from NaN when an epoch's mean passes 1e4.
    const wild = specOf({
      architecture: { name: 'mlp', layers: 1, width: 24 },
      head: { depth: 1 },
      optimizer: { name: 'sgd', learningRate: 1, momentum: 0 },
      epochs: 60,
      measureEvery: 7,
    });
    const store = memoryStore();
    const document = await trainNetwork(optionsOf(wild, { store }));
    expect(document.status).toBe('diverged');
    const loss = document.divergence?.loss ?? NaN;
    expect(loss).toBeGreaterThan(1e4);
    expect(Number.isFinite(loss)).toBe(true);
    expect(document.verdict.sentence).toContain('is more than 10000 times that of the start');
    expect(store.summary?.status).toBe('diverged');
    // No checkpoint is of the exploded state.
    expect(await store.openCheckpoint()).toBeNull();
  });

  it('keeps a series of checkpoints, which can be measured again', async () => {
    const store = memoryStore();
    const spec = specOf({ epochs: 6, measureEvery: 2, checkpointEvery: 2, checkpoints: 'series' });
    await trainNetwork(optionsOf(spec, { store }));
    expect([...store.kept.keys()]).toEqual([0, 2, 4, 6]);
    expect(await readNetworkSpec(store)).toEqual(spec);
    const options = { ...optionsOf(spec), host: {} };
    const again = await measureCheckpoints({ ...options, store, spec });
    expect(again.status).toBe('finished');
    expect(timeless(again.checkpoints)).toEqual(timeless(store.records));
    expect(again.last?.classes).toEqual(store.summary?.classes);
    expect(again.last?.verdict).toEqual(store.summary?.verdict);
    const stopped = await measureCheckpoints({
      ...{ ...options, store, spec },
      host: { signal: { aborted: true } },
    });
    expect(stopped).toMatchObject({ status: 'interrupted', checkpoints: [], last: null });
  });

  it('saves tensors with their shapes, out×in as PyTorch, and goes on from flat ones', async () => {
    const spec = specOf({ epochs: 4, head: { depth: 2, width: 12, bias: 'free' } });
    const whole = memoryStore();
    await trainNetwork(optionsOf(spec, { store: whole }));
    const file = (await whole.openCheckpoint())!;
    const shapeOf = async (name: string) => (await file.get(name)).shape;
    expect(await shapeOf('W1')).toEqual([12, 24]);
    expect(await shapeOf('W2')).toEqual([3, 12]);
    expect(await shapeOf('b')).toEqual([3]);
    expect(await shapeOf('second:W1')).toEqual([12, 24]);
    expect(await shapeOf('hidden1.linear.weight')).toEqual([24, SIDE * SIDE]);
    // Every array is one of a parameter, of the optimiser or of running statistics; all matrices have two axes.
    for (const name of file.names)
      expect((await shapeOf(name)).length, name).toBe(/W\d|weight$/.test(name) ? 2 : 1);

    const store = memoryStore();
    await trainNetwork(optionsOf({ ...spec, epochs: 2 }, { store }));
    const state = await store.state();
    const { progress } = state;
    // As the first version wrote it: vectors, and no ceiling.
    const old = { ...progress, ceiling: undefined as unknown as null };
    await store.writeCheckpoint(encodeNetworkCheckpoint({ ...state, progress: old }));
    await trainNetwork(optionsOf(spec, { store, mode: 'resume' }));
    expect((await store.state()).arrays).toEqual((await whole.state()).arrays);
  });

  it('says that a history is lost, and goes on with the weights', async () => {
    const whole = memoryStore();
    const spec = specOf({ epochs: 6, measureEvery: 2 });
    await trainNetwork(optionsOf(spec, { store: whole }));
    const store = memoryStore();
    await trainNetwork(optionsOf(specOf({ epochs: 4, measureEvery: 2 }), { store }));
    store.records = [];
    const notes: string[] = [];
    const host = { onNote: (note: string) => notes.push(note) };
    await trainNetwork(optionsOf(spec, { store, mode: 'resume', host }));
    expect(notes).toEqual([
      'memory/records.jsonl holds 0 of the 2 records before step 4: the history of the others is lost, the state is not',
    ]);
    expect(timeless(store.records)).toEqual(timeless(whole.records.slice(2)));
    expect((await store.state()).arrays).toEqual((await whole.state()).arrays);
  });

  it('names the checkpoint whose weights are not numbers', async () => {
    const store = memoryStore();
    await trainNetwork(optionsOf(specOf({ epochs: 2 }), { store }));
    const { arrays, ...rest } = await store.state();
    const broken = new Map(
      [...arrays].map(([name, values]) => [name, name === 'W1' ? values.fill(NaN) : values]),
    );
    await store.writeCheckpoint(encodeNetworkCheckpoint({ ...rest, arrays: broken }));
    await expect(trainNetwork(optionsOf(specOf({ epochs: 3 }), { store, mode: 'resume' }))).rejects.toThrow(
      'checkpoint: finite numbers in W1, got NaN at place 0; the checkpoint is damaged',
    );
  });

  it('suggests padding where a VGG gets images that are too small', async () => {
    const vgg = specOf({ architecture: { name: 'vgg11', widthMultiplier: 0.1 }, epochs: 0 });
    await expect(trainNetwork(optionsOf(vgg))).rejects.toThrow(
      'architecture.name: images of at least 32×32 for vgg11, which halves them five times, got 8×8; data.pad: 32 pads them',
    );
  });

  it('refuses what does not belong together', async () => {
    const store = memoryStore();
    await trainNetwork(optionsOf(specOf({ epochs: 2 }), { store }));
    const resume = (changes: Partial<TrainNetworkOptions>) =>
      trainNetwork(optionsOf(specOf({ epochs: 3 }), { store, mode: 'resume', ...changes }));
    await expect(resume({ images: { ...images, checksum: 'b'.repeat(64) } })).rejects.toThrow(
      'the data that the run was started with',
    );
    await expect(resume({ spec: specOf({ epochs: 3, batch: 5 }) })).rejects.toThrow('a run of this spec');
    await expect(resume({ spec: specOf({ epochs: 1 }) })).rejects.toThrow(
      'at least the 2 epochs already done',
    );
    await expect(resume({ store: memoryStore() })).rejects.toThrow('memory holds no run yet: it begins');
    await expect(trainNetwork(optionsOf(specOf({ data: { set: 'mnist', counts: [3, 2] } })))).rejects.toThrow(
      'a count for each of the 3 classes',
    );
    await expect(
      trainNetwork(optionsOf(specOf({ data: { set: 'mnist', counts: [31, 2, 2] } }))),
    ).rejects.toThrow('31');
    await expect(trainNetwork(optionsOf(specOf({ layers: ['nowhere'] })))).rejects.toThrow('nowhere');
  });
});
