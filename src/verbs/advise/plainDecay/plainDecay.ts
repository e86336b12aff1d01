/**
 * `advise --decay all`: which classes survive plain weight decay, one decay of all weights and biases, and up to which.
 *
 * From the best there is: samples give class means (the estimate) and second moments (beside it), class means the estimate alone,
 * counts a wide interval. Two passes over the samples under cross-entropy, one under MSE.
 */
import type { Blas } from '../../../core/blas.js';
import { hostOf, slicesOf, type Host } from '../../../core/host.js';
import type { Matrix } from '../../../core/matrix.js';
import { createClassMoments, type FeatureBatches } from '../../../metrics/index.js';
import type { ClassStatistics } from '../../../model/index.js';
import {
  checkSurvivalProblem,
  createScoreBins,
  estimatesFromCounts,
  estimatesFromMeans,
  estimatesFromMoments,
  largestPlainDecay,
  ridgeBasis,
  survivalAt,
  survivalShares,
  type LargestDecay,
  type SurvivalProblem,
} from '../../../theory/index.js';
import { conditionsOf, type ConditionFacts, type KnownTraining } from './conditions.js';
import type { SurvivalClass, SurvivalDocument } from './document.js';
import type { SurvivalInputs } from './inputsFile.js';
import { roundDown } from '../words.js';
import { notesOf, recommendSurvival } from './words.js';

export interface SurvivalOptions {
  readonly inputs: SurvivalInputs;
  /** Where they come from, in words. */
  readonly data: string;
  readonly problem: Omit<SurvivalProblem, 'counts'>;
  /** The decay of the user is λ times this: 1, or 2/K and 1/K for means over classes too. */
  readonly lossScale: number;
  /** Null where only flags were given. */
  readonly training: KnownTraining | null;
  readonly weightDecay: number | null;
  readonly blas: Blas;
  readonly host?: Host<SurvivalProgress> | undefined;
}

export interface SurvivalProgress {
  readonly busy: 'reading' | 'estimating';
  /** Samples read, or classes done, of how many. */
  readonly done: number;
  readonly total: number;
}

/** Wider inputs would make a covariance of more than 128 MiB, and minutes of an eigendecomposition. */
const WIDEST = 4096;

export async function adviseSurvival(options: SurvivalOptions): Promise<SurvivalDocument> {
  const { inputs, data, lossScale, training, weightDecay } = options;
  const { counts, names, notes } = inputs.classes;
  const problem: SurvivalProblem = { ...options.problem, counts };
  // Behind a BatchNorm its activations are the inputs, which nobody has yet.
  const hidden = training !== null && training.layers.behind !== null;
  if (!hidden) checkSurvivalProblem(problem);
  const { estimates, moments, facts } = hidden
    ? { estimates: counts.map(() => null), moments: null, facts: await lookAt(inputs, options) }
    : await estimate(problem, inputs, options);
  const N = counts.reduce((sum, n) => sum + n, 0);
  const scaled = (value: number | null) => (value === null ? null : value * lossScale);
  const shares = survivalShares(problem);
  const most = Math.max(...shares);
  // Where all is lost a bias, or the hidden ones under cross-entropy, names the class with most of the loss.
  const answers = problem.bias === 'decayed' || problem.loss === 'ce';
  const classes = counts.map((count, k): SurvivalClass => {
    const limit = limitOf(scaled(estimates[k]), scaled(moments?.[k] ?? null), inputs.kind);
    return {
      name: names?.[k] ?? null,
      count,
      largestDecay: { ...limit, estimateE: scaled(moments?.[k] ?? null) },
      atDecay: weightDecay === null ? null : survivalAt(limit, weightDecay),
      loses: answers && shares[k] >= most * (1 - 1e-9) ? 'fit' : 'accuracy',
    };
  });
  const document = {
    question: 'plain weight decay' as const,
    decay: 'all' as const,
    weightLayers: problem.layers,
    layers: training?.layers.names ?? null,
    loss: problem.loss,
    bias: problem.bias,
    lossScale,
    classWeights: problem.classWeights ?? null,
    labelSmoothing: problem.labelSmoothing ?? 0,
    data,
    samples: N,
    inputDimension: inputs.kind === 'samples' ? inputs.batches.dimension : dimensionOf(inputs),
    weightDecay,
    classes,
    keepsAll: keepsAllOf(classes),
    conditions: conditionsOf({
      weightLayers: problem.layers,
      bias: problem.bias,
      samples: N,
      classes: counts.length,
      inputs: facts,
      training,
    }),
  };
  return {
    ...document,
    notes: [...notes, ...notesOf(document)],
    recommendation: recommendSurvival(document),
  };
}

function dimensionOf(inputs: SurvivalInputs): number | null {
  return inputs.kind === 'means' ? inputs.means.cols : null;
}

interface Estimated {
  readonly estimates: readonly (number | null)[];
  readonly moments: readonly number[] | null;
  readonly facts: ConditionFacts['inputs'];
}

