import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { copy, identity, zeros, type Floats, type Matrix } from '../../src/core/matrix.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { naiveGemm, randomMatrix, ROUNDOFF, type Kind } from './naive.js';

const kinds = fc.constantFrom<Kind>('float32', 'float64');
const operations = fc.constantFrom('N' as const, 'T' as const);
const factors = fc.constantFrom(0, 1, -1, 0.5, -2.75, 1 / 3);
const small = fc.integer({ min: 0, max: 11 });
const MARGIN = 12345;

/** The buffer around a view: nothing outside it may change. */
function marginsUntouched({ data }: Matrix<Floats>): boolean {
  const whole = data instanceof Float64Array ? new Float64Array(data.buffer) : new Float32Array(data.buffer);
  const offset = data.byteOffset / data.BYTES_PER_ELEMENT;
  for (let i = 0; i < offset; i++) if (whole[i] !== MARGIN) return false;
  for (let i = offset + data.length; i < whole.length; i++) if (whole[i] !== MARGIN) return false;
  return true;
}

/** Bit for bit; `toEqual` takes a second over 100 000 numbers. */
function same(x: Floats, y: Floats): boolean {
  return x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
}

/**
 * Entry by entry, |computed − exact| ≤ γ·(|α||A||B| + |β||C|) in any order of summation: k products, k sums, α, β and one
 * more sum, and α and β rounded to the matrix type (Higham 2002, section 3.5). The naive sum adds at most as much again.
 */
