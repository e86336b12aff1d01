/**
 * C ← α·op(A)·op(B) + β·C in plain TypeScript, for `portableBlas`.
 *
 * Sixteen entries of C, four rows by four columns, stay in registers over the whole inner dimension, so that eight loads serve
 * sixteen multiplications, and β costs no pass of its own. A transpose is a matter of strides. Where rows of B are long, eight
 * columns at a time are copied side by side first: read in place they would fall on the same few cache lines. Where the inner
 * dimension is short, a tile would cost more than it saves: rows of C are then swept, two at a time, with four rows of B.
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

/** Inner dimensions up to this are swept. */
const SHORT = 12;

let panel = new Float64Array(0);

/**
 * Sums of a tile, by rows, or of a strip, on their way to C; and α and β. Not arguments: numbers would be boxed, garbage at
 * every tile, and a whole number followed by a broken one would cost the tile its compiled code.
 */
const sums = new Float64Array(16);
const scales = new Float64Array(2);

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
  scales[0] = alpha;
  scales[1] = beta;
  const a = strided(A, transposeA);
  const b = strided(B, transposeB);
  if (k > 0 && k <= SHORT && C.cols >= 8) {
    sweepRows(a, b, C, k);
    return;
  }
  if (b.along !== 1 || C.cols < LONG_ROW || C.rows < 8) {
    addColumns(a, b, C, k, 0, C.cols, 0);
    return;
  }
  if (panel.length < PANEL * k) panel = new Float64Array(PANEL * k);
  for (let first = 0; first < C.cols; first += PANEL) {
    const width = Math.min(PANEL, C.cols - first);
    for (let l = 0; l < k; l++)
      for (let j = 0; j < width; j++) panel[l * PANEL + j] = b.data[l * b.down + first + j];
    addColumns(a, { data: panel, down: PANEL, along: 1 }, C, k, first, first + width, first);
  }
}

function strided({ data, cols }: Matrix<Floats>, transposed: Transpose): Strided {
  return transposed === 'N' ? { data, down: cols, along: 1 } : { data, down: 1, along: cols };
}

/** C ← β·C + Σ_l α·a_l·(row l of op(B)), two rows of C and four rows of op(B) at a time. */
function sweepRows(A: Strided, B: Strided, C: Matrix<Floats>, k: number): void {
  const c = C.data;
  const n = C.cols;
  const a = A.data;
  const b = B.data;
  const { down, along } = B;
  const [alpha, beta] = scales;
  // What lies in C may be anything where β = 0.
  if (beta === 0) c.fill(0);
  const fours = k - (k % 4);
  const pairs = C.rows - (C.rows % 2);
  for (let i = 0; i < pairs; i += 2) {
    for (let l = 0; l < fours; l += 4) {
      const keep = l === 0 && beta !== 0 ? beta : 1;
      const p = i * A.down + l * A.along;
      const r = p + A.down;
      const p0 = alpha * a[p];
      const p1 = alpha * a[p + A.along];
      const p2 = alpha * a[p + 2 * A.along];
      const p3 = alpha * a[p + 3 * A.along];
      const r0 = alpha * a[r];
      const r1 = alpha * a[r + A.along];
      const r2 = alpha * a[r + 2 * A.along];
      const r3 = alpha * a[r + 3 * A.along];
      const end = (i + 1) * n;
      let q = l * down;
      for (let to = i * n; to < end; to++) {
        const b0 = b[q];
        const b1 = b[q + down];
        const b2 = b[q + 2 * down];
        const b3 = b[q + 3 * down];
        c[to] = keep * c[to] + p0 * b0 + p1 * b1 + p2 * b2 + p3 * b3;
        c[to + n] = keep * c[to + n] + r0 * b0 + r1 * b1 + r2 * b2 + r3 * b3;
        q += along;
      }
    }
    sweepRow(A, B, C, i, fours, k);
    sweepRow(A, B, C, i + 1, fours, k);
  }
  if (pairs < C.rows) sweepRow(A, B, C, pairs, 0, k);
}

/** Row i of C, with the rows of op(B) from `first` on one at a time. */
function sweepRow(A: Strided, B: Strided, C: Matrix<Floats>, i: number, first: number, k: number): void {
  const c = C.data;
  const b = B.data;
  const [alpha, beta] = scales;
  const end = (i + 1) * C.cols;
  for (let l = first; l < k; l++) {
    const keep = l === 0 && beta !== 0 ? beta : 1;
    const value = alpha * A.data[i * A.down + l * A.along];
    let q = l * B.down;
    for (let to = i * C.cols; to < end; to++) {
      c[to] = keep * c[to] + value * b[q];
      q += B.along;
    }
  }
}

/** Columns [first, past) of C; column `origin` of C meets column 0 of B. */
function addColumns(
  A: Strided,
  B: Strided,
  { data: c, rows, cols: n }: Matrix<Floats>,
  k: number,
  first: number,
  past: number,
  origin: number,
): void {
  const tiledRows = rows - (rows % 4);
  const tiledPast = past - ((past - first) % 4);
  for (let i = 0; i < tiledRows; i += 4) {
    for (let j = first; j < tiledPast; j += 4) {
      tile(A, i, B, j - origin, k);
      for (let r = 0; r < 4; r++) put(4 * r, 4, c, (i + r) * n + j, 1);
    }
    for (let j = tiledPast; j < past; j++) {
      strip(A, i, B.data, (j - origin) * B.along, B.down, k);
      put(0, 4, c, i * n + j, n);
    }
  }
  const Bt = { data: B.data, down: B.along, along: B.down };
  for (let i = tiledRows; i < rows; i++) {
    for (let j = first; j < tiledPast; j += 4) {
      strip(Bt, j - origin, A.data, i * A.down, A.along, k);
      put(0, 4, c, i * n + j, 1);
    }
    for (let j = tiledPast; j < past; j++) {
      let sum = 0;
      for (let l = 0; l < k; l++)
        sum += A.data[i * A.down + l * A.along] * B.data[l * B.down + (j - origin) * B.along];
      sums[0] = sum;
      put(0, 1, c, i * n + j, 1);
    }
  }
}

/** Into `sums`: rows i … i+3 of X against one vector of k entries from `v` on, `step` apart. */
function strip(X: Strided, i: number, vector: Floats, v: number, step: number, k: number): void {
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
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

/** Into `sums`: rows i … i+3 of op(A) against columns j … j+3 of op(B). */
function tile(A: Strided, i: number, B: Strided, j: number, k: number): void {
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
  sums[0] = s00;
  sums[1] = s01;
  sums[2] = s02;
  sums[3] = s03;
  sums[4] = s10;
  sums[5] = s11;
  sums[6] = s12;
  sums[7] = s13;
  sums[8] = s20;
  sums[9] = s21;
  sums[10] = s22;
  sums[11] = s23;
  sums[12] = s30;
  sums[13] = s31;
  sums[14] = s32;
  sums[15] = s33;
}

/** Sums from `first` on to entries of C that stand `apart`. With β = 0 the old values are not read: they may be anything. */
function put(first: number, many: number, c: Floats, at: number, apart: number): void {
  const [alpha, beta] = scales;
  for (let i = 0; i < many; i++) {
    const sum = alpha * sums[first + i];
    const to = at + i * apart;
    c[to] = beta === 0 ? sum : beta * c[to] + sum;
  }
}
