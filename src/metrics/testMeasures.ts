/**
 * Test samples about the class means of training: accuracy, NC4 and nearest-class-mean accuracy with the training means, and the
 * scatter of test features about them, Σ = 1/N Σ_i (h_i − h̄_{y_i}^train)(·)ᵀ, over the Σ_B of training. A class that generalises
 * scatters little about the mean that it was trained to.
 */
import type { Blas } from '../core/blas.js';
import { refuseShape } from '../core/errors.js';
import type { Head, SampleAgreement, Snapshot } from '../model/index.js';
import { betweenClass, type GlobalMean } from './betweenClass.js';
import { classifierOf } from './classifier.js';
import { chooseProducts, createDeviationPass } from './deviationPass.js';
import { timesPowerOfTwo } from './exponents.js';
import type { FeatureBatches } from './measureFeatures.js';
import { nc1 } from './nc1.js';

export interface TestClass {
  /** Test samples. */
  readonly count: number;
  /** Null without test samples or without a head; the next likewise. */
  readonly accuracy: number | null;
  readonly agreement: number | null;
  readonly nccAccuracy: number | null;
  /** Mean of ‖h_i − h̄_k^train‖². */
  readonly variance: number | null;
}

export interface TestMeasurement {
  readonly samples: number;
  readonly nc1: { readonly pinv: number | null; readonly quotient: number | null };
  readonly nc4: number | null;
  readonly accuracy: number | null;
  /** Null without a head, and of five outputs or fewer. */
  readonly top5Accuracy: number | null;
  readonly nccAccuracy: number | null;
  readonly classes: readonly TestClass[];
}

export interface TestOptions {
  /** Measured on the training samples. */
  readonly training: Snapshot;
  /** All outputs of the head, where some have no training samples; see `MeasureFeaturesOptions`. */
  readonly all?: { readonly head: Head; readonly outputs: Int32Array } | null;
  readonly globalMean?: GlobalMean | undefined;
  readonly blas: Blas;
}

/** Reads the source once. Labels are classes of training. Throws as `measureFeatures` does. */
export async function measureTest(source: FeatureBatches, options: TestOptions): Promise<TestMeasurement> {
  const { training, blas, all = null } = options;
  const { statistics, head } = training;
  const [K, d] = [statistics.means.rows, statistics.means.cols];
  if (source.dimension !== d)
    refuseShape('test features', `${d} features a sample, as in training`, `${source.dimension}`);
  const exponent = statistics.exponent ?? 0;
  const counts = new Array<number>(K).fill(0);
  for await (const { labels } of source.batches()) for (const label of labels) counts[label]++;
  const outputs = all?.outputs ?? null;
  const whole = all?.head ?? head;
  const classifier =
    whole === null ? null : classifierOf(whole, d, whole.weights[whole.weights.length - 1].rows, blas);
  const pass = createDeviationPass({
    statistics: { ...statistics, counts },
    ...{ classifier, outputs, blas },
    products: chooseProducts(source.kind, source.samples, d, K),
  });
  for await (const { features, labels } of source.batches()) {
    const data =
      exponent === 0
        ? features
        : {
            ...features,
            data: Float64Array.from(features.data, (value) => timesPowerOfTwo(value, -exponent)),
          };
    pass.add(data, labels);
  }
  const result = pass.result();
  const { agreement } = result;
  const between = betweenClass(statistics, blas, options.globalMean);
  const { pinv, quotient } = nc1({ ...result.statistics, counts: statistics.counts }, between, blas);
  return {
    samples: source.samples,
    nc1: { pinv, quotient },
    ...sharesOf(agreement),
    classes: counts.map((count, k) => testClass(count, k, agreement, result.statistics.variances, exponent)),
  };
}

/** Of all samples. */
function sharesOf(
  agreement: SampleAgreement | null,
): Pick<TestMeasurement, 'nc4' | 'accuracy' | 'top5Accuracy' | 'nccAccuracy'> {
  return {
    nc4: agreement?.nc4 ?? null,
    accuracy: agreement?.accuracy ?? null,
    top5Accuracy: agreement?.top5Accuracy ?? null,
    nccAccuracy: agreement?.nccAccuracy ?? null,
  };
}

/** A class without test samples has no numbers. */
function testClass(
  count: number,
  k: number,
  agreement: SampleAgreement | null,
  variances: Float64Array | null,
  exponent: number,
): TestClass {
  if (count === 0) return { count, accuracy: null, agreement: null, nccAccuracy: null, variance: null };
  const variance = variances === null ? NaN : timesPowerOfTwo(variances[k], 2 * exponent);
  return {
    count,
    accuracy: agreement?.classAccuracy[k] ?? null,
    agreement: agreement?.classAgreement?.[k] ?? null,
    nccAccuracy: agreement?.classNccAccuracy?.[k] ?? null,
    variance: Number.isFinite(variance) ? variance : null,
  };
}