function expectWithinRounding(kind: Kind, k: number, found: Floats, naive: ReturnType<typeof naiveGemm>) {
  const gamma = 2 * (k + 5) * ROUNDOFF[kind];
  found.forEach((value, i) => {
    const bound = gamma * naive.size[i] + Number.MIN_VALUE;
    if (!(Math.abs(value - naive.value[i]) <= bound))
      expect.fail(`entry ${i}: ${value}, by loops ${naive.value[i]}, bound ${bound}`);
  });
}

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(`%s: products${NATIVE_NOTE}`, (_, blas) => {
  it('gemm is the triple loop, for every transpose, factor, type, shape and offset', () => {
    fc.assert(
      fc.property(
        fc.record({ kind: kinds, tA: operations, tB: operations, alpha: factors, beta: factors }),
        fc.tuple(small, small, small),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 2 ** 30 }),
        ({ kind, tA, tB, alpha, beta }, [m, n, k], offset, seed) => {
          const A = randomMatrix(kind, tA === 'N' ? m : k, tA === 'N' ? k : m, seed, offset, MARGIN);
          const B = randomMatrix(kind, tB === 'N' ? k : n, tB === 'N' ? n : k, seed + 1, offset, MARGIN);
          const C = randomMatrix(kind, m, n, seed + 2, offset, MARGIN);
          const naive = naiveGemm(tA, tB, alpha, A, B, beta, C);
          const [oldA, oldB] = [A.data.slice(), B.data.slice()];
          // With β = 0 the old C is not read.
          if (beta === 0) C.data.fill(NaN);
          blas.gemm(tA, tB, alpha, A, B, beta, C);
          expectWithinRounding(kind, k, C.data, naive);
          expect(same(A.data, oldA)).toBe(true);
          expect(same(B.data, oldB)).toBe(true);
          for (const X of [A, B, C]) expect(marginsUntouched(X)).toBe(true);
        },
      ),
      { numRuns: 600 },
    );
  });

  it.each<[number, number, number]>([
    [4, 68, 64],
    [64, 4, 300],
    [37, 129, 255],
    [11, 263, 33],
    [37, 41, 7],
    [6, 129, 12],
  ])('gemm %i×%i over %i: shapes with remainders after blocks of every size', (m, n, k) => {
    for (const kind of ['float32', 'float64'] as const)
      for (const tA of ['N', 'T'] as const)
        for (const tB of ['N', 'T'] as const) {
          const A = randomMatrix(kind, tA === 'N' ? m : k, tA === 'N' ? k : m, 1);
          const B = randomMatrix(kind, tB === 'N' ? k : n, tB === 'N' ? n : k, 2);
          const C = randomMatrix(kind, m, n, 3);
          const naive = naiveGemm(tA, tB, 0.7, A, B, -0.3, C);
          blas.gemm(tA, tB, 0.7, A, B, -0.3, C);
          expectWithinRounding(kind, k, C.data, naive);
        }
  });

  it('gemm with an empty inner dimension is β·C', () => {
    const C = randomMatrix('float64', 3, 2, 5) as Matrix;
    const old = C.data.slice();
    blas.gemm('N', 'N', 2, zeros(3, 0), zeros(0, 2), 0.5, C);
    expect(C.data).toEqual(old.map((x) => 0.5 * x));
    C.data.fill(NaN);
    blas.gemm('T', 'T', 2, zeros(0, 3), zeros(2, 0), 0, C);
    expect([...C.data]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('gramInto is AᵀA by loops, with both triangles alike to the last bit', () => {
    fc.assert(
      fc.property(
        kinds,
        fc.tuple(small, small),
        factors,
        factors,
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 2 ** 30 }),
        (kind, [n, d], alpha, beta, offset, seed) => {
          const A = randomMatrix(kind, n, d, seed, offset, MARGIN);
          const C = randomMatrix(kind, d, d, seed + 1, offset, MARGIN);
          for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) C.data[i * d + j] = C.data[j * d + i];
          const naive = naiveGemm('T', 'N', alpha, A, A, beta, C);
          if (beta === 0) C.data.fill(NaN);
          const half = { ...C, data: C.data.slice() } as typeof C;
          blas.gramInto(alpha, A, beta, C);
          expectWithinRounding(kind, n, C.data, naive);
          blas.gramInto(alpha, A, beta, half, 'upper');
          for (let i = 0; i < d; i++)
            for (let j = i; j < d; j++) expect(half.data[i * d + j]).toBe(C.data[i * d + j]);
          for (let i = 0; i < d; i++)
            for (let j = 0; j < i; j++) expect(C.data[i * d + j]).toBe(C.data[j * d + i]);
          expect(marginsUntouched(A) && marginsUntouched(C)).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  // The native axpy cuts vectors of 8193 … 131072 entries into pieces of 8192; each length beside a boundary is tried.
  it.each([0, 1, 2, 7, 8191, 8192, 8193, 10001, 16384, 16385, 131071, 131072, 131073, 140000])(
    'axpy and dot of %i entries',
    (length) => {
      for (const kind of ['float32', 'float64'] as const) {
        const x = randomMatrix(kind, 1, length, 11, 1, MARGIN);
        const y = randomMatrix(kind, 1, length, 12, 3, MARGIN);
        const [u, oldX, oldY] = [ROUNDOFF[kind], x.data.slice(), y.data.slice()];
        let [exact, size] = [0, 0];
        for (let i = 0; i < length; i++) {
          exact += oldX[i] * oldY[i];
          size += Math.abs(oldX[i] * oldY[i]);
        }
        // One rounding for a product and one for a sum, in any order, here and in the loop. Float32 vectors: OpenBLAS's dsdot
        // works through blocks of 4096 in float32, in 32 lanes, and only adds the blocks in double: 4096/32 + 32 sums.
        const perTerm = 2 * (length + 1) * 2 ** -53 + (kind === 'float32' ? 160 * u : 0);
        expect(Math.abs(blas.dot(x.data, y.data) - exact)).toBeLessThanOrEqual(perTerm * size);

        blas.axpy(-0.375, x.data, y.data);
        let worst = 0;
        for (let i = 0; i < length; i++) {
          const expected = oldY[i] - 0.375 * oldX[i];
          // One rounding of the product (none with a fused multiply-add) and one of the sum.
          const bound = 2 * u * (Math.abs(oldY[i]) + Math.abs(oldX[i]));
          worst = Math.max(worst, Math.abs(y.data[i] - expected) / bound);
        }
        expect(worst).toBeLessThanOrEqual(1);
        expect(same(x.data, oldX)).toBe(true);
        expect(marginsUntouched(x) && marginsUntouched(y)).toBe(true);
      }
    },
  );

  it.each<[string, () => void, RegExp]>([
    [
      'inner dimensions',
      () => blas.gemm('N', 'N', 1, zeros(2, 3), zeros(4, 5), 0, zeros(2, 5)),
      /^gemm: op\(A\) m×k, op\(B\) k×n and C m×n, got A of 2×3, B of 4×5, C of 2×5$/,
    ],
    [
      'rows of C',
      () => blas.gemm('T', 'N', 1, zeros(2, 3), zeros(2, 5), 0, zeros(2, 5)),
      /^gemm: .*got Aᵀ of 2×3, B of 2×5, C of 2×5$/,
    ],
    [
      'columns of C',
      () => blas.gemm('N', 'T', 1, zeros(2, 3), zeros(5, 3), 0, zeros(2, 3)),
      /^gemm: .*got A of 2×3, Bᵀ of 5×3, C of 2×3$/,
    ],
    [
      'gram',
      () => blas.gramInto(1, zeros(4, 3), 0, zeros(4, 4)),
      /^gramInto: A n×d and C d×d, got A of 4×3, C of 4×4$/,
    ],
    ['gram', () => blas.gramInto(1, zeros(4, 3), 0, zeros(3, 4)), /^gramInto: .* C of 3×4$/],
    [
      'axpy',
      () => blas.axpy(1, new Float64Array(3), new Float64Array(4)),
      /^axpy: x and y of one length, got lengths 3 and 4$/,
    ],
    [
      'dot',
      () => blas.dot(new Float32Array(0), new Float32Array(1)),
      /^dot: x and y of one length, got lengths 0 and 1$/,
    ],
    ['eigen', () => blas.eigenSymmetric(zeros(2, 3)), /^eigenSymmetric: a square matrix, got 2×3$/],
    ['qr', () => blas.qr(zeros(2, 3)), /^qr: A m×n with m ≥ n, got 2×3$/],
  ])('refuses %s that do not fit, naming function, requirement and shapes', (_name, act, message) => {
    expect(act).toThrow(message);
    expect(act).toThrow(InputError);
    try {
      act();
    } catch (error) {
      expect((error as InputError).code).toBe('dimension');
    }
  });

  it('refuses before it writes', () => {
    const C = copy(identity(3));
    expect(() => blas.gemm('N', 'N', 1, zeros(3, 2), zeros(3, 3), 0, C)).toThrow();
    expect(C.data).toEqual(identity(3).data);
  });
});
