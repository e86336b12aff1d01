/** Which problem of theory a measured network is held against, or why none is. */
import type { Blas } from '../../core/blas.js';
import { refuse, refuseShape } from '../../core/errors.js';
import { classifierOf, effectiveFeatureDecay, type FittedDecay } from '../../metrics/index.js';
import {
  createProblem,
  describeReduction,
  lambdaPerDecay,
  outputsOf,
  smoothedLoss,
  type Bias,
  type Head,
  type Loss,
  type MseReduction,
  type Problem,
  type Snapshot,
  type VariationInput,
} from '../../model/index.js';

/** How a network was trained, as far as theory needs it. */
export interface TrainedWith {
  readonly loss?: Loss | undefined;
  /** Of the last layer; where it is not given, a bias in the file was free. */
  readonly bias?: Bias | undefined;
  /** What the training had besides. */
  readonly variations?: VariationInput | undefined;
  /** λ_1 … λ_M, or one for all; under MSE as decays of the loss that `mseReduction` names. */
  readonly weightDecays?: readonly number[] | undefined;
  /** λ_H, likewise; `fit` estimates it from the measured balance between P and H̄, `{lambda}` is λ_H of the objective itself. */
  readonly featureDecay?: number | 'fit' | { readonly lambda: number } | undefined;
  /** By default `paper`. */
  readonly mseReduction?: MseReduction | undefined;
  readonly optimizer?: Optimizer | undefined;
}

export const OPTIMIZERS = ['sgd', 'adam', 'adamw'] as const;
export type Optimizer = (typeof OPTIMIZERS)[number];

export interface Posed {
  readonly problem: Problem | null;
  /** Why there is no problem; null where there is one. */
  readonly note: string | null;
  readonly fitted: FittedDecay | null;
  /** Which λ a decay of PyTorch is, in words; null where they are the same. */
  readonly convention: string | null;
}

/** `absent`: labels of outputs without samples; `outsideTheory`: why no theory covers the network, if so. */
export function problemPosed(
  trained: TrainedWith,
  { statistics, head }: Snapshot,
  { absent, outsideTheory }: { readonly absent: readonly number[]; readonly outsideTheory: string | null },
  blas: Blas,
): Posed {
  const { loss, featureDecay } = trained;
  const note = whyNone(trained, { outsideTheory, absent, hasHead: head !== null });
  if (note !== null || head === null || loss === undefined)
    return { problem: null, note, fitted: null, convention: null };
  // What a user typed is checked even where no prediction follows from it.
  const depth = head.weights.length;
  const { factor, variations, convention } = inTheory(loss, trained, statistics.counts, depth);
  const weightDecays = trained.weightDecays?.map((decay) => decay * factor);
  if (weightDecays !== undefined && weightDecays.length !== 1 && weightDecays.length !== depth)
    refuseShape(
      'weight-decay',
      `one value, or one for each of the ${depth} layers of the head`,
      `${weightDecays.length} values`,
    );
  const fitted =
    featureDecay === 'fit' ? fit(statistics, { head, weightDecays, centre: centreOf(trained), blas }) : null;
  const decay = fitted?.value ?? lambdaOf(featureDecay, factor);
  if (weightDecays === undefined || decay === undefined) {
    return refuse(
      weightDecays === undefined ? 'weight-decay' : 'feature-decay',
      'a value for the prediction',
      undefined,
      'give it, or leave out the loss for the measures alone',
    );
  }
  const problem = createProblem({
    counts: statistics.counts,
    depth,
    widths: head.weights.map((W) => W.cols),
    loss,
    bias: biasOfHead(head, trained.bias),
    ...variations,
    weightDecays,
    featureDecay: decay,
  });
  if (outputsOf(problem) !== problem.counts.length)
    refuse(
      'measure: targets',
      `as many rows as there are classes, ${problem.counts.length}`,
      outputsOf(problem),
    );
  return { problem, note: null, fitted, convention };
}

