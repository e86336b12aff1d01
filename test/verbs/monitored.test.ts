/** A monitored run measured against whole features of the same network, which the companion collected beside. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { matrix, type Matrix } from '../../src/core/matrix.js';
import { openArrayFile } from '../../src/data/fileSource.node.js';
import { integers } from '../../src/data/index.js';
import { batchesOf, measureFeatures, type Measurement } from '../../src/metrics/index.js';
import { openMonitorFolder } from '../../src/runs/monitorFolder.node.js';
import type { MonitoredEpoch, MonitoredSplit, MonitorManifest, MonitorStore } from '../../src/runs/index.js';
import { describeEnd } from '../../src/cli/monitorOutput.js';
import { measureMonitored, recordsOfSeries, type MonitorDocument } from '../../src/verbs/index.js';
import { hasFile, readEpoch } from '../../src/verbs/measure/monitored/epochs.js';
import { snapshotsOf } from '../../src/verbs/measure/monitored/snapshots.js';
import { measureTestSamples } from '../../src/verbs/measure/monitored/testSamples.js';
import { checkHead } from '../../src/verbs/measure/monitored/headCheck.js';
import { lossOf } from '../../src/verbs/measure/monitored/setting.js';
import { weightsInBatches } from '../../src/verbs/measure/monitored/steps.js';
import { readRecords } from '../../src/runs/index.js';

const GOLDEN = new URL('../golden/monitor/', import.meta.url).pathname;
const blas = portableBlas;

interface Collected {
  readonly features: Matrix;
  readonly labels: Int32Array;
  readonly logits: Matrix;
  readonly weights: readonly Matrix[];
  readonly bias: Float64Array;
}

async function collected(name: string): Promise<Collected> {
  const file = await openArrayFile(`${GOLDEN}${name}.safetensors`);
  const read = async (array: string): Promise<Matrix> => {
    const entry = await file.get(array);
    return matrix(await entry.all(), entry.rowCount, entry.rowLength);
  };
  const arrays = {
    features: await read('features'),
    labels: await integers(await file.get('labels')),
    logits: await read('logits'),
    weights: [await read('W1'), await read('W2')],
    bias: await (await file.get('b2')).all(),
  };
  await file.close();
  return arrays;
}

async function measured(instead = {}, store?: MonitorStore): Promise<MonitorDocument> {
  return measureMonitored({ store: store ?? (await openMonitorFolder(`${GOLDEN}run`)), instead, blas });
}

/** The same run with another manifest. */
async function withManifest(change: Partial<MonitorManifest>): Promise<MonitorStore> {
  const store = await openMonitorFolder(`${GOLDEN}run`);
  return { ...store, manifest: { ...store.manifest, ...change } };
}

/** Every number of a document beside that of another, to 1e-9. */
function expectClose(actual: unknown, expected: unknown, where = ''): void {
  if (typeof expected === 'number' && typeof actual === 'number')
    expect(Math.abs(actual - expected), where).toBeLessThanOrEqual(1e-9 * Math.max(1e-3, Math.abs(expected)));
  else if (typeof expected === 'object' && expected !== null)
    for (const [key, value] of Object.entries(expected))
      expectClose((actual as Record<string, unknown>)[key], value, `${where}.${key}`);
  else expect(actual, where).toEqual(expected);
}

const product = (X: Matrix, W: Matrix): Matrix => {
  const out = matrix(new Float64Array(X.rows * W.rows), X.rows, W.rows);
  blas.gemm('N', 'T', 1, X, W, 0, out);
  return out;
};

