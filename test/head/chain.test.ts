import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Floats, Matrix } from '../../src/core/matrix.js';
import { zeros } from '../../src/core/matrix.js';
import { BLOCK_ENTRIES } from '../../src/head/chain.js';
import { checkChain, createHeadChain, headProduct, rowBlock, rowBlocks } from '../../src/head/index.js';
import { createProblem } from '../../src/model/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { labelsOf, multiply, naiveMse, transposed } from '../support/naive.js';
import { largestDifference, random64 } from '../core/naive.js';

/** Sizes d_0, d_1, …, d_M = K. */
function randomWeights(sizes: readonly number[], seed: number): Matrix[] {
  return sizes.slice(1).map((rows, m) => random64(rows, sizes[m], seed + m, 1 / Math.sqrt(sizes[m])));
}

/** P by products from the feature side, the other way round. */
function naiveProduct(weights: readonly Matrix[]): Matrix {
  return weights.slice(1).reduce((P, W) => multiply(W, P), weights[0]);
}

/** ∇W_m = (W_M … W_{m+1})ᵀ G (W_{m−1} … W_1)ᵀ for ∂F/∂P = G, each product written out in full. */
function naiveBackward(weights: readonly Matrix[], G: Matrix): Matrix[] {
  return weights.map((_, m) => {
    let out = G;
    for (let l = weights.length - 1; l > m; l--) out = multiply(transposed(weights[l]), out);
    for (let l = 0; l < m; l++) out = multiply(out, transposed(weights[l]));
    return out;
  });
}

function toFloat32(A: Matrix): Matrix<Float32Array> {
  return { ...A, data: Float32Array.from(A.data) };
}

function toFloat64(A: Matrix<Floats>): Matrix {
  return { ...A, data: Float64Array.from(A.data) };
}

