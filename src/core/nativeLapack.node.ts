/**
 * The factorisations of `Blas` by LAPACK: dsyevd, dgesdd, dgelqf with dorglq.
 *
 * Where LAPACK's iteration does not converge (info > 0), the portable methods, which iterate otherwise, are asked before giving up.
 */
import { checkFinite, checkSquare, checkTall, type Blas } from './blas.js';
import { ComputationError } from './errors.js';
import { copy, shape, zeros, type Matrix } from './matrix.js';
import type { NativeLibrary } from './nativeLibrary.node.js';
import { portableBlas } from './portableBlas.js';

type Factorisations = Pick<Blas, 'eigenSymmetric' | 'svd' | 'qr'>;
type Integers = ReturnType<NativeLibrary['integers']>;

export function bindLapack(library: NativeLibrary): Factorisations {
  const { integers, integerSpace } = library;
  const dsyevd = library.routine(
    'void',
    'dsyevd_',
    'char* jobz, char* uplo, integer* n, double* a, integer* lda, double* w, double* work, integer* lwork, integer* iwork, integer* liwork, integer* info',
  );
  const dgesdd = library.routine(
    'void',
    'dgesdd_',
    'char* jobz, integer* m, integer* n, double* a, integer* lda, double* s, double* u, integer* ldu, double* vt, integer* ldvt, double* work, integer* lwork, integer* iwork, integer* info',
  );
  const dgelqf = library.routine(
    'void',
    'dgelqf_',
    'integer* m, integer* n, double* a, integer* lda, double* tau, double* work, integer* lwork, integer* info',
  );
  const dorglq = library.routine(
    'void',
    'dorglq_',
    'integer* m, integer* n, integer* k, double* a, integer* lda, double* tau, double* work, integer* lwork, integer* info',
  );

  /** Whether LAPACK converged. An argument that it refuses is no fault of the matrix. */
  const converged = (info: Integers): boolean => {
    const code = Number(info[0]);
    if (code < 0)
      throw new ComputationError(
        `BLAS: a LAPACK that is called as it was built, got one that refuses its argument ${-code} (${library.path}); take another library, or COLLAPSAR_BLAS=portable`,
      );
    return code === 0;
  };
  /** Runs a routine twice: once to ask for the size of its workspace, once to compute. */
  const withWork = (run: (work: Float64Array, lwork: Integers, info: Integers) => void): boolean => {
    const info = integers(0);
    const query = new Float64Array(1);
    run(query, integers(-1), info);
    if (!converged(info)) return false;
    const size = Math.max(1, Math.ceil(query[0]));
    run(new Float64Array(size), integers(size), info);
    return converged(info);
  };
  /** The QR routines do not iterate: they have nothing to converge. */
  const direct = (A: Matrix, done: boolean) => {
    if (!done) throw ComputationError.notConverged('an orthonormal basis', shape(A));
  };

  return {
    eigenSymmetric(A) {
      checkSquare('eigenSymmetric', A);
      checkFinite('eigenvalues', A);
      const n = A.rows;
      const values = new Float64Array(n);
      if (n === 0) return { values, vectors: zeros(0, 0) };
      const rows = copy(A);
      // dsyevd's workspaces are known in advance: 1 + 6n + 2n² and 3 + 5n.
      const lwork = 1 + 6 * n + 2 * n * n;
      const liwork = 3 + 5 * n;
      const info = integers(0);
      dsyevd(
        'V',
        'U',
        integers(n),
        rows.data,
        integers(n),
        values,
        new Float64Array(lwork),
        integers(lwork),
        integerSpace(liwork),
        integers(liwork),
        info,
      );
      if (!converged(info)) return portableBlas.eigenSymmetric(A);
      const vectors = zeros(n, n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors.data[j * n + i] = rows.data[i * n + j];
      return { values, vectors };
    },

    svd(A) {
      checkFinite('singular values', A);
      const [m, n] = [A.rows, A.cols];
      const k = Math.min(m, n);
      const out = { U: zeros(m, k), s: new Float64Array(k), Vt: zeros(k, n) };
      if (k === 0) return out;
      const a = A.data.slice();
      // Column-major Aᵀ = Vt'·s·U': LAPACK's left factor is our right one.
      const done = withWork((work, lwork, info) => {
        dgesdd(
          'S',
          integers(n),
          integers(m),
          a,
          integers(n),
          out.s,
          out.Vt.data,
          integers(n),
          out.U.data,
          integers(k),
          work,
          lwork,
          integerSpace(8 * k),
          info,
        );
      });
      return done ? out : portableBlas.svd(A);
    },

    qr(A) {
      checkTall('qr', A);
      checkFinite('QR factors', A);
      const [m, n] = [A.rows, A.cols];
      if (n === 0) return { Q: zeros(m, 0), R: zeros(0, 0) };
      const a = A.data.slice();
      const tau = new Float64Array(n);
      // Column-major Aᵀ = L·Q': the LQ of Aᵀ is the QR of A.
      const factored = withWork((work, lwork, info) => {
        dgelqf(integers(n), integers(m), a, integers(n), tau, work, lwork, info);
      });
      direct(A, factored);
      const R = zeros(n, n);
      for (let i = 0; i < n; i++) for (let j = i; j < n; j++) R.data[i * n + j] = a[i * n + j];
      const formed = withWork((work, lwork, info) => {
        dorglq(integers(n), integers(m), integers(n), a, integers(n), tau, work, lwork, info);
      });
      direct(A, formed);
      return { Q: { data: a, rows: m, cols: n }, R };
    },
  };
}