describe('a monitored run', () => {
  it('has the measures of the whole features, layer by layer', async () => {
    const { features, labels, weights, bias } = await collected('train');
    const document = await measured();
    const last = document.series.at(-1)!;
    expect(last.epoch).toBe(300);
    const measure = async (X: Matrix, from: number): Promise<Measurement> =>
      (
        await measureFeatures(batchesOf(X, labels), {
          blas,
          classes: 3,
          head: from < 2 ? { weights: weights.slice(from), bias } : null,
        })
      ).measurement;
    const z1 = product(features, weights[0]);
    const z2 = product(z1, weights[1]);
    const whole = [await measure(features, 0), await measure(z1, 1), await measure(z2, 2)];
    const withoutTheory = ({ nc1, cdnv, nc2, nc4, rank }: Measurement) => ({
      nc1,
      cdnv,
      nc4,
      rank,
      nc2: { equinorm: nc2.equinorm, cosineMean: nc2.cosineMean, cosineSd: nc2.cosineSd },
    });
    expectClose(last, { ...withoutTheory(whole[0]), accuracy: whole[0].accuracy });
    expectClose(last.nc3.duality, whole[0].nc3.duality);
    expect(last.layers.map(({ name }) => name)).toEqual(['body.0', 'features', 'z1', 'z2']);
    whole.forEach(({ nc1, cdnv, nc2 }, m) => {
      expectClose(last.layers[m + 1], { nc1, cdnv, nc2: { equinorm: nc2.equinorm } });
    });
    // Of the logits no head is left that could agree; of z1 it is that of the network.
    expectClose(last.layers[2].nc4, whole[1].nc4);
    last.classes.forEach(({ count, weightNorm, featureNorm, accuracy }, k) =>
      expectClose({ count, weightNorm, featureNorm, accuracy }, whole[0].classes[k]),
    );
  });

  it('loses no class at an epoch after which training may go on', async () => {
    const store = await openMonitorFolder(`${GOLDEN}run`);
    const first = { ...store, epochs: store.epochs.slice(0, 1) };
    const at = async (ended: boolean) => measureMonitored({ store: first, instead: {}, ended, blas });
    const ofClasses = ({ series }: MonitorDocument) => series[0].classes.map((each) => each.measured);
    const end = await at(true);
    expect(ofClasses(end)).toEqual(['lost', null, 'lost']);
    expect(end.verdict!.sentence).toContain('are lost though they live');
    const going = await at(false);
    expect(ofClasses(going)).toEqual([null, null, null]);
    expect(going.verdict!.held).toBeNull();
    expect(going.verdict!.sentence).toMatch(/^Not there yet: classes 0–2 are neither alive nor zero yet/);
  });

  it('holds test samples against the class means of training', async () => {
    const [train, test] = [await collected('train'), await collected('test')];
    const d = train.features.cols;
    const means = [0, 1, 2].map((k) => meanOf(train, k));
    const global = meanOf(train, null);
    const N = test.labels.length;
    let [trace, right, nearest, agree] = [0, 0, 0, 0];
    const scatter = matrix(new Float64Array(d * d), d, d);
    test.labels.forEach((y, i) => {
      const x = test.features.data.subarray(i * d, (i + 1) * d);
      const distances = means.map((mean) => mean.reduce((sum, m, j) => sum + (x[j] - m) ** 2, 0));
      const closest = distances.indexOf(Math.min(...distances));
      const row = Array.from(test.logits.data.subarray(i * 3, (i + 1) * 3));
      const chosen = row.indexOf(Math.max(...row));
      trace += distances[y] / N;
      right += Number(chosen === y);
      nearest += Number(closest === y);
      agree += Number(closest === chosen);
      for (let a = 0; a < d; a++)
        for (let b = 0; b < d; b++)
          scatter.data[a * d + b] += ((x[a] - means[y][a]) * (x[b] - means[y][b])) / N;
    });
    const centred = means.map((mean) => mean.map((m, j) => m - global[j]));
    const between = centred.flat().reduce((sum, c) => sum + c * c, 0) / 3;
    const measuredTest = (await measured()).series.at(-1)!.test!;
    expectClose(measuredTest, {
      samples: N,
      accuracy: right / N,
      nc4: agree / N,
      nccAccuracy: nearest / N,
      nc1: { quotient: trace / between, pinv: pinvTrace(scatter, centred) },
    });
  });

  it('is held against one theory, with the λ_H of its last epoch', async () => {
    const document = await measured();
    expect(document.predictionNote).toBeNull();
    expect(document.fittedFeatureDecay?.epoch).toBe(300);
    expect(document.prediction?.problem).toMatchObject({
      loss: 'ce',
      bias: 'free',
      weightDecays: [2e-3, 2e-3],
      featureDecay: document.fittedFeatureDecay?.value,
    });
    const norms = document.series.map(({ classes }) => classes.map((each) => each.predictedWeightNorm));
    expect(norms[0]).toEqual(norms[2]);
    expect(document.verdict?.sentence).toContain('alive');
  });

  it('is replayed as records of a training', async () => {
    const records = recordsOfSeries(await measured());
    const { records: back, damage } = readRecords(records.map((one) => JSON.stringify(one)).join('\n'));
    expect(damage).toBeNull();
    expect(back).toEqual(records);
    expect(back.map(({ network }) => network?.epoch)).toEqual([0, 10, 300]);
    expect(back[2].network?.testAccuracy).toBe(1);
  });

  it('has the five largest outputs where the companion counted them', async () => {
    const store = await openMonitorFolder(`${GOLDEN}run`);
    const tensors = (await readEpoch(store, store.epochs.filter(hasFile)[2], 0)).tensors;
    const split = (part: MonitoredSplit, amongFive: number[]): MonitoredSplit => ({ ...part, amongFive });
    const counted = {
      ...tensors,
      train: split(tensors.train, [30, 15, 10]),
      test: split(tensors.test!, [8, 5, 1]),
    };
    const { features, test } = snapshotsOf(counted, store.manifest, 0);
    // 30 + 20 + 10 training samples and 8 + 5 + 4 test samples.
    expect(features.snapshot.agreement?.top5Accuracy).toBe(55 / 60);
    expect(measureTestSamples(features, test, blas)?.top5Accuracy).toBe(14 / 17);
    const document = await measured();
    expect(document.series[2]).toMatchObject({ top5Accuracy: null, test: { top5Accuracy: null } });
    expect(recordsOfSeries(document)[2].network).not.toHaveProperty('top5Accuracy');
    const shown = { ...document.series[2], top5Accuracy: 0.75 as number | null };
    const record = recordsOfSeries({ ...document, series: [shown] })[0];
    expect(record.network).toMatchObject({ top5Accuracy: 0.75, testTop5Accuracy: null });
    expect(readRecords(JSON.stringify(record)).records).toEqual([record]);
    const said = (point: typeof shown) =>
      describeEnd({ ...document, series: [point] }, 80, null).filter((block) => typeof block === 'string');
    expect(said(shown)).toContain('top 5: 75.00 % of training samples');
    expect(said({ ...shown, top5Accuracy: null }).join()).not.toContain('top 5');
  });

  it('says why there is no prediction', async () => {
    const { manifest } = await openMonitorFolder(`${GOLDEN}run`);
    const [first, last] = manifest.head;
    const loss = manifest.loss!;
    const cases: [Partial<MonitorManifest>, string][] = [
      [{ loss: null }, 'was not given the loss'],
      [{ loss: { ...loss, name: 'bce' } }, 'binary cross-entropy'],
      [{ loss: { ...loss, name: 'other', module: 'TripletLoss' } }, 'TripletLoss'],
      [{ loss: { ...loss, reduction: 'sum' } }, 'needs their size'],
      [{ loss: { ...loss, classWeights: [1, 2, 3], name: 'mse', reduction: 'none' } }, 'reduction none'],
      [{ loss: { ...loss, name: 'nll', module: 'NLLLoss' } }, 'is nn.CrossEntropyLoss meant'],
      [{ optimizer: { name: 'Sophia', decoupled: null, groups: [] } }, 'whether Sophia decays weights'],
      [{ optimizer: null }, 'was not given the optimiser'],
      [{ optimizer: { name: 'AdamW', decoupled: true, groups: [] } }, 'AdamW decays weights beside'],
      [{ head: [{ ...first, weightDecay: null }, last] }, 'train the weight of head.0'],
      [{ head: [first, { ...last, biasDecay: null }] }, 'does not train the bias of head.1'],
    ];
    for (const [change, words] of cases) {
      const document = await measured({}, await withManifest(change));
      expect(document.predictionNote).toContain(words);
      expect(document.prediction).toBeNull();
      expect(document.series).toHaveLength(3);
    }
  });

  it('converts decays of losses with other scales', async () => {
    const { manifest } = await openMonitorFolder(`${GOLDEN}run`);
    const mse = { ...manifest.loss!, name: 'mse' } as const;
    const decays = async (reduction: string, name: 'mse' | 'ce' = 'mse') => {
      const store = await withManifest({ loss: { ...mse, name, reduction } });
      const epochs = store.epochs.map((line) => ({ ...line, batch: 20 }));
      return (await measured({}, { ...store, epochs })).prediction?.problem.weightDecays[0];
    };
    expect(await decays('mean')).toBeCloseTo((2e-3 * 3) / 2, 15);
    expect(await decays('paper')).toBe(2e-3);
    expect(await decays('sum')).toBeCloseTo(2e-3 / 40, 15);
    expect(await decays('sum', 'ce')).toBeCloseTo(2e-3 / 20, 15);
  });

  it('counts the steps of an epoch where the loss is summed', async () => {
    const { manifest } = await openMonitorFolder(`${GOLDEN}run`);
    const loss = { ...manifest.loss!, reduction: 'sum' };
    const decay = async (line: Partial<MonitoredEpoch>) => {
      const store = await withManifest({ loss });
      const epochs = store.epochs.map((epoch) => ({ ...epoch, ...line }));
      const { prediction, lossConvention } = await measured({}, { ...store, epochs });
      return [prediction?.problem.weightDecays[0], lossConvention];
    };
    // 60 samples: batches of 25 are three steps, λ = wd·3/60; without the last, 50 samples in two.
    expect(await decay({ steps: 3 })).toEqual([1e-4, expect.stringContaining('3 steps an epoch of 60')]);
    expect(await decay({ steps: 3, batch: 25 })).toEqual([1e-4, expect.stringContaining('3 steps')]);
    expect((await decay({ steps: 2, batch: 25 }))[0]).toBeCloseTo(2e-3 / 25, 15);
    const guessed = await decay({ batch: 25 });
    expect(guessed[0]).toBeCloseTo(2e-3 / 25, 15);
    expect(guessed[1]).toContain('λ is 25 % more');
    expect(await decay({ steps: 3, ranks: 2 })).toEqual([
      2e-4,
      expect.stringContaining('averaged over 2 processes'),
    ]);
    expect((await decay({}))[0]).toBeUndefined();
  });

  it('says what class weights do to an average over batches, as random batches do it', () => {
    const [counts, weights, B] = [[900, 90, 10], [1, 10, 90], 32];
    const sentence = weightsInBatches(B, counts, weights).join();
    const random = createRandom(3);
    const labels = counts.flatMap((n, k) => new Array<number>(n).fill(k));
    const sums = [0, 0, 0];
    const SHUFFLES = 3000;
    for (let s = 0; s < SHUFFLES; s++) {
      // Every sample with B − 1 others.
      const others = Array.from(
        { length: B - 1 },
        () => weights[labels[Math.floor(1000 * random.uniform())]],
      );
      const rest = others.reduce((a, b) => a + b, 0);
      weights.forEach((w, k) => (sums[k] += (B * w) / (w + rest) / SHUFFLES));
    }
    const mean = (900 + 900 + 900) / 1000;
    const less = 100 * (1 - sums[2] / (weights[2] / mean));
    const said = Number(/class 2 counts about (\d+) % less/.exec(sentence)?.[1]);
    // To first order in 1/B: this one is far from small.
    expect(said / less).toBeGreaterThan(0.8);
    expect(said / less).toBeLessThan(1.4);
    expect(weightsInBatches(B, [50, 50], [1, 1])).toEqual([]);
    expect(weightsInBatches(null, counts, weights)).toEqual([]);
  });

  it('takes the word of a user for loss and decays', async () => {
    const store = await withManifest({ loss: null, optimizer: null });
    const document = await measured({ loss: 'mse', weightDecays: [1e-3], featureDecay: 1e-4 }, store);
    expect(document.prediction?.problem).toMatchObject({ loss: 'mse', featureDecay: 1e-4 });
    expect(document.fittedFeatureDecay).toBeNull();
  });
});

