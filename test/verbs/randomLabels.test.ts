/** Networks that are trained on labels drawn at random, and the top-5 accuracy in their records. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createImageSet, permuteLabels, type ImageSet } from '../../src/data/index.js';
import { createCpuEngine } from '../../src/engine/cpu/cpuEngine.node.js';
import { checkSpec, readRecords, readSummary, type NetworkSpec } from '../../src/runs/index.js';
import { describeNetworkRun } from '../../src/cli/networkOutput.js';
import { setUpRun } from '../../src/verbs/train/networkRun.js';
import { trainNetwork } from '../../src/verbs/train/trainNetwork.js';
import { BLASES } from '../support/blases.js';
import { memoryStore } from '../support/memoryStore.js';

const blas = BLASES[BLASES.length - 1];
const K = 8;

/** Each class a random picture of 36 pixels, in noise. */
function pictures(each: number, seed: number, classes = K): ImageSet {
  const patterns = createRandom(5);
  const bright = Array.from({ length: classes * 36 }, () => 255 * patterns.uniform());
  const random = createRandom(seed);
  const labels = Int32Array.from({ length: classes * each }, (_, i) => i % classes);
  return createImageSet({
    ...{ name: 'pictures', height: 6, width: 6, channels: 1, labels, mean: [0.5], std: [0.3] },
    classNames: Array.from({ length: classes }, (_, k) => `class ${k}`),
    pixels: Uint8Array.from({ length: labels.length * 36 }, (_, i) => {
      const value = bright[labels[Math.floor(i / 36)] * 36 + (i % 36)] + 20 * random.normal();
      return Math.max(0, Math.min(255, Math.round(value)));
    }),
  });
}

const COUNTS = [12, 11, 10, 9, 8, 7, 6, 5];
const images = { train: pictures(12, 1), test: pictures(30, 2), checksum: 'b'.repeat(64) };

function specOf(labels: unknown, counts = COUNTS): NetworkSpec {
  const spec = checkSpec(
    {
      kind: 'network',
      data: { set: 'mnist', counts, ...(labels === undefined ? {} : { labels }) },
      architecture: { name: 'mlp', layers: 2, width: 48 },
      head: { depth: 2, width: 12 },
      decay: { head: 1e-4, features: 1e-4 },
      optimizer: { name: 'adam', learningRate: 3e-3 },
      batch: 'full',
      epochs: 300,
      measureEvery: 300,
    },
    'spec',
  );
  if (spec.kind !== 'network') throw new Error('a spec of a network');
  return spec;
}

async function trained(spec: NetworkSpec, set = images) {
  const store = memoryStore();
  const document = await trainNetwork({
    ...{ spec, images: set, engine: createCpuEngine({ blas, threads: 1 }), store, mode: 'fresh', blas },
    madeBy: { command: 'collapsar train spec.yaml', version: '0' },
    host: {},
  });
  return { document, records: store.held.records };
}

describe('labels drawn at random', () => {
  it('are those of the chosen images, in another order, and the same for a seed', () => {
    const run = (labels: unknown) => Array.from(setUpRun(specOf(labels), images).data.labels);
    const [given, random, zero, other] = [undefined, 'random', { seed: 0 }, { seed: 1 }].map(run);
    expect(random).toEqual(zero);
    expect(random).not.toEqual(other);
    expect(random.toSorted()).toEqual(given.toSorted());
    expect(other.toSorted()).toEqual(given.toSorted());
    const same = random.filter((y, i) => y === given[i]).length / given.length;
    expect(same).toBeLessThan(0.3);
  });

  it('come in every order alike', () => {
    const set = pictures(1, 1, 3);
    const seen = new Map<string, number>();
    for (let seed = 0; seed < 1200; seed++) {
      const order = permuteLabels(set, Int32Array.of(0, 1, 2), seed).labels.join('');
      seen.set(order, (seen.get(order) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    // 200 each, ±13.
    for (const count of seen.values()) expect(Math.abs(count - 200)).toBeLessThan(55);
    // The images that were not chosen keep theirs, and so does the set itself.
    expect(Array.from(permuteLabels(set, Int32Array.of(0, 1), 1).labels)[2]).toBe(2);
    expect(Array.from(set.labels)).toEqual([0, 1, 2]);
  });

  it('are learnt by heart, test accuracy staying at chance, and the run says so', async () => {
    const [random, given] = [await trained(specOf('random')), await trained(specOf(undefined))];
    expect(random.document.accuracy).toBe(1);
    expect(given.document.accuracy).toBe(1);
    expect(given.document.network.testAccuracy).toBeGreaterThan(0.9);
    expect(random.document.network.testAccuracy).toBeLessThan(0.35);
    expect(random.document.network.data.notes?.join()).toContain('permuted among the images by seed 0');
    expect(given.document.network.data.notes).toEqual([]);
    expect(random.document.problem.counts).toEqual(COUNTS);
  });

  it('refuse other words', () => {
    expect(() => specOf('shuffled')).toThrow(
      'spec: data.labels: random, or {seed: N}; leave it out for the labels of the files',
    );
  });
});

describe('top-5 accuracy of a network', () => {
  it('is in records, summary and text, and read back', async () => {
    const { document, records } = await trained(specOf(undefined));
    const [start, end] = [records[0], records[records.length - 1]].map(({ network }) => network!);
    expect(end.top5Accuracy).toBe(1);
    expect(end.testTop5Accuracy).toBeGreaterThan(0.97);
    // At random weights 5 of 8.
    expect(Math.abs(start.testTop5Accuracy! - 5 / 8)).toBeLessThan(0.3);
    expect(start.testTop5Accuracy!).toBeGreaterThanOrEqual(start.testAccuracy!);
    expect(document.network).toMatchObject({ top5Accuracy: 1, testTop5Accuracy: end.testTop5Accuracy });
    expect(describeNetworkRun(document, 80, 'runs/a')).toMatch(
      /^top 5 {6}100\.00 % of training images, [\d.]+ % of test images$/m,
    );
    const lines = records.map((record) => JSON.stringify(record)).join('\n');
    expect(readRecords(lines)).toMatchObject({ records, damage: null });
    const back = readSummary(JSON.stringify(document));
    expect(back.kind === 'network' ? back.network.top5Accuracy : null).toBe(1);
  });

  it('is left out of five classes', async () => {
    const five = { train: pictures(6, 1, 5), test: pictures(6, 2, 5), checksum: 'b'.repeat(64) };
    const { document, records } = await trained(specOf(undefined, [6, 6, 6, 6, 6]), five);
    expect(records[0].network).not.toHaveProperty('top5Accuracy');
    expect(document.network).not.toHaveProperty('top5Accuracy');
    expect(describeNetworkRun(document, 80, 'runs/a')).not.toContain('top 5');
  });
});
