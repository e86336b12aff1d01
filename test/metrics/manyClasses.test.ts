/** The measures over pairs of many classes, swept in blocks, beside the matrices formed whole. */
import { describe, expect, it } from 'vitest';
import { zeros, type Matrix } from '../../src/core/matrix.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { betweenClass } from '../../src/metrics/betweenClass.js';
import { measureFeatures, batchesOf, minorityAngles } from '../../src/metrics/index.js';
import { densePairs } from '../../src/metrics/pairs.js';
import { sweepPairs, type PairInput } from '../../src/metrics/pairSweep.js';
import { DENSE_LIMIT, type Frame, type PredictedGeometry } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { clouds, randomHead } from './naive.js';
import { close, closeTree } from './support.js';

const blas = portableBlas;

function input(K: number, d: number, seed: number, means?: Matrix): PairInput {
  const random = createRandom(seed);
  const counts = Array.from({ length: K }, (_, k) => 1 + (k % 5));
  const M = means ?? { data: random.normalsInto(new Float64Array(K * d), 1), rows: K, cols: d };
  const P = { data: random.normalsInto(new Float64Array(K * d), 0.3), rows: K, cols: d };
  const diagonal: Frame = {
    kind: 'diagonal',
    entries: Float64Array.from({ length: K }, (_, k) => 1 + (k % 3)),
  };
  const dense: Frame = {
    kind: 'dense',
    matrix: { data: random.normalsInto(new Float64Array(K * K), 1), rows: K, cols: K },
  };
  // The frames of PPᵀ and H̄ᵀH̄ are symmetric, and half of them is looked at.
  const symmetric: Frame = {
    kind: 'dense',
    matrix: {
      ...dense.matrix,
      data: dense.matrix.data.map(
        (value, at) => value + dense.matrix.data[(at % K) * K + Math.floor(at / K)],
      ),
    },
  };
  const between = betweenClass({ means: M, counts }, blas);
  return {
    means: M,
    centred: between.centred,
    centre: between.centre,
    P,
    variances: Float64Array.from({ length: K }, () => 0.1 + random.uniform()),
    predicted: { weights: diagonal, features: symmetric, logits: dense, duality: diagonal },
    blas,
  };
}

/** K orthonormal rows times `size`. */
function orthogonal(K: number, size: number): Matrix {
  const out = zeros(K, K);
  for (let k = 0; k < K; k++) out.data[k * K + k] = size;
  return out;
}

describe('measures over pairs, in blocks', () => {
  it('are those of the matrices formed whole, whatever the block', () => {
    for (const [K, d] of [
      [37, 5],
      [20, 64],
      [50, 50],
    ] as const) {
      const given = input(K, d, K);
      const want = densePairs(given).measures;
      // One row at a time, blocks that do not divide K, and a single block.
      for (const entries of [1, 7 * K, 10 ** 6])
        closeTree(sweepPairs(given, entries), want, 1e-12, 1e-14, `K = ${K}, block of ${entries}`);
    }
  });

  it('keep their digits at an exact frame, where 2 − 2⟨Â, F̂⟩ would stop at 1e-8', () => {
    const K = 30;
    const means = orthogonal(K, 3);
    // Off by 1e-11 in one entry: ‖Â − Î‖ = √2·1e-11/(3√30) to first order, the entry appearing twice.
    means.data[1] = 1e-11;
    const { features } = sweepPairs({ ...input(K, K, 1, means), P: null, predicted: null }, 4 * K);
    close(features.orthogonal, (Math.SQRT2 * 1e-11) / (3 * Math.sqrt(K)), 1e-4);
    // Centred, they are an exact ETF within rounding.
    const exact = sweepPairs({ ...input(K, K, 1, orthogonal(K, 3)), P: null, predicted: null }, 4 * K);
    expect(exact.features.orthogonal).toBeLessThan(1e-15);
  });

  it('lets the guess of the norm be wrong: P and H̄ in orthogonal directions but for a little', () => {
    const K = 40;
    const [P, means] = [zeros(K, 2), zeros(K, 2)];
    const random = createRandom(3);
    for (let k = 0; k < K; k++) {
      P.data[2 * k] = random.normal();
      means.data[2 * k + 1] = random.normal();
      means.data[2 * k] = 1e-9 * random.normal();
    }
    const given = { ...input(K, 2, 2, means), P, predicted: null };
    closeTree(sweepPairs(given, 3 * K).logits, densePairs(given).measures.logits, 1e-10);
  });

  it('has null where the whole matrices have it', () => {
    const K = 6;
    const zero = { ...input(K, 4, 5, zeros(K, 4)), P: zeros(K, 4) };
    expect(sweepPairs(zero)).toEqual(densePairs(zero).measures);
    const { P, ...rest } = input(K, 4, 6);
    expect(P).not.toBeNull();
    const bare = { ...rest, P: null, variances: null, predicted: null };
    closeTree(sweepPairs(bare), densePairs(bare).measures, 1e-13, 1e-15);
  });
});