describe('whether training had ended', () => {
  const last = async (version: number, end: MonitorStore['end'], ended?: boolean) => {
    const store = await withManifest({ version });
    const document = await measureMonitored({ store: { ...store, end }, instead: {}, blas, ended });
    const { verdict, notes } = document;
    return { ended: document.ended, opening: verdict?.sentence.slice(0, 6), note: notes.at(-1) ?? '' };
  };

  it.each([
    [2, { why: 'epochs', epoch: 300 }, true, ''],
    [2, { why: 'exit', epoch: 300 }, true, ''],
    [2, null, false, 'this training had not ended at its last record: it goes on, or was killed'],
    [2, { why: 'exception', epoch: 310 }, false, 'stopped by an exception after epoch 310'],
    [2, { why: 'said', epoch: 399 }, true, 'it went on to epoch 399, and Monitor(…, epochs=400)'],
    [1, null, null, 'of version 1, does not say whether training had ended'],
  ] as const)('is what a folder of version %d says with the mark %j', async (version, end, ended, note) => {
    const document = await last(version, end);
    expect(document.ended).toBe(ended);
    expect(document.note).toContain(note);
    const settled = note === '' || ended === null;
    expect(document.opening).toBe(settled ? 'Classe' : 'Not th');
  });

  it('is what the user says', async () => {
    expect(await last(2, null, true)).toEqual({ ended: true, opening: 'Classe', note: '' });
    expect((await last(1, null, false)).opening).toBe('Not th');
  });
});

