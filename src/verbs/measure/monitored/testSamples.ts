/**
 * Test samples about the class means of training. From the statistics about their own means,
 *   1/n_k Σ‖h − h̄_k^train‖² = v_k + ‖δ_k‖²  and  Σ = Σ_W + Σ_k (n_k/N) δ_kδ_kᵀ,  δ_k = h̄_k^test − h̄_k^train,
 * which is exact; NC1 is that Σ over the Σ_B of training.
 */
import type { Blas } from '../../../core/blas.js';
import { zeros, type Matrix } from '../../../core/matrix.js';
import { betweenClass, nc1, restrictScatter } from '../../../metrics/index.js';
import type { LayerSnapshot, SampleCounts } from './snapshots.js';

export interface TestClassRecord {
  readonly count: number;
  /** Null without test samples, as the next. */
  readonly accuracy: number | null;
  readonly nccAccuracy: number | null;
  /** Mean of ‖h − h̄_k^train‖². */
  readonly variance: number | null;
}

export interface TestRecord {
  readonly samples: number;
  readonly nc1: { readonly pinv: number | null; readonly quotient: number | null };
  readonly nc4: number;
  readonly accuracy: number;
  /** Share of samples whose class is among the five largest outputs; null where it was not counted. */
  readonly top5Accuracy: number | null;
  readonly nccAccuracy: number;
  readonly classes: readonly TestClassRecord[];
}

/** Null without test samples of the classes of training. */
export function measureTestSamples(
  { snapshot, test }: LayerSnapshot,
  samples: SampleCounts | null,
  blas: Blas,
): TestRecord | null {
  if (test === null || samples === null) return null;
  const { counts, correct, amongFive } = samples;
  const N = counts.reduce((sum, n) => sum + n, 0);
  if (N === 0) return null;
  const { statistics } = snapshot;
  const shifts = shiftsOf(test.means, statistics.means, counts, N);
  const variances = counts.map((n, k) => test.variances[k] + (n === 0 ? 0 : squareOf(shifts, k) * (N / n)));
  const between = betweenClass(statistics, blas);
  const S = restrictScatter(test.within, between.directions, blas);
  const moved = zeros(shifts.rows, between.rank);
  blas.gemm('N', 'T', 1, shifts, between.directions, 0, moved);
  blas.gramInto(1, moved, 1, S);
  const { pinv, quotient } = nc1(
    {
      ...statistics,
      withinTrace: counts.reduce((sum, n, k) => sum + (n / N) * variances[k], 0),
      within: { kind: 'projected', basis: between.directions, S },
    },
    between,
    blas,
  );
  const share = (part: readonly number[]) => part.reduce((sum, n) => sum + n, 0) / N;
  const ofClass = (value: number, k: number) => (counts[k] === 0 ? null : value);
  return {
    samples: N,
    nc1: { pinv, quotient },
    nc4: share(test.nearestIsOutput),
    accuracy: share(correct),
    top5Accuracy: amongFive === null ? null : share(amongFive),
    nccAccuracy: share(test.nearestIsLabel),
    classes: counts.map((count, k) => ({
      count,
      accuracy: ofClass(correct[k] / count, k),
      nccAccuracy: ofClass(test.nearestIsLabel[k] / count, k),
      variance: ofClass(variances[k], k),
    })),
  };
}

/** Rows √(n_k/N)·δ_k. */
function shiftsOf(test: Matrix, train: Matrix, counts: readonly number[], N: number): Matrix {
  const { rows, cols } = test;
  const out = zeros(rows, cols);
  for (let k = 0; k < rows; k++)
    for (let j = 0; j < cols; j++)
      out.data[k * cols + j] =
        Math.sqrt(counts[k] / N) * (test.data[k * cols + j] - train.data[k * cols + j]);
  return out;
}

function squareOf({ data, cols }: Matrix, k: number): number {
  let sum = 0;
  for (let j = 0; j < cols; j++) sum += data[k * cols + j] ** 2;
  return sum;
}