async function estimate(
  problem: SurvivalProblem,
  inputs: SurvivalInputs,
  options: SurvivalOptions,
): Promise<Estimated> {
  const { blas } = options;
  switch (inputs.kind) {
    case 'counts':
      return { estimates: estimatesFromCounts(problem), moments: null, facts: { kind: 'counts' } };
    case 'means':
      return {
        estimates: estimatesFromMeans(problem, inputs.means, blas),
        moments: null,
        facts: { kind: 'means' },
      };
    case 'samples': {
      const full = inputs.batches.dimension <= WIDEST;
      const weights = sampleWeights(problem);
      const plain = await gather(inputs.batches, full && weights === null, options);
      const statistics =
        full && weights !== null
          ? {
              ...plain,
              within: (await gather(weighted(inputs.batches, plain.means, weights), true, options)).within,
            }
          : plain;
      return {
        estimates: estimatesFromMeans(problem, statistics.means, blas),
        moments:
          statistics.within === null ? null : await fromMoments(problem, statistics, inputs.batches, options),
        facts: { kind: 'samples', rootMeanSquare: sizeOf(plain) },
      };
    }
    default:
      return inputs satisfies never;
  }
}

/** What the conditions ask of inputs that are not estimated from. */
async function lookAt(inputs: SurvivalInputs, options: SurvivalOptions): Promise<ConditionFacts['inputs']> {
  if (inputs.kind !== 'samples') return { kind: inputs.kind };
  return { kind: 'samples', rootMeanSquare: sizeOf(await gather(inputs.batches, false, options)) };
}

async function gather(
  source: FeatureBatches,
  full: boolean,
  { blas, host: given }: SurvivalOptions,
): Promise<ClassStatistics> {
  const host = hostOf(given);
  const slices = slicesOf(host);
  const moments = createClassMoments({
    dimension: source.dimension,
    scatter: full ? { kind: 'full', blas } : { kind: 'none' },
  });
  for await (const { features, labels } of source.batches()) {
    moments.add(features, labels);
    if (!slices.over()) continue;
    host.onProgress({ busy: 'reading', done: moments.samples, total: source.samples });
    await slices.next();
  }
  return moments.statistics();
}

async function fromMoments(
  problem: SurvivalProblem,
  statistics: ClassStatistics,
  source: FeatureBatches,
  { blas, host: given }: SurvivalOptions,
): Promise<number[]> {
  // Under cross-entropy hidden biases stand in for a last one that is not there.
  const bias = problem.loss === 'ce' ? 'decayed' : problem.bias;
  const basis = ridgeBasis(statistics, survivalShares(problem), bias, blas);
  if (problem.loss === 'mse') return estimatesFromMoments(problem, basis, null);
  const host = hostOf(given);
  const slices = slicesOf(host);
  const bins = createScoreBins(basis, statistics.counts, blas);
  let done = 0;
  for await (const { features, labels } of source.batches()) {
    bins.add(features, labels);
    done += labels.length;
    if (!slices.over()) continue;
    host.onProgress({ busy: 'estimating', done, total: source.samples });
    await slices.next();
  }
  return estimatesFromMoments(problem, basis, bins);
}

/** What a sample of each class counts for, one on average; null where all count alike. */
function sampleWeights(problem: SurvivalProblem): number[] | null {
  const { counts, classWeights } = problem;
  if (classWeights === null || classWeights === undefined) return null;
  const N = counts.reduce((sum, n) => sum + n, 0);
  return survivalShares(problem).map((share, k) => (share * N) / counts[k]);
}

/** The samples drawn to or from the mean of their class, so that their covariance is that of weighted ones. */
function weighted(source: FeatureBatches, means: Matrix, weights: readonly number[]): FeatureBatches {
  const D = source.dimension;
  return {
    ...source,
    kind: 'float64',
    async *batches() {
      for await (const { features, labels } of source.batches()) {
        const data = Float64Array.from(features.data, (value, i) => {
          const k = labels[Math.floor(i / D)];
          const mean = means.data[k * D + (i % D)];
          return mean + Math.sqrt(weights[k]) * (value - mean);
        });
        yield { features: { data, rows: features.rows, cols: D }, labels };
      }
    },
  };
}

/** Root mean square of all numbers of the inputs. */
function sizeOf({ counts, means, withinTrace }: ClassStatistics): number {
  const N = counts.reduce((sum, n) => sum + n, 0);
  const D = means.cols;
  const between = counts.reduce((sum, n, k) => sum + (n / N) * squareOf(means, k), 0);
  return Math.sqrt((between + withinTrace) / D);
}

function squareOf({ data, cols }: Matrix, row: number): number {
  return data.subarray(row * cols, (row + 1) * cols).reduce((sum, value) => sum + value * value, 0);
}

/** From means; from second moments where a mean lies in the span of others. */
function limitOf(
  estimated: number | null,
  moment: number | null,
  known: SurvivalInputs['kind'],
): LargestDecay {
  if (known === 'counts') return largestPlainDecay(estimated, 'counts');
  if (estimated === null && moment !== null && moment > 0) return largestPlainDecay(moment, 'moments');
  return largestPlainDecay(estimated, 'means');
}

function keepsAllOf(classes: readonly SurvivalClass[]): SurvivalDocument['keepsAll'] {
  const limits = classes.map(({ largestDecay }) => largestDecay);
  const weakest = limits.reduce(
    (best, { low }, k) => (low !== null && low < (limits[best].low ?? Infinity) ? k : best),
    0,
  );
  const { estimate: middle, low } = limits[weakest];
  if (middle === null || low === null || limits.some((limit) => limit.low === null)) return null;
  return { weightDecay: roundDown(low), limitedBy: weakest, estimate: middle };
}