/** The loss in theory's terms: λ for each decay that was given, and which one that is in words. */
function inTheory(
  loss: Loss,
  { variations = {}, mseReduction = { kind: 'paper' } }: TrainedWith,
  counts: readonly number[],
  depth: number,
): { readonly factor: number; readonly variations: VariationInput; readonly convention: string | null } {
  if (loss === 'mse') {
    const factor = lambdaPerDecay(mseReduction, counts.length);
    const convention = describeReduction(mseReduction, counts.length);
    return { factor, variations: inLambdas(variations, factor), convention };
  }
  const smoothed = smoothedLoss(loss, variations, counts, depth);
  if (smoothed === null) return { factor: 1, variations, convention: null };
  const { lambdaPerDecay: factor, sentence } = smoothed;
  return { factor, variations: inLambdas(smoothed.variations, factor), convention: sentence };
}

/** Why there is no problem, where there is none. Throws for decays without their loss. */
function whyNone(
  { loss, weightDecays, featureDecay, mseReduction, optimizer }: TrainedWith,
  known: {
    readonly outsideTheory: string | null;
    readonly absent: readonly number[];
    readonly hasHead: boolean;
  },
): string | null {
  const { outsideTheory, absent, hasHead } = known;
  const outside = outsideTheory === null ? null : `no prediction: ${outsideTheory}`;
  if (loss === undefined && weightDecays === undefined && featureDecay === undefined)
    return outside ?? 'no prediction: it needs a loss, a weight decay and a feature decay';
  if (loss === undefined) refuse('loss', 'mse or ce beside the decays', loss);
  if (mseReduction !== undefined && mseReduction.kind !== 'paper' && loss !== 'mse')
    refuse('mse-reduction', 'a loss of mse', loss, 'cross-entropy averaged over samples needs no conversion');
  if (outside !== null) return outside;
  if (optimizer === 'adamw')
    return 'no prediction: AdamW decays weights beside the gradient and not through it, so where it ends is the minimum of no objective with a λ';
  if (!hasHead) return 'no prediction: the file holds no head weights';
  return absent.length > 0
    ? 'no prediction: theory needs samples of every output of the head, as in training'
    : null;
}

/** λ_H as it was given. */
function lambdaOf(given: TrainedWith['featureDecay'], factor: number): number | undefined {
  if (typeof given === 'number') return given * factor;
  return given === 'fit' ? undefined : given?.lambda;
}

/** What a user says of the bias must fit the file. */
export function biasOfHead({ bias }: Pick<Head, 'bias'>, given: Bias | undefined): Bias {
  if (given !== undefined && (given === 'none') !== (bias === null))
    refuse(
      'bias',
      bias === null ? 'none, as the head has no bias' : 'free or decayed, as the head has a bias',
      given,
    );
  return given ?? (bias === null ? 'none' : 'free');
}

function inLambdas(variations: VariationInput, factor: number): VariationInput {
  const { biasDecay } = variations;
  return biasDecay == null ? variations : { ...variations, biasDecay: biasDecay * factor };
}

/** Only a free bias makes an offset of the features a matter of indifference. */
function centreOf({ bias, variations }: TrainedWith): 'by the bias' | 'as they are' {
  return bias === 'decayed' || variations?.featureSign === 'nonnegative' ? 'as they are' : 'by the bias';
}

function fit(
  statistics: Snapshot['statistics'],
  options: {
    readonly head: Head;
    readonly weightDecays: readonly number[] | undefined;
    readonly centre: 'by the bias' | 'as they are';
    readonly blas: Blas;
  },
): FittedDecay {
  const { head, weightDecays, centre, blas } = options;
  if (weightDecays === undefined) refuse('feature-decay fit', 'a weight decay to balance against', undefined);
  const { P, exponent, bias } = classifierOf(head, statistics.means.cols, statistics.counts.length, blas);
  const depth = head.weights.length;
  const decays = weightDecays.length === 1 ? new Array<number>(depth).fill(weightDecays[0]) : weightDecays;
  return effectiveFeatureDecay({
    means: statistics.means,
    counts: statistics.counts,
    P,
    weightDecays: decays,
    bias: bias === null || centre === 'as they are' ? 'none' : 'free',
    blas,
    exponents: { features: statistics.exponent ?? 0, weights: exponent },
  });
}
