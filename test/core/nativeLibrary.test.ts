import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Blas } from '../../src/core/blas.js';
import { ComputationError } from '../../src/core/errors.js';
import { diagonal, fromRows, zeros } from '../../src/core/matrix.js';
import { chooseBlas, openBlas } from '../../src/core/nativeBlas.node.js';
import { openLibrary } from '../../src/core/nativeLibrary.node.js';
import { multiply, transposed } from '../support/naive.js';
import { buildBlas, hasCompiler, type Build } from '../support/builtBlas.js';
import { largestDifference, random64 } from './naive.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'collapsar-blas-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function opened(path: string): Blas {
  const blas = openBlas(path);
  if (typeof blas === 'string') throw new Error(blas);
  return blas;
}

/** Products by a library beside loops. */
function checkProducts(blas: Blas): void {
  const [A, B] = [random64(5, 7, 1), random64(7, 4, 2)];
  const C = zeros(5, 4);
  blas.gemm('N', 'N', 1, A, B, 0, C);
  expect(largestDifference(C, multiply(A, B))).toBeLessThan(1e-14);
  blas.gemm('T', 'T', 1, transposed(A), transposed(B), 0, C);
  expect(largestDifference(C, multiply(A, B))).toBeLessThan(1e-14);
  const G = zeros(7, 7);
  blas.gramInto(1, A, 0, G);
  expect(largestDifference(G, multiply(transposed(A), A))).toBeLessThan(1e-14);
  const y = Float64Array.of(1, 2, 3);
  blas.axpy(2, Float64Array.of(1, 1, -1), y);
  expect([...y]).toEqual([3, 4, 1]);
  expect(blas.dot(y, Float64Array.of(1, 10, 100))).toBe(143);
}

const USUAL = 'OpenBLAS 0.3.99 NO_LAPACKE DYNAMIC_ARCH';
const LONG = 'OpenBLAS 0.3.99 USE64BITINT NO_LAPACKE DYNAMIC_ARCH';

const BUILDS: readonly (readonly [string, Build, boolean])[] = [
  ['plain names, 32 bits', { integer: 'int', config: USUAL, version: true }, false],
  ['plain names, 64 bits, told by its configuration', { integer: 'long long', config: LONG }, true],
  ['plain names, 64 bits, told by LAPACK alone', { integer: 'long long', version: true }, true],
  ['plain names, 32 bits, nothing told', { integer: 'int' }, false],
  ['names with 64_', { integer: 'long long', suffix: '64_', config: LONG, version: true }, true],
  [
    'names with scipy_ and 64_',
    { integer: 'long long', prefix: 'scipy_', suffix: '64_', config: LONG, version: true },
    true,
  ],
  ['names with scipy_', { integer: 'int', prefix: 'scipy_', config: USUAL, version: true }, false],
];

describe.skipIf(!hasCompiler())(
  `libraries of other builds${hasCompiler() ? '' : ' [skipped: no C compiler on this machine]'}`,
  () => {
    it.each(BUILDS)('%s', (title, build, longIntegers) => {
      const path = buildBlas(folder, title.replace(/\W+/g, '-'), build);
      expect(openLibrary(path).longIntegers).toBe(longIntegers);
      const blas = opened(path);
      checkProducts(blas);
      if (build.config !== undefined) {
        expect(blas.name).toBe(longIntegers ? 'OpenBLAS 0.3.99, 64-bit integers' : 'OpenBLAS 0.3.99');
        expect(blas.threads).toBe(3);
      }
    });

    it.each(['int', 'long long'] as const)(
      'LAPACK that does not converge (%s): the portable methods answer, with the matrix as it was',
      (integer) => {
        const blas = opened(buildBlas(folder, `stuck-${integer.length}`, { integer, version: true }));
        expect([...blas.eigenSymmetric(diagonal([3, -1, 2])).values]).toEqual([-1, 2, 3]);
        const { s } = blas.svd(fromRows([[3], [4]]));
        expect(s[0]).toBeCloseTo(5, 14);
      },
    );

    it('LAPACK that refuses an argument is a failure, not a bad input', () => {
      const blas = opened(buildBlas(folder, 'refusing', { integer: 'long long', version: true }));
      expect(() => blas.qr(random64(4, 2, 1))).toThrow(ComputationError);
      expect(() => blas.qr(random64(4, 2, 1))).toThrow(/refuses its argument 4 .*; take another library/);
    });
  },
);

describe('the 64-bit OpenBLAS of Debian', () => {
  const blas = openBlas('libopenblas64.so.0');
  const absent = typeof blas === 'string';
  it.skipIf(absent)(`computes${absent ? ' [skipped: libopenblas64-0 is not installed]' : ''}`, () => {
    if (typeof blas === 'string') return;
    expect(blas.name).toMatch(/^OpenBLAS [\d.]+ \w+, 64-bit integers$/);
    checkProducts(blas);
  });
});

describe('what is no library', () => {
  it.skipIf(process.platform === 'win32')('a FIFO does not block, by path and by name', () => {
    const fifo = join(folder, 'libpipe.so');
    execFileSync('mkfifo', [fifo]);
    expect(openBlas(fifo)).toBe('a FIFO, no library');
    const before = process.env.LD_LIBRARY_PATH;
    process.env.LD_LIBRARY_PATH = folder;
    try {
      expect(openBlas('libpipe.so')).toBe('a FIFO, no library');
    } finally {
      if (before === undefined) delete process.env.LD_LIBRARY_PATH;
      else process.env.LD_LIBRARY_PATH = before;
    }
    expect(() => chooseBlas(fifo)).toThrow(
      `COLLAPSAR_BLAS: \`portable\` or a library with cblas and LAPACK symbols, got ${fifo} (a FIFO, no library)`,
    );
  });

  it('a folder and a device are named; a text file is the loader’s to refuse', () => {
    mkdirSync(join(folder, 'libfolder.so'));
    expect(openBlas(join(folder, 'libfolder.so'))).toBe('a folder, no library');
    if (process.platform !== 'win32') expect(openBlas('/dev/null')).toBe('a device, no library');
    writeFileSync(join(folder, 'libtext.so'), 'INPUT(libopenblas.so.0)\n');
    expect(typeof openBlas(join(folder, 'libtext.so'))).toBe('string');
  });
});
