import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { zeros } from '../../src/core/matrix.js';
import type { Matrix } from '../../src/core/matrix.js';
import { minorityAngles, seliGeometry } from '../../src/metrics/index.js';
import { frameDistance, frameEntry, simplexEtf } from '../../src/model/index.js';
import { BLASES } from '../support/blases.js';
import { multiply } from '../support/naive.js';

const counts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 2, maxLength: 7 });

describe.each(BLASES)('SELI geometry, $name', (blas) => {
  it('factors the simplex-encoded labels: PPᵀ·Ẑ = Ẑ·HᵀH, and both are square roots of ẐẐᵀ, ẐᵀẐ', () => {
    fc.assert(
      fc.property(counts, (n) => {
        const K = n.length;
        const { weights, features } = seliGeometry(n, blas);
        const Z = zeros(K, K);
        for (let i = 0; i < K; i++)
          for (let j = 0; j < K; j++) Z.data[i * K + j] = ((i === j ? 1 : 0) - 1 / K) * Math.sqrt(n[j]);
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
  });

  it('is the simplex ETF on equal counts', () => {
    const { weights, features, logits } = seliGeometry([5, 5, 5, 5], blas);
    for (const frame of [weights, features, logits]) {
      if (frame.kind !== 'dense') throw new Error('dense frames are expected');
      // Two matrices of norm 1: rounding.
      expect(frameDistance(frame.matrix, simplexEtf(4))).toBeLessThan(1e-14);
    }
  });
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

  it('do not exist for equal counts, single small classes and dead ones', () => {
    const gram = { rows: 2, cols: 2, data: Float64Array.from([1, 0, 0, 0]) };
    expect(minorityAngles([3, 3], dense(gram), dense(gram))).toBeNull();
    expect(minorityAngles([3, 1], null, dense(gram))).toMatchObject({
      minority: { classes: [1], weights: null, features: null },
    });
  });
});
