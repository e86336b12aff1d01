/** Top-5 accuracy beside a full sort of exact scores. */
import { describe, expect, it } from 'vitest';
import { matrix, zeros } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
import { batchesOf, measureTest } from '../../src/metrics/index.js';
import { hasTopFive, isAmongTopFive } from '../../src/metrics/topFive.js';
import { createTally } from '../../src/nets/accuracy.js';
import { BLASES } from '../support/blases.js';
import { float32, measured, title } from './support.js';

/** The first five of a stable sort, so that of equal scores the lower class comes first. */
function firstFive(scores: readonly number[]): number[] {
  return scores
    .map((score, k) => ({ score, k }))
    .sort((a, b) => b.score - a.score)
    .slice(0, 5)
    .map(({ k }) => k);
}

describe('the five largest outputs', () => {
  it('are those of a sort, ties included', () => {
    const random = createRandom(3);
    for (let i = 0; i < 300; i++) {
      const scores = Array.from({ length: 9 }, () => Math.round(3 * random.normal()));
      const five = firstFive(scores);
      scores.forEach((_, y) =>
        expect(isAmongTopFive(scores, y), `${scores.join()} of ${y}`).toBe(five.includes(y)),
      );
    }
    expect([hasTopFive(5), hasTopFive(6)]).toEqual([false, true]);
  });

  it('hold no output that is not a number', () => {
    const scores = [NaN, 1, 2, 3, 4, 5, 6];
    expect(scores.map((_, y) => isAmongTopFive(scores, y))).toEqual([
      ...[false, false, false, true, true, true, true],
    ]);
  });

  it('are counted over the batches of a network', () => {
    const random = createRandom(4);
    const tally = createTally('ce', 8);
    let among = 0;
    for (const rows of [40, 7]) {
      const logits = matrix(random.normalsInto(new Float64Array(rows * 8), 1), rows, 8);
      const labels = Int32Array.from({ length: rows }, (_, i) => i % 8);
      tally.add(logits, labels);
      labels.forEach((y, i) => {
        if (firstFive(Array.from(logits.data.subarray(8 * i, 8 * i + 8))).includes(y)) among++;
      });
    }
    expect(tally.amongFive).toBe(among);
    expect(among).toBeGreaterThan(10);
    expect(among).toBeLessThan(40);
    expect(createTally('mse', 5).amongFive).toBeNull();
  });
});

describe.each(BLASES.map((blas) => [title(blas), blas] as const))('top-5 accuracy, %s', (_, blas) => {
  const [K, N, d] = [8, 240, 12];
  const labels = Int32Array.from({ length: N }, (__, i) => i % K);

  /** Rows of a head in pairs that float32 cannot tell apart (`near`), or all apart. */
  function draw(near: number | null) {
    const random = createRandom(17);
    const features = float32({ data: random.normalsInto(new Float64Array(N * d), 1), rows: N, cols: d });
    const P = zeros(K, d);
    random.normalsInto(P.data, 1);
    if (near !== null)
      for (let k = 1; k < K; k++)
        for (let j = 0; j < d; j++) P.data[k * d + j] = P.data[j] + near * random.normal();
    const bias = Float64Array.from({ length: K }, () => (near ?? 1) * random.normal());
    const hits = Array.from(labels, (y, i) => {
      const scores = Array.from({ length: K }, (__, k) => {
        let sum = 0;
        for (let j = 0; j < d; j++) {
          // The common row counts in every score alike: left out, nothing is lost to rounding.
          const row = P.data[k * d + j] - (near === null ? 0 : P.data[j]);
          sum += features.data[i * d + j] * row;
        }
        return sum + bias[k];
      });
      return firstFive(scores).includes(y);
    });
    return { features, head: { weights: [P], bias }, share: hits.filter(Boolean).length / N };
  }

  it.each([null, 1e-8])('is what a sort finds, rows apart by %d', async (near) => {
    const { features, head, share } = draw(near);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.9);
    for (const products of ['single', 'double'] as const) {
      const { snapshot } = await measured({ features, labels }, { blas, head, products });
      expect(snapshot.agreement?.top5Accuracy, products).toBe(share);
      const test = await measureTest(batchesOf(features, labels, 50), { training: snapshot, blas });
      expect(test.top5Accuracy).toBe(share);
    }
  });

  it('is nothing of five outputs', async () => {
    const { features } = draw(null);
    const five = labels.map((y) => y % 5);
    const head = {
      weights: [matrix(createRandom(1).normalsInto(new Float64Array(5 * d), 1), 5, d)],
      bias: null,
    };
    const { snapshot } = await measured({ features, labels: five }, { blas, head });
    expect(snapshot.agreement).not.toHaveProperty('top5Accuracy');
    const test = await measureTest(batchesOf(features, five), { training: snapshot, blas });
    expect(test.top5Accuracy).toBeNull();
  });
});
