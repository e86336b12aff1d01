/**
 * Few columns: an exact change of the sample basis for gradient methods on MSE.
 *
 * The objective and its gradient commute with an orthogonal change of the columns of H that keeps the span of the class
 * indicators. Class by class the orthonormal basis (1/√n_k, Helmert's contrasts) turns the n_k columns into √n_k·h̄_k and
 * n_k − 1 deviations whose target is zero; all deviations together, d×(N−K), are Dev·Qᵀ with Q orthonormal
 * ((N−K)×r, r = min(d, N−K), a QR factorisation), and only Dev (d×r) moves. So K + r columns stand for N, and the iterates
 * are those of the full problem. (Not for cross-entropy: the softmax mixes columns. There the columns are the samples
 * themselves, or the K class columns √n_k·h̄_k where the features of a class coincide and so stay together.)
 */
import type { Blas } from '../core/blas.js';
import { transpose, zeros, type Matrix } from '../core/matrix.js';
import type { Random } from '../core/random.js';

/** Entries of H above which a random start is drawn in reduced form at once, and single samples are not kept. */
export const SAMPLES_KEPT = 2 ** 24;

/**
 * What leads back to single samples: Q, (N−K)×r; `identity` where r = N−K and Q is the identity; `samples` where the columns
 * are the samples; `collapsed` where r = 0 because the features of a class coincide; null where samples are not kept.
 */
export type ColumnBasis = Matrix | 'identity' | 'samples' | 'collapsed' | null;
/** Where columns are deviations, and lead back to samples. */
type DeviationBasis = Exclude<ColumnBasis, 'samples' | null>;

export interface ReducedColumns {
  readonly counts: readonly number[];
  /** d×(K + r): √n_k·h̄_k, then the deviations; with basis `samples` d×N, class after class. */
  readonly columns: Matrix;
  readonly basis: ColumnBasis;
}

/** Adds features one sample at a time; labels in any order. `finish` gives the reduced columns. */
export function createReducer(counts: readonly number[], dimension: number, blas: Blas) {
  const K = counts.length;
  const sums = zeros(K, dimension);
  const seen = new Float64Array(K);
  const total = counts.reduce((sum, n) => sum + n, 0);
  // Row i of `deviations` is one Helmert coordinate; class k owns the n_k − 1 rows from start[k].
  const deviations = zeros(total - K, dimension);
  const start = deviationStarts(counts);
  return {
    add(label: number, feature: ArrayLike<number>): void {
      const j = seen[label]++;
      const base = label * dimension;
      if (j > 0) {
        // (h_1 + … + h_j − j·h_{j+1})/√(j(j+1))
        const norm = 1 / Math.sqrt(j * (j + 1));
        const row = (start[label] + j - 1) * dimension;
        for (let r = 0; r < dimension; r++)
          deviations.data[row + r] = (sums.data[base + r] - j * feature[r]) * norm;
      }
      for (let r = 0; r < dimension; r++) sums.data[base + r] += feature[r];
    },
    finish(): ReducedColumns {
      const { rows: many } = deviations;
      const r = Math.min(dimension, many);
      // Rows of X are the deviation columns that move: the deviations themselves, or R of their QR.
      const factored = many > dimension ? blas.qr(deviations) : null;
      const X = factored === null ? deviations : factored.R;
      const columns = zeros(dimension, K + r);
      for (let i = 0; i < dimension; i++) {
        for (let k = 0; k < K; k++)
          columns.data[i * (K + r) + k] = sums.data[k * dimension + i] / Math.sqrt(counts[k]);
        for (let j = 0; j < r; j++) columns.data[i * (K + r) + K + j] = X.data[j * dimension + i];
      }
      return { counts, columns, basis: factored === null ? 'identity' : factored.Q };
    },
  };
}

/**
 * The reduced columns of H with entries N(0, std²), drawn from their exact law without drawing H: class means are normal,
 * and R of a normal (N−K)×d matrix has χ entries on its diagonal and normal ones above (Bartlett). O(d² + dK) at any N.
 */
export function drawReduced(
  counts: readonly number[],
  dimension: number,
  std: number,
  random: Random,
): ReducedColumns {
  const K = counts.length;
  const many = counts.reduce((sum, n) => sum + n, 0) - K;
  const r = Math.min(dimension, many);
  const columns = zeros(dimension, K + r);
  const entry = (i: number, j: number, value: number) => (columns.data[i * (K + r) + j] = std * value);
  for (let i = 0; i < dimension; i++) for (let k = 0; k < K; k++) entry(i, k, random.normal());
  for (let j = 0; j < r; j++) {
    if (many <= dimension) for (let i = 0; i < dimension; i++) entry(i, K + j, random.normal());
    else {
      entry(j, K + j, Math.sqrt(chiSquare(many - j, random)));
      for (let i = j + 1; i < dimension; i++) entry(i, K + j, random.normal());
    }
  }
  return { counts, columns, basis: null };
}

