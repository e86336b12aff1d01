/**
 * Small BLAS libraries made by the C compiler of the machine: products by loops, LAPACK that never converges. They stand for builds
 * that the machine does not have: other widths of integers, other names of symbols.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SOURCE = `
#define JOIN2(a, b, c) a##b##c
#define JOIN(a, b, c) JOIN2(a, b, c)
#define NAME(x) JOIN(PREFIX, x, SUFFIX)

#ifdef CONFIG
const char *NAME(openblas_get_config)(void) { return CONFIG; }
int NAME(openblas_get_num_threads)(void) { return 3; }
#endif
#ifdef VERSION
void NAME(ilaver_)(INT *major, INT *minor, INT *patch) { *major = 3; *minor = 11; *patch = 0; }
#endif

#define GEMM(name, T) void NAME(name)(int order, int ta, int tb, INT m, INT n, INT k, T alpha, T *a, INT lda, T *b, INT ldb, T beta, T *c, INT ldc) { \\
  for (INT i = 0; i < m; i++) for (INT j = 0; j < n; j++) { double sum = 0; \\
    for (INT l = 0; l < k; l++) sum += (double)(ta == 111 ? a[i * lda + l] : a[l * lda + i]) * (tb == 111 ? b[l * ldb + j] : b[j * ldb + l]); \\
    c[i * ldc + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * ldc + j]); } }
#define SYRK(name, T) void NAME(name)(int order, int uplo, int trans, INT n, INT k, T alpha, T *a, INT lda, T beta, T *c, INT ldc) { \\
  for (INT i = 0; i < n; i++) for (INT j = i; j < n; j++) { double sum = 0; \\
    for (INT l = 0; l < k; l++) sum += (double)a[l * lda + i] * a[l * lda + j]; \\
    c[i * ldc + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * ldc + j]); } }
#define AXPY(name, T) void NAME(name)(INT n, T a, T *x, INT ix, T *y, INT iy) { for (INT i = 0; i < n; i++) y[i * iy] += a * x[i * ix]; }
GEMM(cblas_dgemm, double) GEMM(cblas_sgemm, float)
SYRK(cblas_dsyrk, double) SYRK(cblas_ssyrk, float)
AXPY(cblas_daxpy, double) AXPY(cblas_saxpy, float)
double NAME(cblas_ddot)(INT n, double *x, INT ix, double *y, INT iy) { double sum = 0; for (INT i = 0; i < n; i++) sum += x[i * ix] * y[i * iy]; return sum; }

/* Iterations that do not converge, and a routine that refuses its fourth argument. Each spoils its matrix first. */
void NAME(dsyevd_)(char *jobz, char *uplo, INT *n, double *a, INT *lda, double *w, double *work, INT *lwork, INT *iwork, INT *liwork, INT *info) { a[0] = 99; *info = 1; }
void NAME(dgesdd_)(char *jobz, INT *m, INT *n, double *a, INT *lda, double *s, double *u, INT *ldu, double *vt, INT *ldvt, double *work, INT *lwork, INT *iwork, INT *info) {
  if (*lwork == -1) { work[0] = 8; *info = 0; } else { a[0] = 99; s[0] = 99; *info = 1; } }
void NAME(dgelqf_)(INT *m, INT *n, double *a, INT *lda, double *tau, double *work, INT *lwork, INT *info) { *info = -4; }
void NAME(dorglq_)(INT *m, INT *n, INT *k, double *a, INT *lda, double *tau, double *work, INT *lwork, INT *info) { *info = 0; }
`;

export interface Build {
  readonly integer: 'int' | 'long long';
  readonly prefix?: string;
  readonly suffix?: string;
  /** What `openblas_get_config` says; without it there is none. */
  readonly config?: string;
  /** Whether LAPACK tells its version. */
  readonly version?: boolean;
}

export function hasCompiler(): boolean {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiles one into `folder`; the path of the library. */
export function buildBlas(folder: string, name: string, build: Build): string {
  const { integer, prefix = '', suffix = '', config, version = false } = build;
  const source = join(folder, `${name}.c`);
  const library = join(folder, `lib${name}.so`);
  writeFileSync(source, SOURCE);
  execFileSync('cc', [
    '-shared',
    '-fPIC',
    '-O1',
    `-DINT=${integer}`,
    `-DPREFIX=${prefix}`,
    `-DSUFFIX=${suffix}`,
    ...(config === undefined ? [] : [`-DCONFIG="${config}"`]),
    ...(version ? ['-DVERSION'] : []),
    source,
    '-o',
    library,
  ]);
  return library;
}