describe('the check of the head', () => {
  const W = matrix(Float64Array.of(1, 2, -1, 0.5, 3, 1), 3, 2);
  const features = matrix(Float64Array.of(1, 1, 2, -1, 0.5, 3, -1, 2), 4, 2);
  const head = { weights: [W], bias: Float64Array.of(0.5, 0, -1) };
  const z = product(features, W).data.map((value, i) => value + head.bias[i % 3]);
  const finding = (logits: Float64Array) =>
    checkHead(head, { features, logits: matrix(logits, 4, 3) }, 'single', blas);

  it('names what a network makes of the logits', () => {
    expect(finding(z)).toMatchObject({ finding: 'same', samples: 4, largestDifference: 0 });
    expect(finding(z.map((value, i) => value - Math.floor(i / 3))).finding).toBe('per sample');
    const sums = [0, 1, 2, 3].map((n) =>
      Math.log(z.slice(3 * n, 3 * n + 3).reduce((a, x) => a + Math.exp(x), 0)),
    );
    expect(finding(z.map((value, i) => value - sums[Math.floor(i / 3)])).finding).toBe('log-softmax');
    expect(finding(z.map((value, i) => value + (i % 3))).finding).toBe('per class');
    expect(finding(z.map((value) => 4 * value))).toMatchObject({ finding: 'scaled', scale: 4 });
    const norm = (X: Matrix, i: number) => Math.hypot(X.data[2 * i], X.data[2 * i + 1]);
    const cosines = product(features, W).data.map(
      (value, i) => (7 * value) / norm(features, Math.floor(i / 3)) / norm(W, i % 3),
    );
    const cosine = finding(cosines);
    expect(cosine.finding).toBe('cosine');
    expect(cosine.scale).toBeCloseTo(7, 12);
    expect(finding(z.map((value, i) => value + Math.sin(i * i)))).toMatchObject({ finding: 'other' });
  });

  it('decides which losses the head answers for', () => {
    const manifest = (name: 'nll' | 'mse') => ({
      loss: { ...{ name, reduction: 'mean', labelSmoothing: 0 }, classWeights: null, module: null },
      outputs: 3,
    });
    const epoch = { batch: null, samples: 60, steps: null, ranks: null };
    const lossFor = (name: 'nll' | 'mse', finding: 'same' | 'log-softmax') =>
      lossOf(manifest(name), epoch, { counts: [30, 20, 10], depth: 2, finding }, {});
    expect(lossFor('nll', 'log-softmax')).toMatchObject({ loss: 'ce', factor: 1 });
    expect(lossFor('mse', 'same')).toMatchObject({ loss: 'mse', factor: 1.5 });
    expect(lossFor('mse', 'log-softmax')).toMatchObject({ problem: null });
    expect(lossFor('nll', 'same')).toMatchObject({ problem: null });
  });

  it('stands in the document where the network is another', async () => {
    const store = await openMonitorFolder(`${GOLDEN}run`);
    const bytes = await readFile(`${GOLDEN}run/epochs/000300.safetensors`);
    expect(bytes.length).toBe(store.epochs[2].bytes);
    const { openArrays, memorySource } = await import('../../src/data/index.js');
    const length = Number(bytes.readBigUInt64LE(0));
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<
      string,
      { data_offsets: number[] }
    >;
    const [begin] = header['sample.logits'].data_offsets;
    bytes.writeDoubleLE(99, 8 + length + begin);
    const other: MonitorStore = {
      ...store,
      openEpoch: (epoch) =>
        epoch.file.includes('300') ? openArrays(memorySource('other', bytes)) : store.openEpoch(epoch),
    };
    const document = await measured({}, other);
    expect(document.headCheck.finding).toBe('other');
    expect(document.notes[0]).toContain('is not the network: its logits differ by up to');
    expect(document.predictionNote).toBe('no prediction: the head is not what the network computes');
  });
});

