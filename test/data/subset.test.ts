/** Subsets, profiles of counts, and orders. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/index.js';
import { chooseSamples, classCounts, type Labelled, limitPerClass } from '../../src/data/index.js';
import { indexBlocks, shuffledOrder } from '../../src/core/order.js';
import { refusal } from './imageFiles.js';

const labelled = (labels: readonly number[], classes = 3): Labelled => ({
  name: 'some',
  labels: Int32Array.from(labels),
  classNames: Array.from({ length: classes }, (_, k) => `class ${k}`),
});
const refused = async (action: () => unknown, code: 'argument' | 'dimension' = 'argument') =>
  (await refusal(() => Promise.resolve().then(action), code)).message;

/** Labels where every class is there, with counts within them. */
const choices = fc
  .array(fc.nat(3), { maxLength: 60 })
  .map((labels) => [...labels, 0, 1, 2, 3])
  .chain((labels) =>
    fc.record({
      labels: fc.constant(labels),
      counts: fc.tuple(
        ...[0, 1, 2, 3].map((k) => fc.integer({ min: 1, max: labels.filter((y) => y === k).length })),
      ),
      seed: fc.integer(),
    }),
  );

describe('subsets', () => {
  it('first-come takes the first of each class, in file order', () => {
    const set = labelled([2, 0, 0, 1, 2, 0, 1, 2, 1]);
    const { indices, counts } = chooseSamples(set, [1, 2, 2], { kind: 'first-come' });
    expect([...indices]).toEqual([0, 1, 3, 4, 6]);
    expect(counts).toEqual([1, 2, 2]);
    expect(classCounts(set)).toEqual([3, 3, 3]);
  });

  it('first-come equals a naive choice; a seeded one has the counts, in file order, the same for a seed', () => {
    fc.assert(
      fc.property(choices, ({ labels, counts, seed }) => {
        const set = labelled(labels, 4);
        const first = chooseSamples(set, counts, { kind: 'first-come' });
        const naive = counts
          .flatMap((count, k) =>
            labels
              .map((y, i) => ({ y, i }))
              .filter(({ y }) => y === k)
              .slice(0, count),
          )
          .map(({ i }) => i)
          .sort((a, b) => a - b);
        expect([...first.indices]).toEqual(naive);
        const drawn = chooseSamples(set, counts, { kind: 'seeded', seed });
        expect([...drawn.indices]).toEqual([...new Set(drawn.indices)].sort((a, b) => a - b));
        for (const { indices } of [first, drawn])
          expect(
            classCounts(
              labelled(
                [...indices].map((i) => labels[i]),
                4,
              ),
            ),
          ).toEqual(counts);
        expect(chooseSamples(set, counts, { kind: 'seeded', seed })).toEqual(drawn);
        // More of class 0 keeps what is there, of that class and of the others.
        const all = [classCounts(set)[0], ...counts.slice(1)];
        const more = new Set(chooseSamples(set, all, { kind: 'seeded', seed }).indices);
        expect([...drawn.indices].every((i) => more.has(i))).toBe(true);
      }),
    );
  });

  it('draws uniformly: single samples and pairs', () => {
    const set = labelled([0, 1, 0, 1, 0, 0, 0, 1], 2);
    const runs = 6000;
    const single = new Array<number>(8).fill(0);
    const pairs = new Map<string, number>();
    for (let seed = 0; seed < runs; seed++) {
      const { indices } = chooseSamples(set, [2, 1], { kind: 'seeded', seed });
      for (const i of indices) single[i]++;
      const pair = [...indices].filter((i) => set.labels[i] === 0).join();
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
    }
    // Within 5 standard deviations of a binomial count: √(6000·p(1−p)) ≤ 39 for p = 2/5 and 1/3, 24 for p = 1/10.
    single.forEach((count, i) =>
      expect(Math.abs(count - runs * (set.labels[i] === 0 ? 2 / 5 : 1 / 3))).toBeLessThan(195),
    );
    expect(pairs.size).toBe(10);
    for (const count of pairs.values()) expect(Math.abs(count - runs / 10)).toBeLessThan(120);
  });

  it('limits each class to its first n, or all it has', () => {
    const { indices, counts } = limitPerClass(labelled([0, 0, 1, 0, 1, 1, 1]), 3);
    expect([...indices]).toEqual([0, 1, 2, 3, 4, 5]);
    expect(counts).toEqual([3, 3, 0]);
  });

  it('refuses counts that a class does not have, naming it', async () => {
    const set = labelled([0, 1, 1, 2]);
    const choose = (counts: readonly number[]) => () => chooseSamples(set, counts, { kind: 'first-come' });
    expect(await refused(choose([1, 3, 1]))).toBe(
      'some, class 1 (class 1): at most the 2 samples that it has, got 3',
    );
    await refused(choose([0, 1, 1]));
    await refused(choose([1, 1.5, 1]));
    await refused(choose([1, NaN, 1]));
    expect(await refused(choose([1, 1]), 'dimension')).toMatch(/3 classes, got 2 counts/);
    await refused(() => limitPerClass(set, 0));
    await refused(() => chooseSamples(set, [1, 1, 1], { kind: 'seeded', seed: 0.5 }));
  });
});

describe('orders', () => {
  it('are permutations, the same for a seed', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer(), (n, seed) => {
        const order = shuffledOrder(n, createRandom(seed));
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
        expect(shuffledOrder(n, createRandom(seed))).toEqual(order);
      }),
    );
  });

  it('every one is equally likely', () => {
    const random = createRandom(5);
    const seen = new Map<string, number>();
    const runs = 24_000;
    for (let run = 0; run < runs; run++) {
      const text = shuffledOrder(4, random).join();
      seen.set(text, (seen.get(text) ?? 0) + 1);
    }
    expect(seen.size).toBe(24);
    // χ² with 23 degrees of freedom exceeds 60 with probability 4e-5.
    const expected = runs / 24;
    const chi = [...seen.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(60);
  });

  it('come in blocks, the last one smaller', async () => {
    const order = Int32Array.from([3, 1, 4, 0, 2]);
    const blocks = indexBlocks(order, 2);
    const seen = [...blocks].map((block) => [...block]);
    expect(seen).toEqual([[3, 1], [4, 0], [2]]);
    expect([...blocks].length).toBe(3);
    expect([...indexBlocks(order, 5)].length).toBe(1);
    expect([...indexBlocks(new Int32Array(0), 5)]).toEqual([]);
    await refused(() => indexBlocks(order, 0));
    await refused(() => shuffledOrder(-1, createRandom(1)));
    await refused(() => shuffledOrder(2 ** 31, createRandom(1)));
  });
});
