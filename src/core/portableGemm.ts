/**
 * C ← α·op(A)·op(B) + β·C in plain TypeScript, for `portableBlas`.
 *
 * Sixteen entries of C, four rows by four columns, stay in registers over the whole inner dimension, so that eight loads serve
 * sixteen multiplications, and β costs no pass of its own. A transpose is a matter of strides. Where rows of B are long, eight
 * columns at a time are copied side by side first: read in place they would fall on the same few cache lines.
 */
import type { Transpose } from './blas.js';
import type { Floats, Matrix } from './matrix.js';

/** op(X)(i, j) = data[i·down + j·along]. */
interface Strided {
  readonly data: Floats;
  readonly down: number;
  readonly along: number;
}

/** Columns of B that are copied together: a cache line of float64. */
const PANEL = 8;
/** Rows of B at least this long are copied, where the copy serves at least two tiles. */
const LONG_ROW = 256;

let panel = new Float64Array(0);

/** k is the inner dimension; shapes are the caller's to check. With β = 0 the old C is not read. */
export function portableGemm<T extends Floats>(
  transposeA: Transpose,
  transposeB: Transpose,
  alpha: number,
  A: Matrix<T>,
  B: Matrix<T>,
  beta: number,
  C: Matrix<T>,
  k: number,
): void {
  const a = strided(A, transposeA);
  const b = strided(B, transposeB);
  if (b.along !== 1 || C.cols < LONG_ROW || C.rows < 8) {
    addColumns(alpha, a, b, beta, C, k, 0, C.cols, 0);
    return;
  }
  if (panel.length < PANEL * k) panel = new Float64Array(PANEL * k);
  for (let first = 0; first < C.cols; first += PANEL) {
    const width = Math.min(PANEL, C.cols - first);
    for (let l = 0; l < k; l++)
      for (let j = 0; j < width; j++) panel[l * PANEL + j] = b.data[l * b.down + first + j];
    addColumns(alpha, a, { data: panel, down: PANEL, along: 1 }, beta, C, k, first, first + width, first);
  }
}

function strided({ data, cols }: Matrix<Floats>, transposed: Transpose): Strided {
  return transposed === 'N' ? { data, down: cols, along: 1 } : { data, down: 1, along: cols };
}

/** Columns [first, past) of C; column `origin` of C meets column 0 of B. */
function addColumns(
  alpha: number,
  A: Strided,
  B: Strided,
  beta: number,
  { data: c, rows, cols: n }: Matrix<Floats>,
  k: number,
  first: number,
  past: number,
  origin: number,
): void {
  const tiledRows = rows - (rows % 4);
  const tiledPast = past - ((past - first) % 4);
  for (let i = 0; i < tiledRows; i += 4) {
    for (let j = first; j < tiledPast; j += 4) tile(alpha, A, i, B, j - origin, beta, c, i * n + j, n, k);
    for (let j = tiledPast; j < past; j++)
      strip(alpha, A, i, B.data, (j - origin) * B.along, B.down, beta, c, i * n + j, n, k);
  }
  const Bt = { data: B.data, down: B.along, along: B.down };
  for (let i = tiledRows; i < rows; i++) {
    for (let j = first; j < tiledPast; j += 4)
      strip(alpha, Bt, j - origin, A.data, i * A.down, A.along, beta, c, i * n + j, 1, k);
    for (let j = tiledPast; j < past; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++)
        sum += A.data[i * A.down + l * A.along] * B.data[l * B.down + (j - origin) * B.along];
      put(alpha, beta, c, i * n + j, sum);
    }
  }
}

/** Rows i … i+3 of X against one vector of k entries from `v` on, `step` apart; the results stand `apart` in C. */
function strip(
  alpha: number,
  X: Strided,
  i: number,
  vector: Floats,
  v: number,
  step: number,
  beta: number,
  c: Floats,
  at: number,
  apart: number,
  k: number,
): void {
  const x = X.data;
  const { down, along } = X;
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let p = i * down;
  for (let l = 0; l < k; l++) {
    const value = vector[v];
    s0 += x[p] * value;
    s1 += x[p + down] * value;
    s2 += x[p + 2 * down] * value;
    s3 += x[p + 3 * down] * value;
    p += along;
    v += step;
  }
  putFour(alpha, beta, c, at, apart, s0, s1, s2, s3);
}

/** Rows i … i+3 of op(A) against columns j … j+3 of op(B); `at` is where the first entry stands in C, of n columns. */
function tile(
  alpha: number,
  A: Strided,
  i: number,
  B: Strided,
  j: number,
  beta: number,
  c: Floats,
  at: number,
  n: number,
  k: number,
): void {
  const a = A.data;
  const b = B.data;
  const [nextRow, alongA, downB, nextColumn] = [A.down, A.along, B.down, B.along];
  let [s00, s01, s02, s03] = [0, 0, 0, 0];
  let [s10, s11, s12, s13] = [0, 0, 0, 0];
  let [s20, s21, s22, s23] = [0, 0, 0, 0];
  let [s30, s31, s32, s33] = [0, 0, 0, 0];
  let p = i * nextRow;
  let q = j * nextColumn;
  for (let l = 0; l < k; l++) {
    const b0 = b[q];
    const b1 = b[q + nextColumn];
    const b2 = b[q + 2 * nextColumn];
    const b3 = b[q + 3 * nextColumn];
    const a0 = a[p];
    const a1 = a[p + nextRow];
    const a2 = a[p + 2 * nextRow];
    const a3 = a[p + 3 * nextRow];
    s00 += a0 * b0;
    s01 += a0 * b1;
    s02 += a0 * b2;
    s03 += a0 * b3;
    s10 += a1 * b0;
    s11 += a1 * b1;
    s12 += a1 * b2;
    s13 += a1 * b3;
    s20 += a2 * b0;
    s21 += a2 * b1;
    s22 += a2 * b2;
    s23 += a2 * b3;
    s30 += a3 * b0;
    s31 += a3 * b1;
    s32 += a3 * b2;
    s33 += a3 * b3;
    p += alongA;
    q += downB;
  }
  putFour(alpha, beta, c, at, 1, s00, s01, s02, s03);
  putFour(alpha, beta, c, at + n, 1, s10, s11, s12, s13);
  putFour(alpha, beta, c, at + 2 * n, 1, s20, s21, s22, s23);
  putFour(alpha, beta, c, at + 3 * n, 1, s30, s31, s32, s33);
}

function putFour(
  alpha: number,
  beta: number,
  c: Floats,
  at: number,
  apart: number,
  s0: number,
  s1: number,
  s2: number,
  s3: number,
): void {
  put(alpha, beta, c, at, s0);
  put(alpha, beta, c, at + apart, s1);
  put(alpha, beta, c, at + 2 * apart, s2);
  put(alpha, beta, c, at + 3 * apart, s3);
}

/** With β = 0 the old value is not read: it may be anything. */
function put(alpha: number, beta: number, c: Floats, at: number, sum: number): void {
  c[at] = beta === 0 ? alpha * sum : beta * c[at] + alpha * sum;
}
