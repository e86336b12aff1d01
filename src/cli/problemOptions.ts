/** The options that describe a problem, shared by the verbs that take one. */
import { refuse } from '../core/errors.js';
import {
  createProblem,
  describeReduction,
  geometricMean,
  lambdaPerDecay,
  parseCounts,
  smoothedLoss,
  type MseReduction,
  type Problem,
} from '../model/index.js';
import { numberList, singleNumber, type Options, type Parsed } from './args.js';
import { wrap } from './format.js';
import { MSE_HELP, MSE_OPTIONS, mseReductionFrom } from './mseOptions.js';
import { classWeightsFrom, VARIATION_HELP, VARIATION_OPTIONS, variationsFrom } from './variationOptions.js';

export const PROBLEM_OPTIONS: Options = {
  counts: 'value',
  depth: 'value',
  width: 'value',
  loss: 'value',
  bias: 'value',
  'weight-decay': 'value',
  'feature-decay': 'value',
  ...MSE_OPTIONS,
  ...VARIATION_OPTIONS,
};

export const PROBLEM_HELP = `  --counts LIST          samples of each class: 200,100,50,50 or 5000x10 or
                         longtail:5000:100:10 (largest, ratio, classes)
  --depth M              linear layers (default: as many as the longest list
                         below, else 1)
  --width LIST           d_0 … d_{M-1}, features first; one stands for all
                         (default: the number of classes, no bottleneck)
  --weight-decay LIST    λ_1 … λ_M, features first; one stands for all
                         (default 5e-4)
  --feature-decay X      λ_H (default: the weight decay; of several, their
                         geometric mean)
${MSE_HELP}
${VARIATION_HELP}`;

/** The problem that the options describe. With targets and no counts, each column is one sample. */
export async function problemFrom(args: Parsed): Promise<Problem> {
  const variations = await variationsFrom(args);
  const text = args.value('counts');
  const columns = variations.targets?.at(0)?.length;
  if (text === undefined && columns === undefined)
    refuse('--counts', 'samples of each class', undefined, 'for example --counts 200,100,50,50');
  const counts = text === undefined ? new Array<number>(columns ?? 0).fill(1) : parseCounts(text);
  const widths =
    args.value('width') === undefined ? [counts.length] : numberList('--width', args.value('width') ?? '');
  const reduction = mseReductionFrom(args, variations.loss);
  const typed = numberList('--weight-decay', args.value('weight-decay') ?? '5e-4');
  const depthText = args.value('depth');
  const depth =
    depthText === undefined ? Math.max(widths.length, typed.length) : singleNumber('--depth', depthText);
  const smoothed = smoothedLoss(variations.loss, variations, counts, depth);
  const factor =
    smoothed?.lambdaPerDecay ?? lambdaPerDecay(reduction, variations.targets?.length ?? counts.length);
  const decays = typed.map((wd) => wd * factor);
  const { biasDecay } = variations;
  const featureText = args.value('feature-decay');
  return createProblem({
    counts,
    depth,
    widths,
    ...variations,
    ...smoothed?.variations,
    ...(biasDecay == null ? {} : { biasDecay: biasDecay * factor }),
    weightDecays: decays,
    featureDecay:
      featureText === undefined
        ? geometricMean(decays)
        : singleNumber('--feature-decay', featureText) * factor,
  });
}

/** How decays that were typed became those of a problem. */
export interface DecayConversion {
  /** The reduction of squared error, or cross-entropy whose labels are smoothed with the class weights. */
  readonly reduction: MseReduction['kind'] | 'weighted smoothing';
  /** λ is this times what was typed. */
  readonly lambdaPerDecay: number;
  readonly sentence: string;
}

/** Null where decays are those of the problem itself. */
export function decayConversion(
  args: Parsed,
  { loss, counts, targets, widths }: Problem,
): DecayConversion | null {
  const said = {
    classWeights: classWeightsFrom(args.value('class-weights')),
    labelSmoothing: singleNumber('--label-smoothing', args.value('label-smoothing') ?? '0'),
  };
  const smoothed = smoothedLoss(loss, said, counts, widths.length);
  if (smoothed !== null) {
    const { lambdaPerDecay: factor, sentence } = smoothed;
    return { reduction: 'weighted smoothing', lambdaPerDecay: factor, sentence };
  }
  const reduction = mseReductionFrom(args, loss);
  if (reduction.kind === 'paper') return null;
  const K = targets?.length ?? counts.length;
  return {
    reduction: reduction.kind,
    lambdaPerDecay: lambdaPerDecay(reduction, K),
    sentence: describeReduction(reduction, K),
  };
}

/** The conversion as the first lines of what rests on it; none without. */
export function conversionLines(conversion: DecayConversion | null, width: number): string[] {
  return conversion === null ? [] : [wrap(conversion.sentence, Math.min(width, 100)), ''];
}

/** The first line of what rests on a λ_H that nobody gave; null where it was given. */
export function featureDecayNote(args: Parsed, { weightDecays }: Problem): string | null {
  if (args.value('feature-decay') !== undefined) return null;
  const mean = weightDecays.every((decay) => decay === weightDecays[0]) ? 'λ_W' : 'the geometric mean of λ_W';
  return `λ_H was taken equal to ${mean}, as no --feature-decay was given: a network trained with weight decay alone has another (collapsar measure --feature-decay fit reads it).`;
}
