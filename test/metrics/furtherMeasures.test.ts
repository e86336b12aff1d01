/**
 * Measures beside NC1 … NC4, by the numbers of the PyPI library neural-collapse (github.com/rhubarbwu/neural-collapse at c05a0b8,
 * PyTorch 2.15, float64 but for its kernels, whose grids are float32) on `test/cases/state_dict_names.npz`.
 */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { matrix } from '../../src/core/matrix.js';
import { openArrayFile } from '../../src/data/fileSource.node.js';
import {
  batchesOf,
  furtherMeasures,
  measureFeatures,
  measureOutOfDistribution,
  measureTest,
  uniformity,
  type GlobalMean,
} from '../../src/metrics/index.js';
import { openFeatureFile } from '../../src/verbs/index.js';

const blas = portableBlas;
/** The library divides by n + ε and its kernels have float32 grids. */
const SAME = 1e-6;
const near = (value: number | null | undefined, expected: number, tolerance = SAME) => {
  expect(Math.abs((value ?? NaN) - expected)).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(expected)),
  );
};

async function measured(globalMean: GlobalMean) {
  const file = await openArrayFile(new URL('../cases/state_dict_names.npz', import.meta.url).pathname);
  const { batches, head } = await openFeatureFile(file);
  const { snapshot, measurement } = await measureFeatures(batches, { blas, head, globalMean });
  await file.close();
  return { snapshot, measurement, further: furtherMeasures(snapshot, measurement, { blas, globalMean }) };
}

describe.each([
  [
    'classes',
    ...[0.03429212814139821, 0.07467412126044326, 0.03589966599553508, 0.08836646875810893],
    { mean: 2.693135322208639, variance: 0.006342307108858919 },
    { mean: 0.7613216942248756, variance: 0.02588826276929515 },
    {
      distance: [1.6325510740280151, 0.0003021924931090325],
      log: [-0.49008724093437195, 0.00011311044363537803],
    },
    0.22998206317424774,
  ],
  [
    'samples',
    ...[0.0273716534569747, 0.05756136922508303, 0.33210443059920036, 0.7272187099670611],
    { mean: 2.694695471841759, variance: 0.7692039153268895 },
    { mean: 0.7058791160384611, variance: 0.021620982442864218 },
    {
      distance: [1.5359283685684204, 0.07009678333997726],
      log: [-0.41440096497535706, 0.029334843158721924],
    },
    0.32674267888069153,
  ],
] as const)(
  'with the global mean over %s',
  (globalMean, pinv, quotient, norms, etf, dots, cosines, kernels, riesz) => {
    it('agrees with the library neural-collapse', async () => {
      const { measurement, further } = await measured(globalMean);
      near(measurement.nc1.pinv, pinv);
      near(measurement.nc1.quotient, quotient);
      near(measurement.nc2.equinorm, norms);
      near(measurement.nc2.features.etf, etf);
      expect(measurement.conventions.globalMean).toBe(globalMean);
      near(further.similarities?.mean, dots.mean);
      near(further.similarities?.variance, dots.variance);
      near(further.similarities?.cosineMean, cosines.mean);
      near(further.similarities?.cosineVariance, cosines.variance);
      const { means } = further.uniformity;
      near(means?.distance.mean, kernels.distance[0]);
      near((means?.distance.sd ?? NaN) ** 2, kernels.distance[1]);
      near(means?.log.mean, kernels.log[0]);
      near((means?.log.sd ?? NaN) ** 2, kernels.log[1]);
      near(means?.riesz?.mean, riesz);
      expect(means?.riesz?.order).toBe(3);
    });
  },
);

