import { setImmediate } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { batchesOf, type Part } from '../../src/verbs/measure/featureBatches.js';

/** Two columns and 2²⁰ rows: two batches. Reads are counted, and the second may fail. */
function partOf(fails: boolean) {
  const labels = new Int32Array(2 ** 20);
  const rows = vi.fn((start: number, count: number) =>
    start > 0 && fails ? Promise.reject(new Error('gone')) : Promise.resolve(new Float32Array(2 * count)),
  );
  const features = { dtype: 'float32', rows } as unknown as Part['features'];
  return { rows, source: batchesOf([{ features, labels }], 2, false) };
}

it('reads one batch ahead, in order, and no further', async () => {
  const { rows, source } = partOf(false);
  const seen: number[] = [];
  for await (const { features } of source.batches()) {
    seen.push(features.rows);
    expect(rows).toHaveBeenCalledTimes(2);
  }
  expect(seen).toEqual([2 ** 19, 2 ** 19]);
  expect(rows.mock.calls.map(([start]) => start)).toEqual([0, 2 ** 19]);
});

it('tells of a read that failed where its rows are wanted, and to nobody who does not want them', async () => {
  const unheard = vi.fn();
  process.on('unhandledRejection', unheard);
  try {
    const { source } = partOf(true);
    const batches = source.batches()[Symbol.asyncIterator]();
    expect((await batches.next()).done).toBe(false);
    await expect(batches.next()).rejects.toThrow('gone');
    const left = partOf(true).source.batches()[Symbol.asyncIterator]();
    await left.next();
    await left.return?.();
    await setImmediate();
    expect(unheard).not.toHaveBeenCalled();
  } finally {
    process.off('unhandledRejection', unheard);
  }
});