describe.each(BLASES)('more classes than matrices are formed for ($name)', (native) => {
  const K = DENSE_LIMIT + 200;
  const counts = Array.from({ length: K }, (_, k) => 1 + (k % 3));
  const samples = clouds({ counts, d: 6, seed: 11, spread: 0.4 });
  const head = randomHead([6, 8, K], 12, true);

  it('gives the same measures as the whole matrices, and the same NC4 and accuracy as the definition', async () => {
    const predicted: PredictedGeometry = {
      weights: { kind: 'diagonal', entries: new Float64Array(K).fill(1) },
      features: { kind: 'diagonal', entries: new Float64Array(K).fill(1) },
      logits: { kind: 'diagonal', entries: Float64Array.from(counts) },
      duality: { kind: 'diagonal', entries: Float64Array.from(counts) },
    };
    const { measurement, snapshot } = await measureFeatures(
      batchesOf(samples.features, samples.labels, 500),
      { blas: native, head, predicted },
    );
    const { means, variances } = snapshot.statistics;
    const P = zeros(K, 6);
    blas.gemm('N', 'N', 1, head.weights[1], head.weights[0], 0, P);
    const { centred, centre } = betweenClass({ means, counts }, blas);
    const { measures, geometry } = densePairs({ means, centred, centre, P, variances, predicted, blas });
    close(measurement.cdnv, measures.cdnv, 1e-11);
    closeTree(
      measurement.nc2,
      { ...measures.angles, weights: measures.weights, features: measures.features },
      1e-11,
    );
    closeTree(measurement.nc3, measures.logits, 1e-11);
    expect(measurement.geometry.logits?.kind).toBe('product');

    const { weights, features } = measurement.geometry;
    const want = minorityAngles(counts, geometry.weights, geometry.features)!;
    closeTree(minorityAngles(counts, weights, features), want, 1e-10);

    // NC4 and accuracy by distances and scores written out.
    let [agreeing, right] = [0, 0];
    const bias = head.bias!;
    samples.labels.forEach((y, i) => {
      let [near, nearest, high, named] = [Infinity, -1, -Infinity, -1];
      for (let k = 0; k < K; k++) {
        let [distance, score] = [0, bias[k]];
        for (let j = 0; j < 6; j++) {
          const x = samples.features.data[i * 6 + j];
          distance += (x - means.data[k * 6 + j]) ** 2;
          score += x * P.data[k * 6 + j];
        }
        if (distance < near) [near, nearest] = [distance, k];
        if (score > high) [high, named] = [score, k];
      }
      if (nearest === named) agreeing++;
      if (named === y) right++;
    });
    close(measurement.nc4, agreeing / samples.labels.length, 1e-12);
    close(measurement.accuracy, right / samples.labels.length, 1e-12);
  });
});

describe('a head with outputs that no class has', () => {
  it('names among all outputs, and measures the rows of the classes', async () => {
    const samples = clouds({ counts: [5, 4, 6], d: 4, seed: 21 });
    const all = randomHead([4, 5], 22, true);
    // Classes 0, 1, 2 are outputs 1, 2, 4.
    const outputs = Int32Array.of(1, 2, 4);
    const rows = zeros(3, 4);
    outputs.forEach((o, k) => {
      rows.data.set(all.weights[0].data.subarray(o * 4, o * 4 + 4), k * 4);
    });
    const head = { weights: [rows], bias: Float64Array.from(outputs, (o) => all.bias![o]) };
    const { measurement } = await measureFeatures(batchesOf(samples.features, samples.labels), {
      blas,
      head,
      all: { head: all, outputs },
    });
    const right = new Float64Array(3);
    samples.labels.forEach((y, i) => {
      const scores = Array.from({ length: 5 }, (_, o) => {
        let sum = all.bias![o];
        for (let j = 0; j < 4; j++) sum += samples.features.data[i * 4 + j] * all.weights[0].data[o * 4 + j];
        return sum;
      });
      if (scores.indexOf(Math.max(...scores)) === outputs[y]) right[y]++;
    });
    measurement.classes.forEach(({ accuracy, count }, k) => {
      expect(accuracy).toBe(right[k] / count);
    });
    // Against the restricted head: the same geometry.
    const bare = await measureFeatures(batchesOf(samples.features, samples.labels), { blas, head });
    expect(measurement.nc2).toEqual(bare.measurement.nc2);
    expect(measurement.nc3).toEqual(bare.measurement.nc3);
    expect(bare.measurement.accuracy).not.toBe(measurement.accuracy);
  });
});