it('measures rows of the head and classes as the library does', async () => {
  const { further, measurement, snapshot } = await measured('samples');
  near(further.nc2Rows?.equinorm, 0.23180329971793398);
  near(further.nc2Rows?.equiangular, 0.27539323930692167);
  near(further.uniformity.rows?.distance.mean, 1.5030800104141235);
  near(further.uniformity.rows?.log.mean, -0.394533634185791);
  near(further.uniformity.rows?.riesz?.mean, 0.355020135641098);
  near(Math.exp(further.uniformity.rows?.riesz?.logMean ?? NaN), 0.355020135641098);
  const variances = [0.19912662823744517, 0.17064386600532505, 0.16255913185114515, 0.13347618836900588];
  further.classes.forEach((each, k) => {
    near(each.variance, variances[k]);
    const n = measurement.counts[k];
    near(each.unbiasedVariance, (variances[k] * n) / (n - 1));
    near(each.agreement, [59 / 60, 1, 1, 1][k]);
    near(each.nccAccuracy, 1);
  });
  near(further.cdnvPairs?.[0][1], 0.028003858402371407);
  near(further.cdnvPairs?.[2][3], 0.022301800549030304);
  near(further.nccAccuracy, 1);
  const other = batchesOf(
    matrix(
      Float64Array.from({ length: 15 }, (_, i) => (i % 7) - 2),
      3,
      5,
    ),
    new Int32Array(3),
  );
  const { nc5, samples } = await measureOutOfDistribution(other, snapshot.statistics.means);
  near(nc5, 0.5664772522034923);
  expect(samples).toBe(3);
});

it('is unbiased: over many draws the corrected numbers have the variance that they were drawn with', async () => {
  const random = createRandom(11);
  const counts = [2, 3, 6];
  const labels = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  const d = 4;
  const draws = 400;
  const sums = counts.map(() => 0);
  const biased = counts.map(() => 0);
  let quotient = 0;
  for (let draw = 0; draw < draws; draw++) {
    const X = random.normalsInto(new Float64Array(labels.length * d), 1);
    labels.forEach((k, i) => (X[i * d + k] += 10));
    const { snapshot, measurement } = await measureFeatures(batchesOf(matrix(X, labels.length, d), labels), {
      blas,
    });
    const further = furtherMeasures(snapshot, measurement, { blas });
    further.classes.forEach(({ variance, unbiasedVariance }, k) => {
      sums[k] += (unbiasedVariance ?? NaN) / draws;
      biased[k] += (variance ?? NaN) / draws;
    });
    quotient += (further.nc1Unbiased.quotient ?? NaN) / (measurement.nc1.quotient ?? NaN) / draws;
  }
  // A variance of d = 4, estimated to about d·√(2/(d·draws·(n − 1))).
  counts.forEach((n, k) => {
    expect(Math.abs(sums[k] - d)).toBeLessThan(4 * d * Math.sqrt(2 / (d * draws * (n - 1))));
    expect(biased[k] / sums[k]).toBeCloseTo((n - 1) / n, 10);
  });
  // Σ n_k v_k is low by (N − K)/N on average.
  expect(quotient).toBeGreaterThan(1.2);
  expect(quotient).toBeLessThan(1.6);
});

it('has no variance of a class of one sample, and leaves it out of the unbiased quotient', async () => {
  const X = matrix(Float64Array.of(0, 0, 2, 0, 10, 0, 10, 4, 0, 9), 5, 2);
  const { snapshot, measurement } = await measureFeatures(batchesOf(X, Int32Array.of(0, 0, 1, 1, 2)), {
    blas,
  });
  const { classes, singletons, nc1Unbiased } = furtherMeasures(snapshot, measurement, { blas });
  expect(singletons).toEqual([2]);
  expect(classes.map(({ unbiasedVariance }) => unbiasedVariance)).toEqual([2, 8, null]);
  expect(classes.map(({ variance }) => variance)).toEqual([1, 4, 0]);
  // Means (1, 0), (10, 2), (0, 9) about (4.4, 2.6): tr Σ_B = (18.32 + 31.72 + 60.32)/3; mean of 2 and 8 weighted 2 : 2.
  near(nc1Unbiased.quotient, 5 / ((18.32 + 31.72 + 60.32) / 3), 1e-12);
  near(nc1Unbiased.pinv, ((measurement.nc1.pinv ?? NaN) * 5) / 2, 1e-12);
});

