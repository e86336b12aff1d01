import { expect, test } from 'vitest';
import type { Blas } from '../../src/core/blas.js';
import { deferredBlas } from '../../src/core/deferredBlas.js';
import { matrix, zeros } from '../../src/core/matrix.js';
import { portableBlas } from '../../src/core/portableBlas.js';

const A = () => matrix(Float64Array.of(4, 1, 1, 3), 2, 2);

/** Each operation, by its name, as the numbers that it gives. */
const USES: Record<Exclude<keyof Blas, 'openPasses'>, (blas: Blas) => unknown> = {
  name: (blas) => blas.name,
  path: (blas) => blas.path,
  threads: (blas) => blas.threads,
  gemm(blas) {
    const C = matrix(Float64Array.of(1, 2, 3, 4), 2, 2);
    blas.gemm('T', 'N', 2, A(), matrix(Float64Array.of(5, 6, 7, 8), 2, 2), 3, C);
    return C;
  },
  gramInto(blas) {
    const C = zeros(2, 2);
    blas.gramInto(2, A(), 0, C);
    return C;
  },
  axpy(blas) {
    const y = Float64Array.of(1, 2);
    blas.axpy(3, Float64Array.of(5, 7), y);
    return y;
  },
  dot: (blas) => blas.dot(Float64Array.of(1, 2), Float64Array.of(3, 5)),
  eigenSymmetric: (blas) => blas.eigenSymmetric(A()),
  svd: (blas) => blas.svd(A()),
  qr: (blas) => blas.qr(A()),
};

test('every operation is that of the chosen one, which is chosen once, when it is first used', () => {
  for (const [name, use] of Object.entries(USES)) {
    let choices = 0;
    const blas = deferredBlas(() => {
      choices++;
      return portableBlas;
    });
    expect(choices, name).toBe(0);
    expect(use(blas), name).toEqual(use(portableBlas));
    use(blas);
    expect(choices, name).toBe(1);
  }
  expect(Object.keys(USES).sort()).toEqual(Object.keys(portableBlas).sort());
});

test('passes over layers are those of the chosen one, and none where it has none', () => {
  const plan = { classes: 2, vectors: [4], rows: [2], columns: 2 };
  expect(deferredBlas(() => portableBlas).openPasses?.(plan)).toBeNull();
  let opened: unknown = null;
  const opening = { ...portableBlas, openPasses: (wanted: unknown) => ((opened = wanted), null) };
  deferredBlas(() => opening).openPasses?.(plan);
  expect(opened).toBe(plan);
});
