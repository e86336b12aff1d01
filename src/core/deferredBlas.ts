/**
 * A `Blas` that is chosen when it is first used.
 *
 * Opening a library of the system takes longer than a small prediction, and the closed forms need no product at all.
 */
import type { Blas } from './blas.js';

export function deferredBlas(choose: () => Blas): Blas {
  let chosen: Blas | null = null;
  const blas = (): Blas => (chosen ??= choose());
  return {
    get name() {
      return blas().name;
    },
    get path() {
      return blas().path;
    },
    get threads() {
      return blas().threads;
    },
    gemm: (tA, tB, alpha, A, B, beta, C) => blas().gemm(tA, tB, alpha, A, B, beta, C),
    gramInto: (alpha, A, beta, C, triangles) => blas().gramInto(alpha, A, beta, C, triangles),
    axpy: (alpha, x, y) => blas().axpy(alpha, x, y),
    dot: (x, y) => blas().dot(x, y),
    eigenSymmetric: (A) => blas().eigenSymmetric(A),
    svd: (A) => blas().svd(A),
    qr: (A) => blas().qr(A),
    openPasses: (plan) => blas().openPasses?.(plan) ?? null,
  };
}
