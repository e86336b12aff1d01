import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagonal, frobenius, fromRows, identity, zeros, type Matrix } from '../../src/core/matrix.js';
import {
  frameDistance,
  frameEntry,
  frameNorm,
  forEachColumn,
  frameSize,
  orthogonalFrame,
  simplexEtf,
  type Frame,
  type MeasuredFrame,
} from '../../src/model/index.js';
import { multiply } from '../support/naive.js';
import { largestDifference, random64 } from '../core/naive.js';

const size = fc.integer({ min: 1, max: 8 });
const seeds = fc.integer({ min: 0, max: 2 ** 30 });
const scales = fc.double({ min: 1e-6, max: 1e6, noNaN: true });

const dense = (matrix: Matrix): Frame => ({ kind: 'dense', matrix });
function scaled(A: Matrix, factor: number): Matrix {
  return { ...A, data: A.data.map((a) => factor * a) };
}

describe('frames', () => {
  it('the simplex ETF is the projector off 1: idempotent, rank K − 1, cosines −1/(K−1)', () => {
    for (let K = 2; K <= 9; K++) {
      const frame = simplexEtf(K);
      if (frame.kind !== 'dense') throw new Error('dense');
      // K products of numbers up to 1: K roundings.
      expect(largestDifference(multiply(frame.matrix, frame.matrix), frame.matrix)).toBeLessThan(
        K * 2 ** -52,
      );
      expect(frameNorm(frame)).toBeCloseTo(Math.sqrt(K - 1), 14);
      expect(frameEntry(frame, 0, 1) / frameEntry(frame, 0, 0)).toBeCloseTo(-1 / (K - 1), 14);
    }
    expect(frameNorm(simplexEtf(1))).toBe(0);
  });

  it('a diagonal frame and the same matrix written out are one', () => {
    fc.assert(
      fc.property(size, seeds, (K, seed) => {
        const entries = random64(1, K, seed).data;
        const [short, long] = [{ kind: 'diagonal', entries } as const, dense(diagonal(entries))];
        const A = random64(K, K, seed + 1);
        expect(frameSize(short)).toBe(frameSize(long));
        expect(frameNorm(short)).toBeCloseTo(frameNorm(long), 13);
        for (let i = 0; i < K; i++)
          for (let j = 0; j < K; j++) expect(frameEntry(short, i, j)).toBe(frameEntry(long, i, j));
        expect(frameDistance(A, short)).toBeCloseTo(frameDistance(A, long) ?? NaN, 13);
      }),
    );
  });
});

describe('frameDistance', () => {
  it('leaves scale out, is between 0 and 2, and is √(2 − 2cos) of the angle', () => {
    fc.assert(
      fc.property(size, seeds, scales, scales, (K, seed, a, b) => {
        const [A, F] = [random64(K, K, seed), random64(K, K, seed + 1)];
        const distance = frameDistance(A, dense(F)) ?? NaN;
        // Unit vectors of at most 64 entries: 64 roundings of numbers up to 1.
        const rounding = 64 * 2 ** -52;
        expect(Math.abs((frameDistance(scaled(A, a), dense(scaled(F, b))) ?? NaN) - distance)).toBeLessThan(
          rounding,
        );
        expect(distance).toBeGreaterThanOrEqual(0);
        expect(distance).toBeLessThanOrEqual(2 + rounding);
        const cosine = A.data.reduce((sum, x, i) => sum + x * F.data[i], 0) / (frobenius(A) * frobenius(F));
        // Second way; squared, since near 0 the root of a rounding is large.
        expect(Math.abs(distance ** 2 - (2 - 2 * cosine))).toBeLessThan(4 * rounding);
        expect(frameDistance(A, dense(A))).toBeLessThan(rounding);
        expect(frameDistance(A, dense(scaled(A, -a)))).toBeCloseTo(2, 13);
      }),
      { numRuns: 200 },
    );
  });

  it('a zero matrix has no direction: null on either side', () => {
    expect(frameDistance(zeros(3, 3), orthogonalFrame(3))).toBeNull();
    expect(frameDistance(identity(3), { kind: 'diagonal', entries: new Float64Array(3) })).toBeNull();
    expect(frameDistance(identity(1), simplexEtf(1))).toBeNull();
  });

  it('does not lose tiny or huge matrices to underflow and overflow', () => {
    for (const factor of [1e-200, 1e200])
      expect(frameDistance(scaled(identity(3), factor), orthogonalFrame(3))).toBeLessThan(1e-15);
  });

  it('the distance of the orthogonal frame from the simplex ETF has a closed form', () => {
    // cos = tr(I − 11ᵀ/K)/(√K·√(K−1)) = √((K−1)/K)
    for (let K = 2; K <= 10; K++)
      expect(frameDistance(identity(K), simplexEtf(K))).toBeCloseTo(
        Math.sqrt(2 - 2 * Math.sqrt((K - 1) / K)),
        13,
      );
  });

  it('refuses another number of classes', () => {
    expect(() => frameDistance(fromRows([[1, 2]]), orthogonalFrame(2))).toThrow(
      'frameDistance: a 2×2 matrix beside a frame of 2 classes, got 1×2',
    );
  });
});

describe('the columns of a product of many classes', () => {
  // More than are read together.
  const K = 1500;
  const size = (rows: number) => ({ data: new Float64Array(2 * rows), rows, cols: 2 });
  const frame: MeasuredFrame = {
    kind: 'product',
    left: size(K),
    right: size(K),
    columns: (first, count, from) => ({
      data: Float64Array.from({ length: count * (K - from) }, (_, at) => {
        const [i, j] = [Math.floor(at / (K - from)), at % (K - from)];
        return K * (from + j) + first + i;
      }),
      rows: count,
      cols: K - from,
    }),
  };

  it.each(['all', 'below'] as const)('are visited in order, entries: %s', (wanted) => {
    let [next, wrong, starts] = [0, 0, 0];
    forEachColumn(
      frame,
      (column, k, from) => {
        if (k !== next++ || column.length !== K - from || from > k) wrong++;
        if (from > 0) starts++;
        column.forEach((entry, j) => (wrong += Number(entry !== K * (from + j) + k)));
      },
      wanted,
    );
    expect([next, wrong]).toEqual([K, 0]);
    // Above the diagonal nothing is left out where all is wanted, and something where it is not.
    expect(starts > 0).toBe(wanted === 'below');
  });
});
