import { describe, expect, it } from 'vitest';
import { matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { batchesOf, measureFeatures, type FeatureBatches, type Products } from '../../src/metrics/index.js';
import { BLASES } from '../support/blases.js';

const [K, EACH, D] = [12, 15, 9];

/** Classes about normal means; `outlier` moves the first sample of each away by so many standard deviations. */
function samplesOf(kind: 'float32' | 'float64', outlier = 0) {
  const random = createRandom(5);
  const means = random.normalsInto(new Float64Array(K * D), 1);
  const data = kind === 'float32' ? new Float32Array(K * EACH * D) : new Float64Array(K * EACH * D);
  const labels = Int32Array.from({ length: K * EACH }, (_, i) => i % K);
  labels.forEach((k, i) => {
    for (let j = 0; j < D; j++)
      data[i * D + j] = means[k * D + j] + 0.1 * (random.normal() + (i < K ? outlier : 0));
  });
  const features = { data, rows: labels.length, cols: D };
  const source = batchesOf(features as Parameters<typeof batchesOf>[0], labels, 50);
  let passes = 0;
  const counted: FeatureBatches = {
    ...source,
    batches() {
      passes++;
      return source.batches();
    },
  };
  return { counted, passes: () => passes };
}

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  'one pass over the samples, %s',
  (_, blas) => {
    it.each([
      ['float64', 'double', 1e-11],
      ['float32', 'single', 2e-6],
    ] as const)('measures %s features as two do, %s products', async (kind, products: Products, within) => {
      const one = samplesOf(kind);
      const progress: [number, number][] = [];
      const onProgress = (done: number, total: number) => progress.push([done, total]);
      const a = await measureFeatures(one.counted, { blas, products, classes: K, onProgress });
      expect(one.passes()).toBe(1);
      expect(progress.at(-1)).toEqual([K * EACH, K * EACH]);
      // Without the number of classes, which is then not known before the first pass.
      const two = samplesOf(kind);
      const b = await measureFeatures(two.counted, { blas, products });
      expect(two.passes()).toBe(2);
      for (const name of ['pinv', 'pinvWeighted', 'quotient'] as const) {
        const [x, y] = [a.measurement.nc1[name] ?? NaN, b.measurement.nc1[name] ?? NaN];
        expect(Math.abs(x - y) / y, name).toBeLessThan(within);
      }
      expect(a.measurement.cdnv).toBeCloseTo(b.measurement.cdnv ?? NaN, 11);
      expect(a.snapshot.statistics.counts).toEqual(b.snapshot.statistics.counts);
      a.snapshot.statistics.variances?.forEach((v, k) =>
        expect(v).toBeCloseTo(b.snapshot.statistics.variances?.[k] ?? NaN, 12),
      );
    });

    it('is not enough where first samples lie far out, or there is a head', async () => {
      const far = samplesOf('float32', 40);
      const { measurement } = await measureFeatures(far.counted, { blas, products: 'single', classes: K });
      expect(far.passes()).toBe(2);
      const exact = samplesOf('float32', 40);
      const double = await measureFeatures(exact.counted, { blas, products: 'double' });
      const want = double.measurement.nc1.pinv ?? NaN;
      expect(Math.abs((measurement.nc1.pinv ?? NaN) - want) / want).toBeLessThan(2e-6);
      const headed = samplesOf('float64');
      const head = { weights: [matrix(new Float64Array(K * D).fill(0.1), K, D)], bias: null };
      await measureFeatures(headed.counted, { blas, head });
      expect(headed.passes()).toBe(2);
    });

    it('gathers nothing where nothing scatters', async () => {
      const data = Float64Array.from({ length: 3 * 4 * 2 }, (_, i) => Math.floor(i / 8) + (i % 2));
      const labels = Int32Array.from({ length: 12 }, (_, i) => Math.floor(i / 4));
      const source = batchesOf(matrix(data, 12, 2), labels);
      const { measurement } = await measureFeatures(source, { blas, classes: 3 });
      expect(measurement.nc1.pinv).toBe(0);
      expect(measurement.nc1.quotient).toBe(0);
    });
  },
);
