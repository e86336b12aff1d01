/** Whole measurements beside the naive definitions, invariances, and the edges. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copy, fromRows, matrix, zeros, type Matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import {
  balancedness,
  cdnv,
  classifierOf,
  createClassMoments,
  createDeviationPass,
  measuredGeometry,
  measureFeatures,
  measureSnapshot,
  type Measurement,
} from '../../src/metrics/index.js';
import { orthogonalFrame, simplexEtf, type PredictedGeometry, type Snapshot } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { apart, clouds, naiveMeasures, randomHead, times, toRows, turn, type Samples } from './naive.js';
import { allFinite, close, closeTree, float32, measured, title } from './support.js';

/** What the two ways have in common. */
function compare(m: Measurement, want: ReturnType<typeof naiveMeasures>, relative: number) {
  const { nc1, nc2, nc3, nc4, accuracy } = want;
  closeTree(
    m,
    { nc1, cdnv: want.cdnv, nc2, nc3, nc4, accuracy, counts: want.counts },
    relative,
    1e-14,
    'measure',
  );
  m.classes.forEach((one, k) => {
    close(
      one.accuracy,
      want.classAccuracy === null ? null : want.classAccuracy[k],
      1e-15,
      0,
      'class accuracy',
    );
  });
}

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('measures, %s', (_, blas) => {
  it('agree with the definitions written out: any counts, dimension, depth, bias and batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 6 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom('samples' as const, 'classes' as const),
        fc.integer(),
        async (counts, d, M, bias, batchRows, globalMean, seed) => {
          const samples = clouds({ counts, d, seed });
          const widths = [d, ...Array.from({ length: M - 1 }, (_, m) => 3 + m), counts.length];
          const head = randomHead(widths, seed + 1, bias);
          const { measurement } = await measured(samples, { blas, head, batchRows, globalMean });
          // The naive pseudo-inverse has the condition of C squared: draws that are nearly flat are left out.
          fc.pre(measurement.nc1.pinv !== null && measurement.nc1.pinv < 100);
          compare(measurement, naiveMeasures(samples, head, globalMean), 1e-8);
          expect(measurement.depth).toBe(M);
          expect(measurement.dimension).toBe(d);
          expect(measurement.rank).toBe(Math.min(d, counts.length - 1));
          allFinite(measurement);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('agree for single products of float32 features, and for the full and the projected scatter', async () => {
    for (const [d, K] of [
      [6, 5],
      [80, 4],
    ] as const) {
      const counts = Array.from({ length: K }, (_, k) => 20 + 30 * k);
      const samples = clouds({ counts, d, seed: d });
      const features = float32(samples.features);
      const wide = { ...samples, features: matrix(Float64Array.from(features.data), features.rows, d) };
      const head = randomHead([d, K], 3, true);
      const { snapshot, measurement } = await measured({ ...samples, features }, { blas, head, products: 'single', batchRows: 33 }); // prettier-ignore
      expect(snapshot.statistics.within?.kind).toBe(d === 6 ? 'full' : 'projected');
      // float32 roundings (6e-8) of random sign in sums of hundreds of products.
      compare(measurement, naiveMeasures(wide, head), 1e-6);
    }
  });

  it('add up many buffers of rows in single precision', async () => {
    // 45 000 rows: eleven buffers of 4096, so more than the eight products that are summed in float32.
    const samples = clouds({ counts: [25_000, 15_000, 5_000], d: 3, seed: 21 });
    const features = float32(samples.features);
    const run = async (products: 'single' | 'double') =>
      (await measured({ ...samples, features }, { blas, products, batchRows: 1000 })).measurement;
    // float32 sums of thousands of squares: about √4096 roundings of 6e-8 at the worst.
    closeTree((await run('single')).nc1, (await run('double')).nc1, 4e-6, 0, 'nc1');
  });

  it('do not depend on how samples are ordered or batched', async () => {
    const samples = clouds({ counts: [30, 20, 9], d: 7, seed: 1 });
    const head = randomHead([7, 4, 3], 2, true);
    const whole = (await measured(samples, { blas, head })).measurement;
    const order = Array.from({ length: 59 }, (_, i) => (i * 23) % 59);
    const shuffled = {
      features: fromRows(order.map((i) => toRows(samples.features)[i])),
      labels: Int32Array.from(order, (i) => samples.labels[i]),
    };
    for (const batchRows of [1, 7, 59])
      // Sums of 59 numbers in another order, times the condition of the means (below 10).
      closeTree((await measured(shuffled, { blas, head, batchRows })).measurement, whole, 1e-12, 1e-14);
  });

  it('do not depend on the names of the classes', async () => {
    const samples = clouds({ counts: [30, 20, 9, 4], d: 7, seed: 4 });
    const head = randomHead([7, 5, 4], 2, true);
    const renamed = [2, 0, 3, 1];
    const permuteRows = (A: Matrix) => {
      const out = copy(A);
      renamed.forEach((to, from) =>
        out.data.set(A.data.subarray(from * A.cols, (from + 1) * A.cols), to * A.cols),
      );
      return out;
    };
    const bias = permuteRows(matrix(head.bias!, 4, 1)).data;
    const a = (await measured(samples, { blas, head })).measurement;
    const b = (
      await measured(
        { ...samples, labels: samples.labels.map((y) => renamed[y]) },
        { blas, head: { weights: [head.weights[0], permuteRows(head.weights[1])], bias } },
      )
    ).measurement;
    const parts = ({ nc1, cdnv, nc2, nc3, nc4, accuracy }: Measurement) => ({
      nc1,
      cdnv,
      nc2,
      nc3,
      nc4,
      accuracy,
    });
    closeTree(parts(b), parts(a), 1e-12, 1e-14);
    renamed.forEach((to, from) => closeTree(b.classes[to], a.classes[from], 1e-13));
  });

  it('do not depend on the scale of features or head, nor on a rotation of the features', async () => {
    const d = 6;
    const samples = clouds({ counts: [30, 20, 9], d, seed: 6 });
    const head = randomHead([d, 3], 2, false);
    const a = (await measured(samples, { blas, head })).measurement;
    const random = createRandom(9);
    const { Q } = blas.qr(matrix(random.normalsInto(new Float64Array(d * d), 1), d, d));
    const product = (A: Matrix, B: Matrix) => fromRows(times(toRows(A), toRows(B)));
    const parts = ({ nc1, cdnv, nc2, nc3, nc4, accuracy }: Measurement) => ({
      nc1,
      cdnv,
      nc2,
      nc3,
      nc4,
      accuracy,
    });
    for (const scale of [1e-150, 1e-20, 3, 1e20, 1e70]) {
      const features = product(samples.features, Q);
      const W = product(head.weights[0], Q);
      features.data.forEach((x, i) => (features.data[i] = x * scale));
      W.data.forEach((x, i) => (W.data[i] = x / Math.sqrt(scale)));
      const b = (await measured({ ...samples, features }, { blas, head: { weights: [W], bias: null } }))
        .measurement;
      // Roundings of the rotation, times the condition of the means (below 10).
      closeTree(parts(b), parts(a), 1e-11, 1e-13, `scale ${scale}`);
    }
    // float32 products bring their deviations to unit size: tiny features keep their scatter.
    const tiny = matrix(
      Float32Array.from(samples.features.data, (x) => x * 1e-25),
      59,
      d,
    );
    const c = (await measured({ ...samples, features: tiny }, { blas, head, products: 'single' }))
      .measurement;
    closeTree(c.nc1, a.nc1, 1e-5, 0, 'tiny float32'); // the features themselves are rounded to 6e-8
  });

  it('keep a spread of 1e-3 at an offset of 1e8', async () => {
    const samples = clouds({ counts: [30, 20, 9], d: 5, seed: 6, offset: 1e8, spread: 1e-3 });
    const plain = {
      ...samples,
      features: matrix(
        samples.features.data.map((x) => x - 1e8),
        59,
        5,
      ),
    };
    const a = (await measured(samples, { blas })).measurement;
    const b = (await measured(plain, { blas })).measurement;
    // The means (size 1) are known to 1e8·ε = 1.5e-8; the variance is unharmed, as deviations are about those means.
    closeTree(a.nc1, b.nc1, 2e-7, 0, 'nc1');
    close(a.cdnv, b.cdnv, 2e-7);
    expect(a.rank).toBe(2);
  });

  it('find NC4 and accuracy exactly, though single products cannot tell the classes apart', async () => {
    // Class means a part in 1e9 from each other, beside one far away: float32 products see ties everywhere.
    const d = 40;
    const far = clouds({ counts: [25, 25, 25, 25], d, seed: 12, size: 1e-9, spread: 1e-9 });
    far.labels.forEach((y, i) => {
      if (y === 3) for (let j = 0; j < d; j++) far.features.data[i * d + j] += 5;
    });
    const features = float32(far.features);
    const samples: Samples = { ...far, features: matrix(Float64Array.from(features.data), 100, d) };
    const head = randomHead([d, 4], 3, false);
    const { measurement } = await measured({ ...far, features }, { blas, head, products: 'single' });
    const want = naiveMeasures(samples, head);
    expect(want.nc4).toBeGreaterThan(0);
    expect(want.nc4).toBeLessThan(1);
    expect(measurement.nc4).toBe(want.nc4);
    expect(measurement.accuracy).toBe(want.accuracy);
  });

  it('give ties to the lowest class, and use the bias', async () => {
    const features = fromRows([[-1], [-1], [1], [1], [0]]); // prettier-ignore
    const samples = { features, labels: Int32Array.of(0, 0, 1, 1, 1) };
    // Zero weights: every logit is 0, the classifier names class 0 (two of five rightly).
    const flat = await measured(samples, { blas, head: { weights: [zeros(2, 1)], bias: null } });
    expect(flat.measurement.accuracy).toBe(0.4);
    expect(flat.measurement.nc2.weights).toEqual({ orthogonal: null, etf: null, predicted: null });
    expect(flat.measurement.nc3.duality).toBeNull();
    expect(flat.measurement.nc3.orthogonal).toBeNull();
    // The bias alone decides: class 1 for all.
    const biased = await measured(samples, {
      blas,
      head: { weights: [zeros(2, 1)], bias: Float64Array.of(0, 1) },
    });
    expect(biased.measurement.accuracy).toBe(0.6);
    expect(biased.measurement.classes.map((one) => one.accuracy)).toEqual([0, 1]);
    // Two equal means: the nearest is the lower one, for every sample.
    const equal = { features: fromRows([[1], [3], [1], [3]]), labels: Int32Array.of(0, 0, 1, 1) };
    const tied = await measured(equal, {
      blas,
      head: { weights: [zeros(2, 1)], bias: Float64Array.of(0, 1) },
    });
    expect(tied.measurement.nc4).toBe(0);
    expect(tied.measurement.cdnv).toBeNull();
  });

  it('are exact on a perfect simplex ETF and on an orthogonal frame', async () => {
    const K = 5;
    const frame = simplexEtf(K);
    if (frame.kind !== 'dense') throw new Error('dense expected');
    const etf = frame.matrix;
    const labels = Int32Array.from({ length: 2 * K }, (_, i) => i % K);
    const twice = (A: Matrix) => matrix(Float64Array.of(...A.data, ...A.data), 2 * K, A.cols);
    const a = (await measured({ features: twice(etf), labels }, { blas, head: { weights: [etf], bias: null } })).measurement; // prettier-ignore
    // Roundings of numbers of size 1 over K² entries.
    closeTree(
      { nc2: a.nc2, nc3: a.nc3, nc1: a.nc1, cdnv: a.cdnv, nc4: a.nc4 },
      {
        nc1: { pinv: 0, pinvWeighted: 0, quotient: 0 },
        cdnv: 0,
        nc2: {
          equinorm: 0,
          equiangular: 0,
          cosineMean: -1 / 4,
          cosineSd: 0,
          weights: { etf: 0 },
          features: { etf: 0 },
        },
        nc3: { etf: 0, duality: 0, dualityCentred: 0 },
        nc4: 1,
      },
      1e-14,
      1e-14,
    );
    const unit = matrix(
      Float64Array.from({ length: K * K }, (_, i) => (i % (K + 1) === 0 ? 1 : 0)),
      K,
      K,
    );
    const b = (await measured({ features: twice(unit), labels }, { blas, head: { weights: [unit], bias: null } })).measurement; // prettier-ignore
    expect(b.nc2.weights.orthogonal).toBe(0);
    // The rows of P are not centred: an orthogonal frame is not an ETF. ‖Î − F̂‖² = 2 − 2√((K−1)/K).
    close(b.nc2.weights.etf, Math.sqrt(2 - 2 * Math.sqrt((K - 1) / K)), 1e-14);
    close(b.nc2.features.etf, 0, 0, 1e-14);
  });

  it('compare with a predicted geometry, diagonal or dense', async () => {
    const counts = [8, 6, 5];
    const samples = clouds({ counts, d: 7, seed: 3 });
    const head = randomHead([7, 5, 3], 3, false);
    const random = createRandom(1);
    const dense = () =>
      ({ kind: 'dense', matrix: matrix(random.normalsInto(new Float64Array(9), 1), 3, 3) }) as const;
    const predicted: PredictedGeometry = {
      weights: dense(),
      features: dense(),
      logits: dense(),
      duality: dense(),
    };
    const { measurement: m } = await measured(samples, { blas, head, predicted });
    const want = naiveMeasures(samples, head);
    const P = times(toRows(head.weights[1]), toRows(head.weights[0]));
    const rows = (frame: PredictedGeometry['weights']) =>
      frame.kind === 'dense' ? toRows(frame.matrix) : [];
    close(m.nc2.weights.predicted, apart(times(P, turn(P)), rows(predicted.weights)), 1e-12);
    close(
      m.nc2.features.predicted,
      apart(times(want.means, turn(want.means)), rows(predicted.features)),
      1e-12,
    );
    close(m.nc3.predicted, apart(times(P, turn(want.means)), rows(predicted.logits)), 1e-12);
    close(m.nc3.dualityPredicted, apart(P, times(rows(predicted.duality), want.means)), 1e-12);
    const own = measuredGeometry(m)!;
    const perfect = await measured(samples, {
      blas,
      head,
      predicted: { ...own, duality: orthogonalFrame(3) },
    });
    expect(perfect.measurement.nc2.weights.predicted).toBe(0);
    expect(perfect.measurement.nc3.predicted).toBe(0);
    close(perfect.measurement.nc3.dualityPredicted, m.nc3.duality, 1e-14);
    const four = orthogonalFrame(4);
    await expect(
      measured(samples, {
        blas,
        head,
        predicted: { weights: four, features: four, logits: four, duality: four },
      }),
    ).rejects.toThrow('predicted geometry: frames of 3 classes');
  });

  it('are defined at the edges: never NaN, never Infinity', async () => {
    const edges: [string, Samples, { rank: number }][] = [
      ['one class', clouds({ counts: [9], d: 4, seed: 1 }), { rank: 0 }],
      ['one sample', clouds({ counts: [1], d: 4, seed: 1 }), { rank: 0 }],
      ['one sample a class', clouds({ counts: [1, 1, 1], d: 4, seed: 1 }), { rank: 2 }],
      ['more classes than dimensions', clouds({ counts: [3, 3, 3, 3, 3], d: 2, seed: 1 }), { rank: 2 }],
      ['more dimensions than samples', clouds({ counts: [2, 2], d: 50, seed: 1 }), { rank: 1 }],
      ['one dimension', clouds({ counts: [5, 5, 5], d: 1, seed: 1 }), { rank: 1 }],
    ];
    const constant = clouds({ counts: [5, 6, 7], d: 4, seed: 2 });
    constant.features.data.fill(0.1);
    edges.push(['all features constant', constant, { rank: 0 }]);
    const partly = clouds({ counts: [5, 6, 7], d: 4, seed: 2 });
    for (let i = 0; i < 18; i++) partly.features.data[i * 4 + 2] = 0.1;
    edges.push(['one feature constant', partly, { rank: 2 }]);
    for (const [name, samples, { rank }] of edges) {
      for (const withHead of [false, true]) {
        const head = withHead ? randomHead([samples.features.cols, 3, samples.K], 1, true) : null;
        const { measurement: m } = await measured(samples, { blas, head, weightDecays: [1e-3, 1e-3] });
        allFinite(m, name);
        expect(m.rank, name).toBe(rank);
        expect(JSON.parse(JSON.stringify(m.nc1)), name).toEqual(m.nc1);
        if (rank === 0) {
          expect(m.nc1, name).toEqual({ pinv: null, pinvWeighted: null, quotient: null });
          expect(m.cdnv, name).toBeNull();
          expect(m.nc2.equinorm, name).toBeNull();
          expect(m.nc2.cosineMean, name).toBeNull();
        }
        expect(m.nc4 === null, name).toBe(!withHead);
        expect(m.geometry.weights === null, name).toBe(!withHead);
        expect(m.balancedness === null, name).toBe(!withHead);
      }
    }
  });

  it('have a null cosine where a class mean is the global mean', async () => {
    const features = fromRows([[-1, 0.3], [0, 0.3], [1, 0.3]]); // prettier-ignore
    const { measurement } = await measured({ features, labels: Int32Array.of(0, 1, 2) }, { blas });
    expect(measurement.nc2.cosineMean).toBeNull();
    expect(measurement.rank).toBe(1);
    // Norms 1, 0, 1: mean 2/3, sd √2/3.
    close(measurement.nc2.equinorm, Math.SQRT1_2, 1e-15);
  });

  it('state that balanced layers are balanced', () => {
    const random = createRandom(3);
    const { Q } = blas.qr(matrix(random.normalsInto(new Float64Array(16), 1), 4, 4));
    const scaled = (A: Matrix, s: number) =>
      matrix(
        A.data.map((x) => x * s),
        A.rows,
        A.cols,
      );
    // λ_2W_2ᵀW_2 = λ_1W_1W_1ᵀ: 4·(1/4) = 1.
    const even = balancedness([scaled(Q, 1), scaled(Q, 0.5)], [1, 4], blas);
    close(even[0], 0, 0, 1e-15);
    const W = randomHead([3, 4, 2], 3, false).weights;
    const A = times(turn(toRows(W[1])), toRows(W[1])).map((row) => row.map((x) => 0.3 * x));
    const B = times(toRows(W[0]), turn(toRows(W[0]))).map((row) => row.map((x) => 0.1 * x));
    const size = (X: number[][]) => Math.hypot(...X.flat());
    close(
      balancedness(W, [0.1, 0.3], blas)[0],
      size(A.map((row, i) => row.map((x, j) => x - B[i][j]))) / Math.max(size(A), size(B)),
      1e-13,
    );
    // A hidden layer wider than its neighbours together: nothing of its own width is formed, and the number is the same.
    const wide = randomHead([2, 9, 3], 4, false).weights;
    const [C, D] = [
      times(turn(toRows(wide[1])), toRows(wide[1])).map((row) => row.map((x) => 0.3 * x)),
      times(toRows(wide[0]), turn(toRows(wide[0]))).map((row) => row.map((x) => 0.1 * x)),
    ];
    close(
      balancedness(wide, [0.1, 0.3], blas)[0],
      size(C.map((row, i) => row.map((x, j) => x - D[i][j]))) / Math.max(size(C), size(D)),
      1e-13,
    );
    const huge = randomHead([1, 100_000, 2], 5, false).weights;
    expect(balancedness(huge, [1, 1], blas)[0]).toBeGreaterThan(0.5);
    expect(balancedness([zeros(4, 3), zeros(2, 4)], [1, 1], blas)).toEqual([null]);
    expect(balancedness([W[0]], [1], blas)).toEqual([]);
    expect(() => balancedness(W, [1], blas)).toThrow('one for each of 2 layers');
  });

  it('refuse a head that does not fit, a second pass that differs, and a source that breaks its word', async () => {
    const samples = clouds({ counts: [4, 4], d: 3, seed: 1 });
    const run = (head: Parameters<typeof classifierOf>[0]) => measured(samples, { blas, head });
    await expect(run({ weights: [zeros(4, 3), zeros(2, 5)], bias: null })).rejects.toThrow('W2: 4 columns');
    await expect(run({ weights: [zeros(2, 4)], bias: null })).rejects.toThrow('W1: 3 columns');
    await expect(run({ weights: [zeros(1, 3)], bias: null })).rejects.toThrow(
      'a class number from 0 to 0, got 1',
    );
    await expect(run({ weights: [zeros(3, 3)], bias: null })).rejects.toThrow('no sample of class 2');
    await expect(run({ weights: [zeros(2, 3)], bias: new Float64Array(3) })).rejects.toThrow(
      'bias: 2 entries',
    );
    await expect(run({ weights: [], bias: null })).rejects.toThrow('at least one layer');
    const odd = zeros(2, 3);
    odd.data[1] = NaN;
    await expect(run({ weights: [odd], bias: null })).rejects.toThrow('W1: finite numbers');

    const moments = createClassMoments({ dimension: 3, scatter: { kind: 'none' } });
    moments.add(samples.features, samples.labels);
    const pass = createDeviationPass({
      statistics: moments.statistics(),
      classifier: null,
      products: 'double',
      blas,
    });
    pass.add(matrix(samples.features.data.subarray(0, 9), 3, 3), samples.labels.subarray(0, 3));
    expect(() => pass.result()).toThrow('the samples of the first pass');
    const bad = copy(samples.features);
    bad.data[4] = Infinity;
    expect(() => pass.add(bad, samples.labels)).toThrow('Infinity at sample 4, column 1');

    await expect(
      measureFeatures(
        {
          samples: 9,
          dimension: 3,
          kind: 'float64',
          async *batches() {
            yield await Promise.resolve({ features: samples.features, labels: samples.labels });
          },
        },
        { blas },
      ),
    ).rejects.toThrow('features: 9 samples, as declared, got 8');
  });

  it('report progress over both passes', async () => {
    const samples = clouds({ counts: [10, 10], d: 3, seed: 1 });
    const seen: number[] = [];
    await measured(samples, { blas, batchRows: 8, onProgress: (done, total) => seen.push(done, total) });
    expect(seen).toEqual([8, 40, 16, 40, 20, 40, 28, 40, 36, 40, 40, 40]);
  });

  it('measure a snapshot that a trainer made: a factor, no variances, no samples', () => {
    const random = createRandom(5);
    const means = matrix(random.normalsInto(new Float64Array(12), 1), 3, 4);
    const X = matrix(random.normalsInto(new Float64Array(8), 0.1), 2, 4);
    const withinTrace = X.data.reduce((sum, x) => sum + x * x, 0);
    const snapshot: Snapshot = {
      statistics: { counts: [5, 4, 3], means, variances: null, withinTrace, within: { kind: 'factor', X } },
      head: randomHead([4, 3], 1, true),
      agreement: null,
    };
    const m = measureSnapshot(snapshot, { blas });
    expect([m.cdnv, m.nc4, m.accuracy, m.balancedness]).toEqual([null, null, null, null]);
    expect(m.samples).toBe(12);
    expect(m.nc1.pinv).toBeGreaterThan(0);
    expect(() =>
      measureSnapshot({ ...snapshot, statistics: { ...snapshot.statistics, counts: [1, 2] } }, { blas }),
    ).toThrow('3 counts');
    const many = { counts: new Array<number>(131073).fill(1), means: zeros(131073, 1), variances: null, withinTrace: 0, within: null }; // prettier-ignore
    expect(() => measureSnapshot({ statistics: many, head: null, agreement: null }, { blas })).toThrow(
      '131072 classes',
    );
  });
});

describe('cdnv', () => {
  it('keeps its digits where the Gram matrix cancels', () => {
    // Two means 1e-6 apart at distance 1 from the common point: the Gram matrix alone would know the square to 1e-4.
    const C = fromRows([[1, 1e-6], [1, 0]]); // prettier-ignore
    const gram = fromRows([[1 + 1e-12, 1], [1, 1]]); // prettier-ignore
    close(cdnv(C, gram, Float64Array.of(1e-12, 3e-12)), 2, 1e-12);
    expect(cdnv(C, gram, null)).toBeNull();
  });
});
