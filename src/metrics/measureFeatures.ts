/**
 * Measuring samples that stream by: two passes over a source of batches, then every measure.
 *
 * One pass is enough where the whole Σ_W is gathered, the number of classes is known and there is no head: it is then gathered
 * about the first sample of each class and moved to the means. Where first samples lie so far out that this costs digits, the
 * second pass is made all the same.
 *
 * Memory is a few K×d matrices, at most one d×d, and buffers of rows: never all samples, and nothing K×K for many classes.
 */
import { refuse } from '../core/errors.js';
import type { Matrix } from '../core/matrix.js';
import { classifierOf } from './classifier.js';
import { createClassMoments } from './classMoments.js';
import { chooseProducts, createDeviationPass, wholeScatter } from './deviationPass.js';
import type { Products } from './gramSum.js';
import { measureSnapshot, type MeasureOptions, type Measurement } from './measure.js';
import { exponentBeyond, largestSize, timesPowerOfTwo } from './exponents.js';
import type { ClassStatistics, Head, Snapshot } from '../model/index.js';

/** Rounding of a sum about first samples over that of one about means, up to which one pass is enough; it is 2 on average. */
const MOST_AMPLIFIED = 4;

/** Some samples: features B×d (rows are samples) and their labels, B. Both may be reused for the next batch. */
export interface FeatureBatch {
  readonly features: Matrix<Float32Array> | Matrix;
  readonly labels: Int32Array;
}

/** Samples that can be read twice, in the same order. */
export interface FeatureBatches {
  /** N. */
  readonly samples: number;
  /** d. */
  readonly dimension: number;
  readonly kind: 'float32' | 'float64';
  batches(): AsyncIterable<FeatureBatch>;
}

export interface MeasureFeaturesOptions extends MeasureOptions {
  /** The head that reads these features; the number of classes is then its number of outputs. */
  readonly head?: Head | null | undefined;
  /**
   * Where the network has outputs without a class: all of its head, for NC4 and accuracy, and the output of each class (K).
   * `head` has then the rows of the classes alone.
   */
  readonly all?: { readonly head: Head; readonly outputs: Int32Array } | null | undefined;
  /** K, when it is known otherwise; else the largest label + 1. */
  readonly classes?: number | undefined;
  /** Precision of the matrix products; by default `double` unless float32 features make it costly. */
  readonly products?: Products | undefined;
  /** Called after each batch of both passes: rows read so far, of N or 2N. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Reads the source twice and measures. Throws InputErrors for features that are not finite, labels that are out of
 * range or leave a class out, a head that does not fit, and a source that does not keep to its word.
 */
export async function measureFeatures(
  source: FeatureBatches,
  options: MeasureFeaturesOptions,
): Promise<{ readonly snapshot: Snapshot; readonly measurement: Measurement }> {
  const { samples: N, dimension: d, kind } = source;
  const { blas } = options;
  const head = options.head ?? null;
  const report = options.onProgress ?? (() => undefined);
  const outputs = head === null ? undefined : outputsOf(head);

  const classes = options.classes ?? outputs;
  const alone = head === null && classes !== undefined && wholeScatter(classes, d);
  const productsFor = (K: number) => options.products ?? chooseProducts(kind, N, d, K);
  const total = alone ? N : 2 * N;

  const firstPass = async (exponent: number): Promise<ClassStatistics> => {
    const moments = createClassMoments({
      dimension: d,
      classes,
      scatter: alone ? { kind: 'full', blas, products: productsFor(classes) } : { kind: 'none' },
    });
    let largest = 0;
    for await (const { features, labels } of source.batches()) {
      const size = kind === 'float64' ? timesPowerOfTwo(largestSize(features.data), -exponent) : 0;
      largest = Math.max(largest, size);
      const beyond = exponentBeyond(largest);
      if (beyond > 0) return firstPass(exponent + beyond);
      moments.add(divided(features, exponent), labels);
      report(moments.samples, total);
    }
    if (moments.samples !== N) refuse('features', `${N} samples, as declared`, moments.samples);
    const beyond = exponentBeyond(largest);
    if (beyond !== 0) return firstPass(exponent + beyond);
    const statistics = moments.statistics();
    const exact = moments.amplification() <= MOST_AMPLIFIED && finite(statistics.within);
    return { ...statistics, within: exact ? statistics.within : null, exponent };
  };
  const first = await firstPass(0);
  const exponent = first.exponent ?? 0;
  const K = first.counts.length;
  if (first.within !== null) {
    const snapshot: Snapshot = { statistics: first, head, agreement: null };
    return { snapshot, measurement: measureSnapshot(snapshot, options) };
  }

  const all = options.all ?? null;
  const classifier = head === null ? null : classifierOf(head, d, K, blas);
  const pass = createDeviationPass({
    statistics: first,
    classifier: all === null ? classifier : classifierOf(all.head, d, outputsOf(all.head) ?? 0, blas),
    outputs: all === null ? null : all.outputs,
    products: productsFor(K),
    blas,
  });
  for await (const { features, labels } of source.batches()) {
    pass.add(divided(features, exponent), labels);
    report(N + pass.samples, 2 * N);
  }
  const { statistics, agreement } = pass.result();
  const snapshot: Snapshot = { statistics, head, agreement };
  return { snapshot, measurement: measureSnapshot(snapshot, options) };
}

function finite(within: ClassStatistics['within']): boolean {
  return within?.kind === 'full' && within.S.data.every(Number.isFinite);
}

/** Features times 2^−exponent: float32 ones, whose squares float64 holds, come with 0. */
function divided(features: FeatureBatch['features'], exponent: number): FeatureBatch['features'] {
  if (exponent === 0) return features;
  const data = Float64Array.from(features.data, (value) => timesPowerOfTwo(value, -exponent));
  return { data, rows: features.rows, cols: features.cols };
}

/** Undefined for a head without layers, which is refused where its layers are multiplied. */
function outputsOf({ weights }: Head): number | undefined {
  return weights[weights.length - 1]?.rows;
}

/** A source over arrays that are in memory: features N×d, labels N. */
export function batchesOf(
  features: Matrix<Float32Array> | Matrix,
  labels: Int32Array,
  batchRows = 4096,
): FeatureBatches {
  const { rows, cols } = features;
  return {
    samples: rows,
    dimension: cols,
    kind: features.data instanceof Float32Array ? 'float32' : 'float64',
    async *batches() {
      for (let first = 0; first < rows; first += batchRows) {
        const last = Math.min(rows, first + batchRows);
        const part = features.data.subarray(first * cols, last * cols);
        yield {
          features: { data: part, rows: last - first, cols } as Matrix<Float32Array> | Matrix,
          labels: labels.subarray(first, last),
        };
        await Promise.resolve();
      }
    },
  };
}