it('is uniform on a simplex, and not where directions coincide', () => {
  const simplex = matrix(Float64Array.of(1, 1, 1, 1, -1, -1, -1, 1, -1, -1, -1, 1), 4, 3);
  const spread = uniformity(simplex, portableBlas);
  // cos = −1/3: r² = 8/3.
  expect(spread?.distance.mean).toBeCloseTo(Math.sqrt(8 / 3), 14);
  expect(spread?.distance.sd).toBeCloseTo(0, 14);
  expect(spread?.log.mean).toBeCloseTo(-Math.log(8 / 3) / 2, 14);
  expect(spread?.riesz).toEqual({
    order: 1,
    mean: expect.closeTo(Math.sqrt(3 / 8), 14) as number,
    logMean: expect.closeTo(-Math.log(8 / 3) / 2, 14) as number,
  });
  expect(uniformity(matrix(Float64Array.of(1, 0, 2, 0, 0, 1), 3, 2), portableBlas)?.log).toEqual({
    mean: null,
    sd: null,
  });
  expect(uniformity(matrix(Float64Array.of(1, 0, 0, 0), 2, 2), portableBlas)).toBeNull();
  // Of d = 2048 the Riesz kernel itself underflows.
  const far = matrix(
    Float64Array.from({ length: 2 * 2048 }, (_, i) => (i === 0 || i === 4095 ? 1 : 0)),
    2,
    2048,
  );
  expect(uniformity(far, portableBlas)?.riesz).toEqual({
    ...{ order: 2046, mean: expect.anything() as unknown },
    logMean: expect.closeTo(-1023 * Math.log(2), 9) as number,
  });
});

describe('test samples about the means of training', () => {
  const random = createRandom(3);
  const draw = (counts: readonly number[], spread: number) => {
    const labels = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
    const X = random.normalsInto(new Float64Array(labels.length * 3), spread);
    labels.forEach((k, i) => (X[i * 3 + k] += 2));
    return { labels, X: matrix(X, labels.length, 3) };
  };
  const head = {
    weights: [matrix(Float64Array.of(1, 0, 0.2, 0, 1, 0, 0, 0.1, 1), 3, 3)],
    bias: Float64Array.of(0, 0.3, 0),
  };

  it('are what a naive loop finds', async () => {
    const train = draw([20, 12, 9], 0.5);
    const test = draw([7, 0, 15], 1.2);
    const { snapshot } = await measureFeatures(batchesOf(train.X, train.labels), { blas, head });
    const found = await measureTest(batchesOf(test.X, test.labels, 4), { training: snapshot, blas });
    const row = (data: Float64Array, i: number) => Array.from(data.subarray(3 * i, 3 * i + 3));
    const means = [0, 1, 2].map((k) => row(snapshot.statistics.means.data, k));
    const squares = (x: number[], y: number[]) => x.reduce((sum, value, j) => sum + (value - y[j]) ** 2, 0);
    const largest = (values: number[]) => values.indexOf(Math.max(...values));
    let [right, agree, nearest, scatter] = [0, 0, 0, 0];
    const variances = [0, 0, 0];
    test.labels.forEach((y, i) => {
      const x = row(test.X.data, i);
      const named = largest(
        [0, 1, 2].map((k) => row(head.weights[0].data, k).reduce((s, w, j) => s + w * x[j], head.bias[k])),
      );
      const close = largest(means.map((mean) => -squares(x, mean)));
      if (named === y) right++;
      if (named === close) agree++;
      if (close === y) nearest++;
      scatter += squares(x, means[y]) / 22;
      variances[y] += squares(x, means[y]);
    });
    expect([found.accuracy, found.nc4, found.nccAccuracy]).toEqual([right / 22, agree / 22, nearest / 22]);
    const centre = [0, 1, 2].map((j) => (20 * means[0][j] + 12 * means[1][j] + 9 * means[2][j]) / 41);
    const between = means.reduce((sum, mean) => sum + squares(mean, centre), 0) / 3;
    near(found.nc1.quotient, scatter / between, 1e-12);
    expect(found.samples).toBe(22);
    expect(found.classes.map(({ count }) => count)).toEqual([7, 0, 15]);
    near(found.classes[2].variance, variances[2] / 15, 1e-12);
    expect(found.classes[1]).toEqual({
      count: 0,
      accuracy: null,
      agreement: null,
      nccAccuracy: null,
      variance: null,
    });
  });

  it('measured on the training samples themselves give NC1 of training', async () => {
    const train = draw([8, 5, 6], 0.7);
    const source = batchesOf(train.X, train.labels);
    const { snapshot, measurement } = await measureFeatures(source, { blas, head });
    const found = await measureTest(source, { training: snapshot, blas });
    near(found.nc1.pinv, measurement.nc1.pinv ?? NaN, 1e-12);
    near(found.nc1.quotient, measurement.nc1.quotient ?? NaN, 1e-12);
    expect([found.nc4, found.accuracy]).toEqual([measurement.nc4, measurement.accuracy]);
  });
});
