/** Samples between two classes: rounding costs none its class. */
import { describe, expect, it } from 'vitest';
import { fromRows, zeros } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { BLASES } from '../support/blases.js';
import { float32, measured, title } from './support.js';

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('near ties, %s', (_, blas) => {
  it('are decided with the bias', async () => {
    const features = fromRows([[0.5, 0], [3, 0]]); // prettier-ignore
    // Sample 0: 0 + 0.5 beside 0.5 + 0, a tie, which goes to class 0; without the bias class 1 is ahead.
    const head = { weights: [fromRows([[0, 0], [1, 0]])], bias: Float64Array.of(0.5, 0) }; // prettier-ignore
    const { measurement } = await measured({ features, labels: Int32Array.of(0, 1) }, { blas, head });
    expect(measurement.classes.map(({ accuracy }) => accuracy)).toEqual([1, 1]);
    expect(measurement.nc4).toBe(1);
  });

  it.each([1e-6, 1, 1e6])('are decided in float64 whatever the spread: %d', async (spread) => {
    const [N, d] = [200, 40];
    const random = createRandom(11);
    const features = float32({ data: random.normalsInto(new Float64Array(N * d), spread), rows: N, cols: d });
    const labels = Int32Array.from({ length: N }, (__, i) => i % 2);
    // Two rows of the head that are one in float32, nearly: the products in single precision tell nothing apart.
    const P = zeros(2, d);
    random.normalsInto(P.data.subarray(0, d), 1);
    for (let j = 0; j < d; j++) P.data[d + j] = P.data[j] + 1e-8 * random.normal();
    const wins = Array.from({ length: N }, (__, i) => {
      let lead = 0;
      for (let j = 0; j < d; j++) lead += features.data[i * d + j] * (P.data[d + j] - P.data[j]);
      return lead > 0 ? 1 : 0;
    });
    const right = wins.filter((k, i) => k === labels[i]).length / N;
    const head = { weights: [P], bias: null };
    for (const products of ['single', 'double'] as const) {
      const { measurement } = await measured({ features, labels }, { blas, head, products });
      expect(measurement.accuracy, products).toBe(right);
    }
  });
});