const sizesOf = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 }); // depth 1 to 5, K > d too
const seeds = fc.integer({ min: 0, max: 2 ** 30 });
/** At most five products of inner size ≤ 9 of entries of order 1 (up to ~10): 50 roundings of 1e-16, times ten for size. */
const SMALL = 1e-13;

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  `head chain on %s${NATIVE_NOTE}`,
  (_, blas) => {
    it('product is Pᵀ, and backward the gradient of every layer, at any depth and shape', () => {
      fc.assert(
        fc.property(sizesOf, seeds, fc.constantFrom(0, 1, 0.9), (sizes, seed, scale) => {
          const weights = randomWeights(sizes, seed);
          const K = sizes[sizes.length - 1];
          const chain = createHeadChain(blas, weights);
          const P = naiveProduct(weights);
          expect(largestDifference(chain.product(), transposed(P))).toBeLessThan(SMALL);
          expect(largestDifference(headProduct(blas, weights), P)).toBeLessThan(SMALL);
          const G = random64(K, sizes[0], seed + 100);
          const old = weights.map((W, m) => random64(W.rows, W.cols, seed + 200 + m));
          const gradients = old.map((A) => ({ ...A, data: A.data.slice() }));
          // With scale 0 the old gradient is not read.
          if (scale === 0) for (const { data } of gradients) data.fill(NaN);
          chain.backward(transposed(G), gradients, scale);
          naiveBackward(weights, G).forEach((expected, m) => {
            expected.data.forEach((_unused, i) => (expected.data[i] += scale * old[m].data[i]));
            expect(largestDifference(gradients[m], expected)).toBeLessThan(SMALL);
          });
        }),
        { numRuns: 150 },
      );
    });

    it('reads the weights as they are now: a second pass after a change is right too', () => {
      const weights = randomWeights([4, 5, 3, 6], 1);
      const chain = createHeadChain(blas, weights);
      chain.product();
      for (const { data } of weights) data.forEach((w, i) => (data[i] = 1.5 * w + 0.1));
      expect(largestDifference(chain.product(), transposed(naiveProduct(weights)))).toBeLessThan(10 * SMALL);
      const G = random64(6, 4, 9);
      // Two gradients in turn: the views into one are not mistaken for views into the other.
      for (let turn = 0; turn < 2; turn++) {
        const gradients = weights.map((W) => zeros(W.rows, W.cols));
        chain.backward(transposed(G), gradients, 0);
        naiveBackward(weights, G).forEach((expected, m) =>
          expect(largestDifference(gradients[m], expected)).toBeLessThan(10 * SMALL),
        );
      }
    });

    it('backward is the derivative of ⟨G, P(W)⟩: central differences', () => {
      for (const sizes of [
        [4, 3],
        [2, 5, 7],
        [5, 3, 4, 3],
        [3, 6, 2, 4, 5],
        [4, 4, 4, 4, 4, 4],
      ]) {
        const weights = randomWeights(sizes, 11);
        const chain = createHeadChain(blas, weights);
        const Rt = random64(sizes[0], sizes[sizes.length - 1], 12);
        const value = () => blas.dot(chain.product().data, Rt.data);
        const gradients = weights.map((W) => zeros(W.rows, W.cols));
        chain.product();
        chain.backward(Rt, gradients, 0);
        weights.forEach((W, m) => {
          for (let i = 0; i < W.data.length; i++) {
            const at = W.data[i];
            // P is linear in each single entry: the difference is exact but for rounding, ~1e-15 over a step of 0.5.
            W.data[i] = at + 0.5;
            const up = value();
            W.data[i] = at - 0.5;
            const down = value();
            W.data[i] = at;
            expect(Math.abs(up - down - gradients[m].data[i])).toBeLessThan(SMALL);
          }
        });
      }
    });

    it('gives the weight gradients of the full model: R_1 = E Hᵀ/N', () => {
      const problem = createProblem({
        counts: [4, 2, 1],
        depth: 3,
        widths: [5, 4, 6],
        weightDecays: [0.1, 0.2, 0.3],
        featureDecay: 0.05,
      });
      const labels = labelsOf(problem.counts);
      const weights = randomWeights([5, 4, 6, 3], 21);
      const H = random64(5, 7, 22);
      const naive = naiveMse(problem, labels, { weights, features: H, bias: null });
      const chain = createHeadChain(blas, weights);
      const E = multiply(transposed(chain.product()), H);
      labels.forEach((k, i) => (E.data[k * 7 + i] -= 1));
      const R1 = multiply(H, transposed(E));
      R1.data.forEach((r, i) => (R1.data[i] = r / 7));
      // λ_m W_m goes in as the old value, as gradient descent with momentum does it.
      const gradients = weights.map((W, m) => ({
        ...W,
        data: W.data.map((w) => problem.weightDecays[m] * w),
      }));
      chain.backward(R1, gradients, 1);
      naive.weights.forEach((expected, m) =>
        expect(largestDifference(gradients[m], expected)).toBeLessThan(SMALL),
      );
    });

    it('float32: the same to float32 rounding, in float32 storage', () => {
      for (let seed = 0; seed < 10; seed++) {
        const weights = randomWeights([7, 6, 8, 5], seed);
        const low = weights.map(toFloat32);
        const chain = createHeadChain(blas, low);
        const Pt = chain.product();
        expect(Pt.data).toBeInstanceOf(Float32Array);
        // Three products of inner size ≤ 8 and the rounding of the inputs, 30 roundings of 6e-8 on entries up to ~10.
        const rounding = 2e-5;
        expect(largestDifference(toFloat64(Pt), transposed(naiveProduct(weights)))).toBeLessThan(rounding);
        const G = random64(5, 7, seed + 50);
        const gradients = low.map((W) => ({ ...W, data: new Float32Array(W.data.length) }));
        chain.backward(toFloat32(transposed(G)), gradients, 0);
        naiveBackward(weights, G).forEach((expected, m) =>
          expect(largestDifference(toFloat64(gradients[m]), expected)).toBeLessThan(rounding),
        );
      }
    });

    it('a last layer of several blocks has the gradient of its own rows', () => {
      const sizes = [3, 500, 300];
      expect(300 * 500).toBeGreaterThan(BLOCK_ENTRIES);
      const weights = randomWeights(sizes, 41);
      const chain = createHeadChain(blas, weights);
      chain.product();
      const G = random64(300, 3, 42);
      const gradients = weights.map((W) => zeros(W.rows, W.cols));
      chain.backward(transposed(G), gradients, 0);
      // Inner sizes up to 500: √500 roundings of 1e-16 on entries of order 1, times a hundred.
      naiveBackward(weights, G).forEach((expected, m) =>
        expect(largestDifference(gradients[m], expected)).toBeLessThan(1e-12),
      );
    });

    it('layers of several blocks are the same layers, and every block is final when it is handed over', () => {
      const sizes = [400, 600, 350, 3];
      expect(600 * 400).toBeGreaterThan(BLOCK_ENTRIES);
      const weights = randomWeights(sizes, 31);
      const chain = createHeadChain(blas, weights);
      chain.product();
      const G = random64(3, 400, 32);
      const Rt = transposed(G);
      const expected = naiveBackward(weights, G);
      const gradients = weights.map((W) => zeros(W.rows, W.cols));
      const visited = weights.map((W) => new Uint8Array(W.rows));
      let layerSoFar = 0;
      let worst = 0;
      chain.backward(Rt, gradients, 0, (layer, start, end) => {
        expect(end).toBeGreaterThan(start);
        expect(layer).toBeGreaterThanOrEqual(layerSoFar);
        layerSoFar = layer;
        const W = weights[layer];
        for (let i = start; i < end; i++) visited[layer][i]++;
        const [block, same] = [rowBlock(gradients[layer], start, end), rowBlock(expected[layer], start, end)];
        worst = Math.max(worst, largestDifference(block, same));
        // The rows of W_m are not read again in this pass: a visitor may update them at once.
        rowBlock(W, start, end).data.fill(NaN);
      });
      // Inner sizes up to 600 with entries of order 1/20: √600 roundings of 1e-16, times a hundred.
      expect(worst).toBeLessThan(1e-13);
      expect(visited.every((rows) => rows.every((times) => times === 1))).toBe(true);
    });
  },
);

