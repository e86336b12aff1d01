import { describe, expect, it, vi } from 'vitest';
import { openPasses } from '../../src/core/layerPasses.node.js';
import type { LayerPasses } from '../../src/core/layerPasses.js';
import { matrix, type Matrix } from '../../src/core/matrix.js';
import { createRandom } from '../../src/core/random.js';
// As it was built: there the threads find their file.
import { openPasses as openBuilt } from '../../dist/core/layerPasses.node.js';

const RULE = { momentum: 0.7, decay: 0.3, rate: 0.2 };

interface Layer {
  readonly passes: LayerPasses;
  readonly W: Matrix;
  readonly V: Matrix;
}

/** A layer with random numbers everywhere, also where the passes are to write. */
function layerOf(open: typeof openPasses, threads: number, K: number, rows: number, cols: number): Layer {
  const plan = {
    classes: K,
    vectors: [rows * cols, rows * cols],
    rows: [rows, cols, cols, rows],
    columns: cols,
  };
  const passes = open(plan, threads);
  if (passes === null) throw new Error('no passes');
  const random = createRandom(7);
  for (const vector of passes.vectors) random.normalsInto(vector, 1);
  for (const { rows: list } of passes.classRows) for (const row of list) random.normalsInto(row, 1);
  const [W, V] = passes.vectors.map((data) => matrix(data, rows, cols));
  return { passes, W, V };
}

/** Both passes; everything that they may have changed. */
function runBoth({ passes, W, V }: Layer) {
  const [left, R, out, right] = passes.classRows;
  passes.product(W, left, out);
  passes.step(W, V, left, R, right, RULE);
  const copies = (rows: readonly Float64Array[]) => rows.map((row) => Array.from(row));
  return {
    ...{ W: Array.from(W.data), V: Array.from(V.data) },
    ...{ left: copies(left.rows), R: copies(R.rows), out: copies(out.rows), right: copies(right.rows) },
  };
}

/** The definitions, entry by entry. */
function naively({ passes, W, V }: Layer) {
  const { rows, cols } = W;
  const [left, R] = passes.classRows.map((part) => part.rows.map((row) => Array.from(row)));
  const [w, v] = [Array.from(W.data), Array.from(V.data)];
  const sum = (n: number, term: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => term(i)).reduce((a, b) => a + b, 0);
  const out = left.map((row) =>
    Array.from({ length: cols }, (_, j) => sum(rows, (i) => row[i] * w[i * cols + j])),
  );
  const right = R.map((row) =>
    Array.from({ length: rows }, (_, i) => sum(cols, (j) => row[j] * w[i * cols + j])),
  );
  const velocity = v.map((value, at) => {
    const [i, j] = [Math.floor(at / cols), at % cols];
    return RULE.momentum * value + RULE.decay * w[at] + sum(left.length, (k) => left[k][i] * R[k][j]);
  });
  const weights = w.map((value, at) => value - RULE.rate * velocity[at]);
  return { W: weights, V: velocity, left, R, out, right };
}

const SIZES = [
  [4, 8, 8],
  [1, 1, 1],
  [2, 3, 5],
  [4, 6, 7],
  [3, 7, 130],
  [5, 9, 6],
  [8, 33, 65],
  [11, 5, 40],
] as const;

describe('passes over a layer', () => {
  it.each(SIZES)('are their definitions: K = %i, %i×%i', (K, rows, cols) => {
    const layer = layerOf(openPasses, 1, K, rows, cols);
    const expected = naively(layer);
    const actual = runBoth(layer);
    for (const name of ['W', 'V'] as const)
      actual[name].forEach((value, i) => expect(value, `${name}[${i}]`).toBeCloseTo(expected[name][i], 12));
    for (const name of ['out', 'right'] as const)
      actual[name].forEach((row, k) =>
        row.forEach((value, i) => expect(value, `${name}[${k}][${i}]`).toBeCloseTo(expected[name][k][i], 11)),
      );
    expect(actual.left).toEqual(expected.left);
    expect(actual.R).toEqual(expected.R);
  });

  it('give the same numbers on three threads as on one, bit for bit', async () => {
    for (const [K, rows, cols] of [
      [4, 33, 70],
      [6, 41, 19],
    ] as const) {
      const team = layerOf(openBuilt, 3, K, rows, cols);
      const words = new Int32Array(team.W.data.buffer as SharedArrayBuffer);
      await vi.waitFor(() => expect(Atomics.load(words, 0)).toBe(2), { timeout: 10_000 });
      const alone = layerOf(openPasses, 1, K, rows, cols);
      expect(runBoth(team)).toEqual(runBoth(alone));
      expect(Atomics.load(words, 2), 'threads that took part').toBe(3);
    }
  });

  it('do all the work on the first thread where no other can start', () => {
    // From the sources a thread does not find its file.
    const layer = layerOf(openPasses, 4, 3, 6, 9);
    expect(runBoth(layer)).toEqual(runBoth(layerOf(openPasses, 1, 3, 6, 9)));
  });

  it('are not opened where they do not fit the memory', () => {
    expect(openPasses({ classes: 4, vectors: [2 ** 29], rows: [], columns: 4 }, 2)).toBeNull();
  });
});
