import { describe, expect, it } from 'vitest';
import { matrix, type Floats, type Matrix } from '../../src/core/matrix.js';
import { createClassMoments } from '../../src/metrics/index.js';
import type { ClassStatistics } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { clouds, naiveMeasures, toRows, type Samples } from './naive.js';
import { close, closeTree, float32, title } from './support.js';

const rowsOf = <T extends Floats>(A: Matrix<T>, first: number, last: number): Matrix<T> =>
  matrix(A.data.subarray(first * A.cols, last * A.cols) as T, last - first, A.cols);

function add(
  moments: ReturnType<typeof createClassMoments>,
  samples: { features: Matrix<Floats>; labels: Int32Array },
  batch: number,
  first = 0,
  last = samples.labels.length,
) {
  for (let i = first; i < last; i += batch) {
    const stop = Math.min(last, i + batch);
    moments.add(rowsOf(samples.features, i, stop), samples.labels.subarray(i, stop));
  }
  return moments;
}

function scatterOf(statistics: ClassStatistics): number[][] {
  if (statistics.within?.kind !== 'full') throw new Error('no full scatter');
  return toRows(statistics.within.S);
}

function compare(got: ClassStatistics, samples: Samples, relative: number, absolute = 0) {
  const want = naiveMeasures(samples, null);
  expect(got.counts).toEqual(want.counts);
  closeTree(toRows(got.means), want.means, relative, absolute, 'means');
  closeTree(got.variances, want.variances, relative, absolute, 'variances');
  close(
    got.withinTrace,
    want.within.reduce((sum, row, i) => sum + row[i], 0),
    relative,
    absolute,
    'trace',
  );
  if (got.within !== null) closeTree(scatterOf(got), want.within, 0, relative * got.withinTrace, 'Σ_W');
}

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('class moments, %s', (_, blas) => {
  const full = { kind: 'full', blas } as const;
  const samples = clouds({ counts: [40, 7, 1, 12], d: 9, seed: 5 });

  it('agrees with the definitions, in any division into batches', () => {
    for (const batch of [1, 3, 17, 1000]) {
      const moments = createClassMoments({ dimension: 9, scatter: full });
      // Sums of 60 numbers of size 1 in another order: some 1e-15.
      compare(add(moments, samples, batch).statistics(), samples, 1e-13, 1e-14);
      expect(moments.samples).toBe(60);
    }
  });

  it('takes float32 as the numbers it holds', () => {
    const features = float32(samples.features);
    const wide = { ...samples, features: matrix(Float64Array.from(features.data), 60, 9) };
    const moments = createClassMoments({ dimension: 9, classes: 4, scatter: full });
    compare(add(moments, { ...samples, features }, 8).statistics(), wide, 1e-13, 1e-14);
  });

  it('keeps a spread of 1e-3 at an offset of 1e8', () => {
    const offset = clouds({ counts: [50, 30], d: 6, seed: 8, offset: 1e8, spread: 1e-3 });
    // The same samples without the offset, exactly: numbers near 1e8 differ by multiples of 1.5e-8.
    const plain = matrix(
      offset.features.data.map((x) => x - 1e8),
      80,
      6,
    );
    const got = add(createClassMoments({ dimension: 6, scatter: full }), offset, 13).statistics();
    const want = add(createClassMoments({ dimension: 6, scatter: full }), { ...offset, features: plain }, 80);
    // Only the means are rounded (1e8·ε); the deviations are not.
    closeTree(got.variances, want.statistics().variances, 1e-10, 0, 'variances');
    closeTree(scatterOf(got), scatterOf(want.statistics()), 0, 1e-10 * got.withinTrace, 'Σ_W');
  });

  it('loses nothing when the first sample of a class is an outlier', () => {
    const d = 3;
    const features = matrix(new Float64Array(1001 * d), 1001, d);
    for (let i = 1; i <= 1000; i++) features.data[i * d] = 1e6 + (i % 2);
    const labels = new Int32Array(1001);
    const got = add(
      createClassMoments({ dimension: d, scatter: full }),
      { features, labels },
      100,
    ).statistics();
    const mean = (1000 * 1e6 + 500) / 1001;
    const square = mean ** 2 + 500 * (1e6 - mean) ** 2 + 500 * (1e6 + 1 - mean) ** 2;
    // At most n·ε = 2e-13 by the bound in classMoments.ts; the expected value here has the same error.
    close(got.variances![0], square / 1001, 1e-12);
  });
});

describe('class moments', () => {
  const none = { kind: 'none' } as const;

  it('has variance 0 for one sample and for a constant', () => {
    const features = matrix(new Float64Array(21).fill(0.1), 7, 3);
    const got = add(
      createClassMoments({ dimension: 3, scatter: none }),
      { features, labels: Int32Array.of(0, 1, 1, 1, 1, 1, 1) },
      2,
    ).statistics();
    expect(Array.from(got.variances!)).toEqual([0, 0]);
    expect(new Set(got.means.data)).toEqual(new Set([0.1]));
    expect(got.within).toBeNull();
  });

  it('refuses labels that leave a class out, and names it', () => {
    const moments = createClassMoments({ dimension: 1, scatter: none });
    moments.add(matrix(new Float64Array(4), 4, 1), Int32Array.of(0, 1, 2, 4));
    expect(() => moments.statistics()).toThrow('labels: labels must cover 0..4, got no sample of class 3');
    const given = createClassMoments({ dimension: 1, classes: 3, scatter: none });
    given.add(matrix(new Float64Array(2), 2, 1), Int32Array.of(0, 1));
    expect(() => given.statistics()).toThrow('got no sample of class 2');
    expect(() => createClassMoments({ dimension: 1, scatter: none }).statistics()).toThrow(
      'at least one sample',
    );
  });

  it('refuses a huge label without allocating for it', () => {
    const moments = createClassMoments({ dimension: 4096, scatter: none });
    moments.add(matrix(new Float64Array(4096), 1, 4096), Int32Array.of(9_999_999));
    expect(() => moments.statistics()).toThrow('got no sample of class 0');
    expect(() => moments.add(matrix(new Float64Array(4096), 1, 4096), Int32Array.of(2 ** 31 - 1))).toThrow(
      'labels, sample 1',
    );
  });

  it('refuses labels out of range and batches that do not fit', () => {
    const moments = createClassMoments({ dimension: 2, classes: 2, scatter: none });
    const two = matrix(new Float64Array(4), 2, 2);
    expect(() => moments.add(two, Int32Array.of(0, 2))).toThrow(
      'sample 1: a class number from 0 to 1, got 2',
    );
    expect(() => moments.add(two, Int32Array.of(-1, 0))).toThrow('got -1');
    expect(() => moments.add(two, Int32Array.of(0))).toThrow('one for each of 2 samples');
    expect(() => moments.add(matrix(new Float64Array(3), 1, 3), Int32Array.of(0))).toThrow('2 columns');
  });

  it.each([NaN, Infinity, -Infinity])('names sample and column of %s', (bad) => {
    for (const data of [new Float32Array(12), new Float64Array(12)]) {
      data[7] = bad;
      const moments = createClassMoments({ dimension: 3, scatter: none });
      moments.add(matrix(new Float64Array(30), 10, 3), new Int32Array(10));
      expect(() => moments.add(matrix(data, 4, 3), new Int32Array(4))).toThrow(
        `features: finite numbers, got ${bad} at sample 12, column 1`,
      );
      expect(() => moments.add(matrix(data, 4, 3), new Int32Array(4), 100)).toThrow('sample 102');
    }
  });
});