describe('blocks and shapes', () => {
  it('rowBlocks covers every row once, in order, within the size where a row fits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 300_000 }), (rows, cols) => {
        let next = 0;
        for (const { start, end } of rowBlocks(rows, cols)) {
          const fits = cols <= BLOCK_ENTRIES ? (end - start) * cols <= BLOCK_ENTRIES : end - start === 1;
          if (start !== next || end <= start || !fits) expect.fail(`rows ${start} to ${end} after ${next}`);
          next = end;
        }
        expect(next).toBe(rows);
      }),
    );
  });

  it('rowBlock is a view', () => {
    const A = random64(4, 3, 1);
    rowBlock(A, 1, 3).data[0] = 42;
    expect(A.data[3]).toBe(42);
  });

  it('refuses no layers and layers that do not chain, with their names and shapes', () => {
    expect(() => createHeadChain(BLASES[0], [])).toThrow('head: at least one layer, got no weights');
    expect(() => checkChain([zeros(4, 3), zeros(2, 5)])).toThrow(
      'head: W2 (out×in) with as many columns as W1 has rows, got W1 of 4×3, W2 of 2×5',
    );
    expect(() => checkChain([zeros(4, 3), zeros(2, 5)], ['fc.weight', 'head.weight'])).toThrow(
      'head: head.weight (out×in) with as many columns as fc.weight has rows, got fc.weight of 4×3, head.weight of 2×5',
    );
    checkChain([zeros(4, 3), zeros(2, 4), zeros(7, 2)]);
  });
});
