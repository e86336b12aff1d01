/**
 * Second pass: what is about the final class means. Σ_W, exact variances, NC4 and accuracy, from a stream of batches.
 *
 * NC1 needs Σ_W only between the centred class means: S = BΣ_WBᵀ, B: q×d (betweenClass.ts). That costs 2dq + q²
 * operations a sample; the whole Σ_W costs d² (it is symmetric) and is gathered instead where that is no more.
 * Deviations are formed in float64. With `single` products they are then rounded to float32 (an error of 6e-8 of each)
 * and multiplied so, and the products of at most 8 × 4096 rows are added up in float64; a power of two brings them to unit
 * size first, so that no square leaves the range of float32. Traces and variances are float64 throughout.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import type { Floats, Matrix } from '../core/matrix.js';
import { createAgreementPass, powerOfTwo } from './agreement.js';
import { betweenClass } from './betweenClass.js';
import { allocate, createGramSum, rowsTogether, type Products } from './gramSum.js';
import type { Classifier } from './classifier.js';
import { rowRoom } from './rowKernels.js';
import { checkBatch, refuseLabel, refuseRow } from './samples.js';
import type { ClassStatistics, SampleAgreement, WithinScatter } from '../model/index.js';

export interface DeviationPassOptions {
  /** Of the first pass, over the same samples. */
  readonly statistics: ClassStatistics;
  /** Null where NC4 and accuracy are not wanted. */
  readonly classifier: Classifier | null;
  /** Where the classifier has more outputs than there are classes: the output of each class. */
  readonly outputs?: Int32Array | null | undefined;
  readonly products: Products;
  readonly blas: Blas;
}

export interface DeviationPass {
  /** Samples added so far. */
  readonly samples: number;
  /**
   * Adds a batch: features B×d, labels B, in any order and division (all samples of the first pass once).
   * Throws as the first pass does.
   */
  add(features: Matrix<Floats>, labels: Int32Array): void;
  /** The statistics with Σ_W, and the agreement when there is a classifier. Refuses samples that are missing or too many. */
  result(): { readonly statistics: ClassStatistics; readonly agreement: SampleAgreement | null };
}

/** Up to this many multiplications the float64 products of float32 features cost about a second or less. */
const CHEAP = 4e10;
/** More classes than this are many. */
const MANY = 1024;

/**
 * The precision to use when none is asked for: float64 features get float64 products, and so do float32 features
 * when the products are few (about a second); single precision is for the large ones, where it halves the time.
 */
export function chooseProducts(
  kind: 'float32' | 'float64',
  samples: number,
  dimension: number,
  classes: number,
): Products {
  // Of many classes the scores outweigh the scatter.
  const scores = classes > MANY ? 4 * dimension * classes : 0;
  const each = 2 * dimension * Math.min(dimension, 2 * classes) + scores;
  return kind === 'float32' && samples * each > CHEAP ? 'single' : 'double';
}