function meanOf({ features, labels }: Collected, k: number | null): number[] {
  const rows = Array.from(labels.keys()).filter((i) => k === null || labels[i] === k);
  const d = features.cols;
  return Array.from({ length: d }, (_, j) => {
    return rows.reduce((sum, i) => sum + features.data[i * d + j], 0) / rows.length;
  });
}

/** tr(Σ·Σ_B⁺)/3 for centred means of rank 2, by the pseudo-inverse of the 3×3 Gram matrix: Σ_B⁺ = 3·Cᵀ(CCᵀ)⁺²C. */
function pinvTrace(S: Matrix, C: readonly (readonly number[])[]): number {
  const gram = C.map((a) => C.map((b) => a.reduce((sum, x, j) => sum + x * b[j], 0)));
  const projected = C.map((a) =>
    C.map((b) =>
      a.reduce((sum, x, i) => sum + x * b.reduce((inner, y, j) => inner + S.data[i * S.cols + j] * y, 0), 0),
    ),
  );
  const { U, s } = blas.svd(matrix(Float64Array.from(gram.flat()), 3, 3));
  let trace = 0;
  for (let i = 0; i < 2; i++)
    for (let a = 0; a < 3; a++)
      for (let b = 0; b < 3; b++)
        trace += (U.data[a * 3 + i] * projected[a][b] * U.data[b * 3 + i]) / s[i] ** 2;
  return trace;
}
