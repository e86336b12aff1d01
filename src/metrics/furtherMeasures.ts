/**
 * What is reported beside NC1 … NC4: within-class variances, the classifier's own NC2, similarities of rows and means, CDNV of
 * each pair, and how evenly the directions are spread.
 *
 * A class of n samples has its variance low by (n − 1)/n on average, as its mean is taken from the same samples. The unbiased
 * columns make up for that: v_k·n_k/(n_k − 1) class by class, where n_k > 1, and the whole Σ_W times N/(N − K), which is right
 * where the classes scatter alike.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Snapshot } from '../model/index.js';
import { betweenClass, type GlobalMean } from './betweenClass.js';
import { classifierOf } from './classifier.js';
import { statisticsInRange, timesPowerOfTwo } from './exponents.js';
import type { Measurement } from './measure.js';
import { meanAngles, type MeanAngles } from './nc2.js';
import { uniformity, type Uniformity } from './uniformity.js';

export interface ClassVariances {
  /** v_k = 1/n_k Σ ‖h_i − h̄_k‖²; null where it is not known. */
  readonly variance: number | null;
  /** v_k·n_k/(n_k − 1); null for a class of one sample. */
  readonly unbiasedVariance: number | null;
  /** NC4 among its samples; null where single samples are not at hand. The next likewise. */
  readonly agreement: number | null;
  /** Share of its samples that are nearest to its own mean. */
  readonly nccAccuracy: number | null;
}

/** Of p_k and h̄_k − h_G, over the classes. */
export interface Similarities {
  /** Of p_k·(h̄_k − h_G). */
  readonly mean: number | null;
  /** Over K. */
  readonly variance: number | null;
  /** The same of the cosine between both. */
  readonly cosineMean: number | null;
  readonly cosineVariance: number | null;
}

export interface FurtherMeasures {
  readonly nc1Unbiased: {
    /** Times N/(N − K). */
    readonly pinv: number | null;
    readonly pinvWeighted: number | null;
    /** From the unbiased v_k of the classes with more than one sample. */
    readonly quotient: number | null;
  };
  /** Classes of a single sample: they have no variance. */
  readonly singletons: readonly number[];
  readonly nccAccuracy: number | null;
  /** Share of samples whose class is among the five largest outputs; null without a head, and of five outputs or fewer. */
  readonly top5Accuracy: number | null;
  /** Norms of the rows p_k and their angles, not centred; null without a head or above `DENSE_LIMIT` classes. */
  readonly nc2Rows: MeanAngles | null;
  readonly similarities: Similarities | null;
  /** Of the centred class means, and of the rows p_k as they are; null above `DENSE_LIMIT` classes. */
  readonly uniformity: { readonly means: Uniformity | null; readonly rows: Uniformity | null };
  /** (v_k + v_l)/(2‖h̄_k − h̄_l‖²), K×K by rows with zeros on the diagonal; null above 100 classes. */
  readonly cdnvPairs: readonly (readonly (number | null)[])[] | null;
  readonly classes: readonly ClassVariances[];
}

/** Pairs of more classes are not listed. */
const MOST_PAIRED = 100;
/** Above this the K×K matrix of PPᵀ is not formed. */
const MOST_ROWS = 1000;

export function furtherMeasures(
  snapshot: Snapshot,
  measurement: Measurement,
  { blas, globalMean = 'samples' }: { readonly blas: Blas; readonly globalMean?: GlobalMean | undefined },
): FurtherMeasures {
  const { agreement, head } = snapshot;
  const statistics = statisticsInRange(snapshot.statistics);
  const { counts, means, variances, exponent } = statistics;
  const K = counts.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  const between = betweenClass(statistics, blas, globalMean);
  const classifier = head === null ? null : classifierOf(head, means.cols, K, blas);
  const squared = (value: number): number | null => finite(timesPowerOfTwo(value, 2 * exponent));
  const pooled = N > K ? N / (N - K) : null;
  const times = (value: number | null): number | null =>
    value === null || pooled === null ? null : finite(value * pooled);
  return {
    nc1Unbiased: {
      pinv: times(measurement.nc1.pinv),
      pinvWeighted: times(measurement.nc1.pinvWeighted),
      quotient: unbiasedQuotient(counts, variances, between.trace),
    },
    singletons: counts.flatMap((n, k) => (n === 1 ? [k] : [])),
    nccAccuracy: agreement?.nccAccuracy ?? null,
    top5Accuracy: agreement?.top5Accuracy ?? null,
    nc2Rows: classifier === null || K > MOST_ROWS ? null : meanAngles(gram(classifier.P, blas)),
    similarities:
      classifier === null
        ? null
        : similarities(classifier.P, between.centred, classifier.exponent + exponent),
    uniformity: {
      means: uniformity(between.centred, blas),
      rows: classifier === null ? null : uniformity(classifier.P, blas),
    },
    cdnvPairs: variances === null || K > MOST_PAIRED ? null : pairsOf(between.centred, variances),
    classes: counts.map((n, k) => ({
      variance: variances === null ? null : squared(variances[k]),
      unbiasedVariance: variances === null || n < 2 ? null : squared((variances[k] * n) / (n - 1)),
      agreement: agreement?.classAgreement?.[k] ?? null,
      nccAccuracy: agreement?.classNccAccuracy?.[k] ?? null,
    })),
  };
}

/** Σ n_k v_k·n_k/(n_k − 1) over Σ n_k, of the classes with more than one sample, over tr Σ_B. */
function unbiasedQuotient(
  counts: readonly number[],
  variances: Float64Array | null,
  trace: number,
): number | null {
  if (variances === null) return null;
  let [sum, samples] = [0, 0];
  counts.forEach((n, k) => {
    if (n < 2) return;
    sum += (n * variances[k] * n) / (n - 1);
    samples += n;
  });
  return finite(sum / samples / trace);
}

function similarities(P: Matrix, centred: Matrix, exponent: number): Similarities {
  const [K, d] = [P.rows, P.cols];
  const dots = new Float64Array(K);
  const cosines = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    let [dot, p, c] = [0, 0, 0];
    for (let j = k * d; j < (k + 1) * d; j++) {
      dot += P.data[j] * centred.data[j];
      p += P.data[j] ** 2;
      c += centred.data[j] ** 2;
    }
    dots[k] = dot;
    cosines[k] = dot / Math.sqrt(p) / Math.sqrt(c);
  }
  const ofDots = meanAndVariance(dots);
  const ofCosines = meanAndVariance(cosines);
  return {
    mean: finite(timesPowerOfTwo(ofDots.mean, exponent)),
    variance: finite(timesPowerOfTwo(ofDots.variance, 2 * exponent)),
    cosineMean: finite(ofCosines.mean),
    cosineVariance: finite(ofCosines.variance),
  };
}

function meanAndVariance(values: Float64Array): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

function pairsOf(centred: Matrix, variances: Float64Array): (number | null)[][] {
  const [K, d] = [centred.rows, centred.cols];
  const c = centred.data;
  return Array.from({ length: K }, (_, k) =>
    Array.from({ length: K }, (__, l) => {
      if (k === l) return 0;
      let square = 0;
      for (let j = 0; j < d; j++) square += (c[k * d + j] - c[l * d + j]) ** 2;
      return finite((variances[k] + variances[l]) / (2 * square));
    }),
  );
}

function gram(A: Matrix, blas: Blas): Matrix {
  const out = zeros(A.rows, A.rows);
  blas.gemm('N', 'T', 1, A, A, 0, out);
  return out;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
