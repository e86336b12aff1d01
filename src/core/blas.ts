/**
 * The one interface behind which matrix products and factorisations run.
 *
 * Two implementations exist: `portableBlas` (plain TypeScript, everywhere) and a native one that calls the
 * system's BLAS and LAPACK (Node only). Both pass the same tests; they differ in rounding and in speed.
 * All matrices are row-major; products take float32 or float64, factorisations float64. A factorisation throws a `range` error for
 * NaN and Infinity, and a `ComputationError` where it does not converge.
 */
import { refuseRange, refuseShape } from './errors.js';
import type { LayerPasses, PassPlan } from './layerPasses.js';
import { shape, type Floats, type Matrix } from './matrix.js';

/** 'N': the matrix as it stands; 'T': its transpose. */
export type Transpose = 'N' | 'T';

export interface Blas {
  /** What computes: `portable`, or the library's own description of itself. */
  readonly name: string;
  /** File or library name that was loaded; null for the portable one. */
  readonly path: string | null;
  /** Threads it uses, or null where the library does not tell. */
  readonly threads: number | null;

  /** C ← α·op(A)·op(B) + β·C. With β = 0 the old C is not read, so it may hold anything. */
  gemm<T extends Floats>(
    transposeA: Transpose,
    transposeB: Transpose,
    alpha: number,
    A: Matrix<T>,
    B: Matrix<T>,
    beta: number,
    C: Matrix<T>,
  ): void;
  /**
   * C ← α·AᵀA + β·C, symmetric. A: n×d, C: d×d. Both triangles are written, or with `upper` that one for sure: of a large C the other
   * costs as much as a product of few rows.
   */
  gramInto<T extends Floats>(
    alpha: number,
    A: Matrix<T>,
    beta: number,
    C: Matrix<T>,
    triangles?: 'both' | 'upper',
  ): void;
  /** y ← αx + y. */
  axpy<T extends Floats>(alpha: number, x: T, y: T): void;
  /** xᵀy. */
  dot<T extends Floats>(x: T, y: T): number;
  /** Eigenvalues in ascending order and, as the columns of `vectors`, orthonormal eigenvectors of a symmetric A. */
  eigenSymmetric(A: Matrix): Eigen;
  /** Thin singular value decomposition A = U·diag(s)·Vt, s descending; with k = min(m, n): U m×k, Vt k×n. */
  svd(A: Matrix): Svd;
  /** Thin QR of A (m×n, m ≥ n): Q m×n with orthonormal columns, R n×n upper triangular (signs are free). */
  qr(A: Matrix): Qr;
  /** Passes over layers too wide for a cache, on as many threads; absent or null where there are none. */
  readonly openPasses?: ((plan: PassPlan) => LayerPasses | null) | undefined;
}

export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Matrix;
}
export interface Svd {
  readonly U: Matrix;
  readonly s: Float64Array;
  readonly Vt: Matrix;
}
export interface Qr {
  readonly Q: Matrix;
  readonly R: Matrix;
}

/** Refuses shapes that do not multiply; returns the inner dimension. */
export function checkGemm(
  tA: Transpose,
  tB: Transpose,
  A: Matrix<Floats>,
  B: Matrix<Floats>,
  C: Matrix<Floats>,
): number {
  const m = tA === 'N' ? A.rows : A.cols;
  const k = tA === 'N' ? A.cols : A.rows;
  const kB = tB === 'N' ? B.rows : B.cols;
  const n = tB === 'N' ? B.cols : B.rows;
  if (k !== kB || C.rows !== m || C.cols !== n)
    refuseShape(
      'gemm',
      'op(A) m×k, op(B) k×n and C m×n',
      `A${tA === 'T' ? 'ᵀ' : ''} of ${shape(A)}, B${tB === 'T' ? 'ᵀ' : ''} of ${shape(B)}, C of ${shape(C)}`,
    );
  return k;
}

/** Refuses two vectors of different length. */
export function checkSameLength(where: string, x: Floats, y: Floats): void {
  if (x.length !== y.length)
    refuseShape(where, 'x and y of one length', `lengths ${x.length} and ${y.length}`);
}

/** Refuses a matrix that is not square. */
export function checkSquare(where: string, A: Matrix<Floats>): void {
  if (A.rows !== A.cols) refuseShape(where, 'a square matrix', shape(A));
}

/** Refuses shapes that do not fit C ← AᵀA. */
export function checkGram(A: Matrix<Floats>, C: Matrix<Floats>): void {
  if (C.rows !== A.cols || C.cols !== A.cols)
    refuseShape('gramInto', 'A n×d and C d×d', `A of ${shape(A)}, C of ${shape(C)}`);
}

/** Refuses NaN and Infinity: factorisations of them have no meaning, and libraries differ in what they do. */
export function checkFinite(where: string, A: Matrix): void {
  const bad = A.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuseRange(where, 'a matrix of finite numbers', A.data[bad]);
}

/** Refuses a matrix with more columns than rows. */
export function checkTall(where: string, A: Matrix<Floats>): void {
  if (A.rows < A.cols) refuseShape(where, 'A m×n with m ≥ n', shape(A));
}
