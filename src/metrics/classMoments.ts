/**
 * First pass: counts, means and squared deviations of each class, from a stream of batches, in float64.
 *
 * Each class is measured from its own first sample r_k: sums of (x − r_k) and of ‖x − r_k‖², so that a common offset
 * never enters. As r_k is itself a sample, n‖h̄_k − r_k‖² ≤ n·Σ‖x − h̄_k‖²: the final subtraction loses at most a
 * factor n_k of the 2^53, in the worst case, and nothing to speak of otherwise.
 * Memory: two float64 rows of d for each class seen; with the full scatter, d×d and a buffer of rows more.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { zeros, type Floats, type Matrix } from '../core/matrix.js';
import { powerOfTwo } from './agreement.js';
import { allocate, createGramSum, rowsTogether, type Products } from './gramSum.js';
import { rowRoom, type RowRoom } from './rowKernels.js';
import { checkBatch, checkCovered, refuseLabel, refuseRow } from './samples.js';
import type { ClassStatistics } from '../model/index.js';

export interface ClassMomentsOptions {
  /** d, the number of features. */
  readonly dimension: number;
  /** K when it is known: other labels are then refused. Without it the classes are those up to the largest label. */
  readonly classes?: number | undefined;
  /** `full` also gathers the d×d within-class covariance, in products of `blas` (float64 unless `products` says otherwise). */
  readonly scatter:
    | { readonly kind: 'none' }
    | { readonly kind: 'full'; readonly blas: Blas; readonly products?: Products | undefined };
}

/** What the samples added so far say, classes in ascending order. */
interface Gathered {
  /** K if it was given, else null. */
  readonly classes: number | null;
  /** The classes seen, ascending; S of them. */
  readonly seen: Int32Array;
  /** Samples of each class seen. */
  readonly counts: Float64Array;
  /** S×d: their means. */
  readonly means: Matrix;
  /** Σ‖x − h̄_k‖² of each. */
  readonly squares: Float64Array;
  /** Σ_i (x_i − h̄)(x_i − h̄)ᵀ over all samples, d×d, about their class means; null if not gathered. */
  readonly scatter: Matrix | null;
}

export interface ClassMoments {
  /** Samples added so far. */
  readonly samples: number;
  /**
   * Adds a batch: features B×d (rows are samples, float32 or float64), labels B. Nothing is kept of either.
   * Throws InputErrors for shapes that do not fit, a label out of range, and a feature that is not finite (named by
   * sample and column; samples are counted from `offset`, by default the number of samples already added).
   */
  add(features: Matrix<Floats>, labels: Int32Array, offset?: number): void;
  /** What was gathered, as statistics. Throws when a class has no sample. */
  statistics(): ClassStatistics;
  /**
   * Σ‖x − r_k‖² over Σ‖x − h̄_k‖²: what the rounding of products about the first samples is multiplied by. About 2; far more where
   * first samples lie far from their means. 1 where nothing scatters.
   */
  amplification(): number;
}

const MOST_LABEL = 10_000_000;

