import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeros } from '../../src/core/matrix.js';
import type { Matrix } from '../../src/core/matrix.js';
import { minorityAngles, seliGeometry } from '../../src/metrics/index.js';
import { createProblem, frameDistance, frameEntry, simplexEtf, type Bias } from '../../src/model/index.js';
import { predictCe, type Prediction } from '../../src/theory/index.js';
import { BLASES } from '../support/blases.js';
import { multiply } from '../support/naive.js';

const counts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 7 });

describe.each(BLASES)('SELI geometry, $name', (blas) => {
  it.each(['none', 'free'] as const)(
    'factors the simplex-encoded labels: PPᵀ·Ẑ = Ẑ·HᵀH, and both are square roots of ẐẐᵀ, ẐᵀẐ, bias %s',
    (bias) => {
      fc.assert(
        fc.property(counts, (n) => {
          const K = n.length;
          const { weights, features } = seliGeometry(n, bias, blas);
          const N = n.reduce((sum, count) => sum + count, 0);
          const common = (i: number) => (bias === 'free' ? n[i] / N : 1 / K);
          const Z = zeros(K, K);
          for (let i = 0; i < K; i++)
            for (let j = 0; j < K; j++) Z.data[i * K + j] = ((i === j ? 1 : 0) - common(i)) * Math.sqrt(n[j]);
          const A = zeros(K, K);
          const B = zeros(K, K);
          for (let i = 0; i < K; i++)
            for (let j = 0; j < K; j++) {
              A.data[i * K + j] = frameEntry(weights, i, j);
              B.data[i * K + j] = frameEntry(features, i, j) * Math.sqrt(n[i] * n[j]);
            }
          const Zt = { ...Z, data: Z.data.map((_, at) => Z.data[(at % K) * K + Math.floor(at / K)]) };
          const pairs = [
            [multiply(A, A), multiply(Z, Zt)],
            [multiply(B, B), multiply(Zt, Z)],
            [multiply(A, Z), multiply(Z, B)],
          ];
          // Entries up to 30·K; rounding of an SVD.
          for (const [X, Y] of pairs)
            X.data.forEach((value, i) => expect(Math.abs(value - Y.data[i])).toBeLessThan(1e-10));
        }),
      );
    },
  );

  it.each(['none', 'free'] as const)('is the simplex ETF on equal counts, bias %s', (bias) => {
    const { weights, features, logits } = seliGeometry([5, 5, 5, 5], bias, blas);
    for (const frame of [weights, features, logits]) {
      if (frame.kind !== 'dense') throw new Error('dense frames are expected');
      // Two matrices of norm 1: rounding.
      expect(frameDistance(frame.matrix, simplexEtf(4))).toBeLessThan(1e-14);
    }
  });
});

describe('SELI and the certified minimum at a decay of 1e-10', () => {
  const COUNTS = [100, 10, 1];
  const at = (bias: Bias, decay: number) =>
    predictCe(
      createProblem({
        counts: COUNTS,
        depth: 1,
        widths: 3,
        loss: 'ce',
        bias,
        weightDecays: decay,
        featureDecay: decay,
      }),
    );
  const distances = (prediction: Prediction, bias: Bias) => {
    const predicted = prediction.geometry();
    const seli = seliGeometry(COUNTS, bias, BLASES[0]);
    return (['weights', 'features', 'logits'] as const).map((part) => {
      const frame = predicted[part];
      if (frame.kind !== 'dense') throw new Error('dense frames are expected');
      return frameDistance(frame.matrix, seli[part]) ?? NaN;
    });
  };

  it.each([
    ['none', 'free'],
    ['free', 'none'],
  ] as const)(
    'bias %s: near its own frame, far from that of bias %s, and nearer as the decay falls',
    (bias, other) => {
      const minimum = at(bias, 1e-10);
      expect(minimum.optimality).toBe('global');
      const near = distances(minimum, bias);
      const far = distances(minimum, other);
      const earlier = distances(at(bias, 1e-6), bias);
      near.forEach((distance, part) => {
        // The limit is reached like 1/log(1/λ).
        expect(distance).toBeLessThan(0.06);
        expect(distance).toBeLessThan(earlier[part]);
        expect(far[part]).toBeGreaterThan(5 * distance);
      });
      // Free bias: numbers of an independent computation in NumPy.
      if (bias === 'free') {
        [0.021, 0.012, 0.019].forEach((value, part) => expect(near[part]).toBeCloseTo(value, 3));
        [0.4, 0.92, 0.7].forEach((value, part) => expect(far[part]).toBeCloseTo(value, 2));
      }
    },
  );
});

describe('minority angles', () => {
  const dense = (matrix: Matrix) => ({ kind: 'dense', matrix }) as const;

  it('are 0 for small classes that merged and 90 for orthogonal large ones', () => {
    const gram = {
      rows: 4,
      cols: 4,
      data: Float64Array.from([4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 1, 2, 0, 0, 2, 4]),
    };
    expect(minorityAngles([100, 100, 5, 5], dense(gram), dense(gram))).toEqual({
      minority: { classes: [2, 3], weights: 0, features: 0 },
      majority: { classes: [0, 1], weights: 90, features: 90 },
    });
  });

  it('count a class of average size among the others', () => {
    const gram = { rows: 3, cols: 3, data: Float64Array.from([1, 0, 0.5, 0, 1, 0, 0.5, 0, 1]) };
    expect(minorityAngles([30, 20, 10], dense(gram), dense(gram))).toEqual({
      minority: { classes: [2], weights: null, features: null },
      majority: { classes: [0, 1], weights: 90, features: 90 },
    });
  });

  it('do not exist for equal counts, single small classes and dead ones', () => {
    const gram = { rows: 2, cols: 2, data: Float64Array.from([1, 0, 0, 0]) };
    expect(minorityAngles([3, 3], dense(gram), dense(gram))).toBeNull();
    expect(minorityAngles([3, 1], null, dense(gram))).toMatchObject({
      minority: { classes: [1], weights: null, features: null },
    });
  });
});