/** χ² with `degrees` degrees of freedom, by Marsaglia and Tsang's gamma method. */
function chiSquare(degrees: number, random: Random): number {
  if (degrees === 1) return random.normal() ** 2;
  const d = degrees / 2 - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = random.normal();
    const v = (1 + c * x) ** 3;
    if (v <= 0) continue;
    if (Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return 2 * d * v;
  }
}

/** First row of each class among the N − K deviation coordinates. */
function deviationStarts(counts: readonly number[]): Float64Array {
  const start = new Float64Array(counts.length);
  for (let k = 1; k < counts.length; k++) start[k] = start[k - 1] + counts[k - 1] - 1;
  return start;
}

/**
 * The N − K deviations of single samples (rows of d, class after class, n_k − 1 a class) that reduced columns stand for, an
 * orthonormal transform of those from the class means. Needs a basis of the deviations.
 */
export function expandDeviations(
  { counts }: ReducedColumns,
  basis: DeviationBasis,
  columns: Matrix,
  blas: Blas,
): Matrix {
  const K = counts.length;
  const d = columns.rows;
  const many = counts.reduce((sum, n) => sum + n, 0) - K;
  if (basis === 'collapsed') return zeros(many, d);
  const r = columns.cols - K;
  const X = zeros(r, d); // rows are deviation columns
  for (let i = 0; i < d; i++)
    for (let j = 0; j < r; j++) X.data[j * d + i] = columns.data[i * columns.cols + K + j];
  if (basis === 'identity') return X;
  const deviations = zeros(many, d);
  blas.gemm('N', 'N', 1, basis, X, 0, deviations);
  return deviations;
}

/** v_k of the samples that reduced columns stand for. Needs a basis of the deviations. */
export function variancesOfDeviations(
  reduced: ReducedColumns,
  basis: DeviationBasis,
  columns: Matrix,
  blas: Blas,
): Float64Array {
  const deviations = expandDeviations(reduced, basis, columns, blas);
  let at = 0;
  return Float64Array.from(reduced.counts, (n) => {
    const end = at + (n - 1) * deviations.cols;
    let square = 0;
    for (; at < end; at++) square += deviations.data[at] * deviations.data[at];
    return square / n;
  });
}

/** The N features (N×d, rows are samples, class after class) that reduced columns stand for. Needs a basis. */
export function expandColumns(
  reduced: ReducedColumns,
  columns: Matrix,
  blas: Blas,
): { features: Matrix; labels: Int32Array } {
  const { counts, basis } = reduced;
  if (basis === null) throw new Error('expandColumns: these columns were reduced without a basis');
  if (basis === 'samples') return { features: transpose(columns), labels: labelsInOrder(counts) };
  const d = columns.rows;
  const deviations = expandDeviations(reduced, basis, columns, blas);
  const features = zeros(
    counts.reduce((sum, n) => sum + n, 0),
    d,
  );
  const start = deviationStarts(counts);
  const sum = new Float64Array(d);
  let first = 0;
  counts.forEach((n, k) => {
    const root = Math.sqrt(n);
    for (let i = 0; i < d; i++) sum[i] = columns.data[i * columns.cols + k] * root;
    for (let j = n - 1; j >= 1; j--) {
      // Backwards through Helmert's recursion: the sum of the first j samples is known once the later ones are.
      const factor = Math.sqrt(j * (j + 1));
      const [from, to] = [(start[k] + j - 1) * d, (first + j) * d];
      for (let i = 0; i < d; i++) {
        const z = deviations.data[from + i] * factor;
        const value = (sum[i] - z) / (j + 1); // S_j − j·h = z and S_j + h = sum
        features.data[to + i] = value;
        sum[i] -= value;
      }
    }
    features.data.set(sum, first * d);
    first += n;
  });
  return { features, labels: labelsInOrder(counts) };
}

/** n_0 zeros, n_1 ones, … */
function labelsInOrder(counts: readonly number[]): Int32Array {
  const labels = new Int32Array(counts.reduce((sum, n) => sum + n, 0));
  let first = 0;
  counts.forEach((n, k) => labels.fill(k, first, (first += n)));
  return labels;
}