/** Starts the first pass. */
export function createClassMoments(options: ClassMomentsOptions): ClassMoments {
  const { dimension: d, classes } = options;
  if (!Number.isSafeInteger(d) || d < 1) refuse('dimension', 'a positive whole number', d);
  if (classes !== undefined && (!Number.isSafeInteger(classes) || classes < 1 || classes > MOST_LABEL))
    refuse('classes', `a whole number from 1 to ${MOST_LABEL}`, classes);
  const slots = new Map<number, number>();
  let capacity = Math.min(classes ?? 16, 16);
  let counts = new Float64Array(capacity);
  let squares = new Float64Array(capacity);
  let references = new Float64Array(capacity * d);
  let sums = new Float64Array(capacity * d);
  let samples = 0;
  const scatter =
    options.scatter.kind === 'full'
      ? createScatter(d, options.scatter.products ?? 'double', options.scatter.blas)
      : null;

  /** Gives a label a place, its first sample being the reference. */
  const open = (label: number, data: Floats, at: number): number => {
    const slot = slots.size;
    if (slot === capacity) {
      capacity *= 2;
      counts = grown(counts, capacity);
      squares = grown(squares, capacity);
      references = grown(references, capacity * d);
      sums = grown(sums, capacity * d);
    }
    slots.set(label, slot);
    references.set(data.subarray(at, at + d), slot * d);
    return slot;
  };

  /** Σ‖x − h̄_k‖² of the class of a slot. */
  const centralSquare = (slot: number): number => {
    let square = 0;
    for (let j = slot * d; j < (slot + 1) * d; j++) square += (sums[j] / counts[slot]) ** 2;
    return Math.max(0, squares[slot] - counts[slot] * square);
  };

  const gathered = (): Gathered => {
    const byLabel = [...slots].sort(([a], [b]) => a - b);
    const seen = Int32Array.from(byLabel, ([label]) => label);
    const means = zeros(seen.length, d);
    const central = new Float64Array(seen.length);
    const ordered = new Float64Array(seen.length);
    const shifts = scatter === null ? null : zeros(seen.length, d);
    byLabel.forEach(([, slot], k) => {
      const n = counts[slot];
      ordered[k] = n;
      for (let j = 0; j < d; j++) {
        const shift = sums[slot * d + j] / n;
        means.data[k * d + j] = references[slot * d + j] + shift;
        if (shifts !== null) shifts.data[k * d + j] = Math.sqrt(n) * shift;
      }
      central[k] = centralSquare(slot);
    });
    return {
      classes: classes ?? null,
      seen,
      counts: ordered,
      means,
      squares: central,
      scatter: scatter === null || shifts === null ? null : scatter.about(shifts),
    };
  };

  return {
    get samples() {
      return samples;
    },
    add(features, labels, offset = samples) {
      checkBatch(features, labels, d);
      const { data, rows } = features;
      const room = rowRoom(d);
      let held = -1;
      const letGo = (): void => {
        if (held >= 0) sums.set(room.sums, held * d);
      };
      for (let first = 0; first < rows; first += room.rows) {
        const last = Math.min(rows, first + room.rows);
        room.load(data, first, last);
        for (let i = first; i < last; i++) {
          const label = labels[i];
          if (label < 0 || label >= (classes ?? MOST_LABEL)) refuseLabel(label, offset + i, classes ?? null);
          const slot = slots.get(label) ?? open(label, data, i * d);
          if (slot !== held) {
            letGo();
            held = slot;
            room.reference.set(references.subarray(slot * d, (slot + 1) * d));
            room.sums.set(sums.subarray(slot * d, (slot + 1) * d));
          }
          const square = room.gather(i - first);
          if (!(square < Infinity)) refuseRow(data, i * d, d, offset + i);
          squares[slot] += square;
          counts[slot]++;
          samples++;
          scatter?.add(room, i - first, square);
        }
      }
      letGo();
    },
    statistics: () => statisticsOf(gathered()),
    amplification() {
      let [about, central] = [0, 0];
      for (const slot of slots.values()) {
        about += squares[slot];
        central += centralSquare(slot);
      }
      return about === 0 ? 1 : about / central;
    },
  };
}

/** Statistics of all samples. Throws when there is none, or when a class from 0 to K−1 has none. */
function statisticsOf(gathered: Gathered): ClassStatistics {
  const { seen, squares, means } = gathered;
  if (seen.length === 0) refuse('labels', 'at least one sample', 0);
  const K = gathered.classes ?? seen[seen.length - 1] + 1;
  // Ascending and distinct: the first place where they do not count 0, 1, 2, … is the first class without a sample.
  const gap = seen.findIndex((label, k) => label !== k);
  const first = gap === -1 ? seen.length : gap;
  if (first < K) checkCovered(K, (k) => (k < first ? 1 : 0));
  const counts = Array.from(gathered.counts);
  const N = counts.reduce((sum, n) => sum + n, 0);
  const within = squares.reduce((sum, square) => sum + square, 0) / N;
  let full: Matrix | null = null;
  if (gathered.scatter !== null) {
    const { data, rows, cols } = gathered.scatter;
    full = { data: data.map((value) => value / N), rows, cols };
  }
  return {
    counts,
    means,
    variances: squares.map((square, k) => square / counts[k]),
    withinTrace: within,
    within: full === null ? null : { kind: 'full', S: full },
  };
}

/** Σ (x − r)(x − r)ᵀ by products of many rows at once. */
function createScatter(d: number, products: Products, blas: Blas) {
  const sums = createGramSum(d, products, blas);
  const most = rowsTogether(products, d);
  const rows = allocate(products, most, d);
  let filled = 0;
  // Deviations in float32 are brought to the size of the first that is not zero, so that no square leaves its range.
  let scale: number | null = products === 'double' ? 1 : null;
  const flush = (): void => {
    if (filled > 0) sums.add({ data: rows.data.subarray(0, filled * d), rows: filled, cols: d });
    filled = 0;
  };
  return {
    /** Sample i of the room, ‖x − r‖² its `square`. */
    add(room: RowRoom, i: number, square: number): void {
      if (square === 0) return;
      scale ??= powerOfTwo(Math.sqrt(square / d));
      room.deviateInto(rows.data, filled * d, i, scale);
      if (++filled === most) flush();
    },
    /** The same about the class means: less the rows √n_k(h̄_k − r_k). */
    about(shifts: Matrix): Matrix {
      flush();
      const factor = scale ?? 1;
      const out = sums.result(1 / factor / factor);
      blas.gramInto(-1, shifts, 1, out);
      return out;
    },
  };
}

function grown(values: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(length);
  out.set(values);
  return out;
}