/** Starts the second pass. */
export function createDeviationPass(options: DeviationPassOptions): DeviationPass {
  const { statistics, classifier, products, blas } = options;
  const { means, counts } = statistics;
  const [K, d] = [means.rows, means.cols];
  const N = counts.reduce((sum, n) => sum + n, 0);
  const width = Math.max(d, classifier === null ? 0 : K + classifier.P.rows);
  const capacity = Math.max(1, Math.min(N, rowsTogether(products, width)));
  // Deviations of unit size: √(tr Σ_W / d) becomes about 1.
  const scale = powerOfTwo(Math.sqrt(statistics.withinTrace / d));
  const scatter = createRestrictedScatter(statistics, products, blas);
  const agreement =
    classifier === null
      ? null
      : createAgreementPass(statistics, classifier, options.outputs ?? null, products, scale, blas);

  const buffer = allocate(products, capacity, d);
  const norms = new Float64Array(capacity);
  const squares = new Float64Array(K);
  const counted = new Float64Array(K);
  let filled = 0;
  let samples = 0;

  /** Puts rows first … last of the batch behind the rows already in the buffer. */
  const fill = (features: Matrix<Floats>, labels: Int32Array, first: number, last: number): void => {
    const room = rowRoom(d);
    let held = -1;
    for (let start = first; start < last; start += room.rows) {
      const stop = Math.min(last, start + room.rows);
      room.load(features.data, start, stop);
      for (let i = start; i < stop; i++) {
        const y = labels[i];
        if (!(y >= 0 && y < K)) refuseLabel(y, samples + i - first, K);
        if (y !== held) room.reference.set(means.data.subarray(y * d, (y + 1) * d));
        held = y;
        const square = room.deviateInto(buffer.data, (filled + i - first) * d, i - start, scale);
        if (!(square < Infinity)) refuseRow(features.data, i * d, d, samples + i - first);
        norms[i - first] = Math.sqrt(square) / scale;
        squares[y] += square;
        counted[y]++;
      }
    }
  };
  const flush = (): void => {
    if (filled > 0) scatter.add(rowsOf(buffer, 0, filled));
    filled = 0;
  };

  return {
    get samples() {
      return samples;
    },
    add(features, labels) {
      checkBatch(features, labels, d);
      for (let first = 0; first < features.rows;) {
        const last = Math.min(features.rows, first + capacity - filled);
        fill(features, labels, first, last);
        agreement?.add(rowsOf(buffer, filled, filled + last - first), norms, features, labels, first);
        filled += last - first;
        samples += last - first;
        first = last;
        if (filled === capacity) flush();
      }
    },
    result() {
      for (let k = 0; k < K; k++)
        if (counted[k] !== counts[k])
          refuse(
            'second pass',
            `the samples of the first pass, ${counts[k]} of class ${k}`,
            counted[k],
            'the source must give the same samples twice',
          );
      flush();
      const unscale = 1 / scale / scale;
      const total = squares.reduce((sum, square) => sum + square, 0);
      return {
        statistics: {
          ...(statistics.exponent === undefined ? {} : { exponent: statistics.exponent }),
          counts,
          means,
          variances: squares.map((square, k) => (square * unscale) / counts[k]),
          withinTrace: (total * unscale) / N,
          within: scatter.result(unscale / N),
        },
        agreement: agreement === null ? null : agreement.result(),
      };
    },
  };
}

interface RestrictedScatter {
  /** deviations: n×d. */
  add(deviations: Matrix<Floats>): void;
  /** Σ_W or its restriction: the sums times `factor`. */
  result(factor: number): WithinScatter;
}

/** Whether the whole Σ_W costs no more than its restriction to the span of K centred means. */
export function wholeScatter(K: number, d: number): boolean {
  const most = Math.min(K - 1, d);
  return 2 * d * most + most * most >= d * d;
}

function createRestrictedScatter(
  statistics: ClassStatistics,
  products: Products,
  blas: Blas,
): RestrictedScatter {
  const [K, d] = [statistics.means.rows, statistics.means.cols];
  if (wholeScatter(K, d)) {
    const sums = createGramSum(d, products, blas);
    return {
      add: (deviations) => {
        sums.add(deviations);
      },
      result: (factor) => ({ kind: 'full', S: sums.result(factor) }),
    };
  }
  const basis = betweenClass(statistics, blas).directions;
  const q = basis.rows;
  const B = allocate(products, q, d);
  B.data.set(basis.data);
  const sums = createGramSum(q, products, blas);
  let projected = allocate(products, 0, q);
  return {
    add(deviations) {
      if (q === 0) return;
      if (projected.rows < deviations.rows) projected = allocate(products, deviations.rows, q);
      const Z = rowsOf(projected, 0, deviations.rows);
      blas.gemm('N', 'T', 1, deviations, B, 0, Z);
      sums.add(Z);
    },
    result: (factor) => ({ kind: 'projected', basis, S: sums.result(factor) }),
  };
}

/** Rows first … last of A, without copying. */
function rowsOf(A: Matrix<Floats>, first: number, last: number): Matrix<Floats> {
  return { data: A.data.subarray(first * A.cols, last * A.cols), rows: last - first, cols: A.cols };
}
