/**
 * What a monitored training minimised, from what the companion wrote of its loss and its optimiser and what the user says
 * instead: loss, decays and bias in λ, or the reason why theory has none. Nothing is guessed.
 */
import { refuse } from '../../../core/errors.js';
import {
  describeReduction,
  lambdaPerDecay,
  smoothedLoss,
  type Bias,
  type Head,
  type Loss,
  type MseReduction,
  type VariationInput,
} from '../../../model/index.js';
import type { MonitoredHeadLayer, MonitorManifest } from '../../../runs/index.js';
import { biasOfHead, type Optimizer } from '../posed.js';
import { summedOver, weightsInBatches, type StepsOfEpoch, type Summed } from './steps.js';
import type { HeadFinding } from './headCheck.js';

/** What a user says instead of the folder. */
export interface SettingInstead {
  /** The loss as a whole: label smoothing and class weights of the folder's go with it. */
  readonly loss?: Loss | undefined;
  /** Of this loss, or of the folder's; also whose decays the numbers below are. */
  readonly mseReduction?: MseReduction | undefined;
  readonly optimizer?: Optimizer | undefined;
  readonly bias?: Bias | undefined;
  readonly variations?: VariationInput | undefined;
  /** λ_1 … λ_M, or one for all. */
  readonly weightDecays?: readonly number[] | undefined;
  /** λ_H; `fit`, the default, estimates it from the balance between P and H̄ at the last epoch. */
  readonly featureDecay?: number | 'fit' | undefined;
  /** Names of the layers that count as the head, the last ones of it; what they read are then the features. */
  readonly head?: readonly string[] | undefined;
}

/** No problem, and why. */
export interface Reason {
  readonly problem: null;
  readonly why: string;
}

/** What the snapshot itself says. */
export interface SeenNetwork {
  readonly counts: readonly number[];
  /** Linear layers of the head. */
  readonly depth: number;
  readonly finding: HeadFinding;
}

export function none(why: string): Reason {
  return { problem: null, why };
}

export interface TrainedLoss {
  readonly loss: Loss;
  /** λ for each decay of the optimiser. */
  readonly factor: number;
  /** λ for each decay that the user says. */
  readonly factorInstead: number;
  /** Which λ a decay is, in words; null where they are the same. */
  readonly convention: string | null;
  readonly variations: VariationInput;
}

/** Of a network whose classes have `counts` samples, and whose outputs are `finding` of its head. */
export function lossOf(
  manifest: Pick<MonitorManifest, 'loss' | 'outputs'>,
  epoch: StepsOfEpoch,
  seen: SeenNetwork,
  instead: SettingInstead,
): TrainedLoss | Reason {
  const { loss, outputs } = manifest;
  const named = instead.loss ?? (loss?.name === 'ce' || loss?.name === 'mse' ? loss.name : null);
  if (named === 'mse' && seen.finding !== 'same')
    return none('a squared error is of what the network returns, which is not the logits of the head');
  if (instead.loss === undefined && loss?.name === 'nll' && seen.finding !== 'log-softmax')
    return none(
      'nn.NLLLoss needs log-probabilities, and the network does not return any: is nn.CrossEntropyLoss meant?',
    );
  const { mseReduction } = instead;
  if (mseReduction !== undefined && named !== 'mse')
    refuse('mse-reduction', 'a loss of mse', named ?? 'a loss that theory does not have');
  if (instead.loss !== undefined) return lossSaid(instead.loss, outputs, seen, instead);
  const factorInstead = named === 'mse' ? lambdaPerDecay(mseReduction ?? { kind: 'paper' }, outputs) : 1;
  return writtenLoss(manifest, epoch, seen, instead, factorInstead);
}

/** The loss that the user names, with what they say of it. */
function lossSaid(
  loss: Loss,
  outputs: number,
  seen: SeenNetwork,
  { mseReduction = { kind: 'paper' }, variations = {} }: SettingInstead,
): TrainedLoss {
  if (loss === 'ce') return crossEntropy(null, null, seen, variations);
  const factor = lambdaPerDecay(mseReduction, outputs);
  return {
    ...{ loss, factor, factorInstead: factor, variations },
    convention: describeReduction(mseReduction, outputs),
  };
}

/** The loss object that the monitor was given. */
function writtenLoss(
  { loss, outputs }: Pick<MonitorManifest, 'loss' | 'outputs'>,
  epoch: StepsOfEpoch,
  seen: SeenNetwork,
  instead: SettingInstead,
  factorInstead: number,
): TrainedLoss | Reason {
  if (loss === null) return none('the monitor was not given the loss: Monitor(…, loss=criterion)');
  const { name, reduction, module, labelSmoothing, classWeights } = loss;
  const shared = {
    factorInstead,
    variations: { labelSmoothing, classWeights, ...stated(instead.variations) },
  };
  switch (name) {
    case 'ce':
    case 'nll':
      if (reduction === 'mean') return crossEntropy(null, epoch.batch, seen, shared.variations);
      if (reduction !== 'sum') return none(unknownReduction(reduction));
      return summedOr(epoch, (summed) => crossEntropy(summed, null, seen, shared.variations));
    case 'mse':
      return squaredError(instead.mseReduction ?? reduction, epoch, outputs, shared);
    case 'bce':
      return none('there is no theory here for binary cross-entropy');
    case 'other':
      return none(`there is no theory here for ${module ?? 'this loss'}`);
    default:
      return name satisfies never;
  }
}

function squaredError(
  reduction: MseReduction | string | null,
  epoch: StepsOfEpoch,
  outputs: number,
  shared: Pick<TrainedLoss, 'factorInstead' | 'variations'>,
): TrainedLoss | Reason {
  if (reduction === 'sum')
    return summedOr(epoch, ({ perSample, words }) => ({
      ...{ loss: 'mse', factor: perSample / 2, ...shared },
      convention: `decays are those of nn.MSELoss(reduction='sum') over ${words}: λ = ${brief(perSample / 2)}·wd, for the loss 1/(2N)·Σ‖·‖²`,
    }));
  const known: MseReduction | string | null =
    reduction === 'paper' || reduction === 'mean' ? { kind: reduction } : reduction;
  if (known === null || typeof known === 'string') return none(unknownReduction(known));
  return {
    ...{ loss: 'mse', factor: lambdaPerDecay(known, outputs), ...shared },
    convention: describeReduction(known, outputs),
  };
}

/** nn.CrossEntropyLoss. `summed`: its sum over batches, null where it is averaged over each of `batch` samples (null: not known). */
function crossEntropy(
  summed: Summed | null,
  batch: number | null,
  { counts, depth }: SeenNetwork,
  variations: VariationInput,
): TrainedLoss {
  const { classWeights } = variations;
  const smoothed = smoothedLoss('ce', variations, counts, depth);
  // Weights by name have a mean of 1.
  const mean = Array.isArray(classWeights) ? meanOver(counts, classWeights) : 1;
  const ofAverage = smoothed?.lambdaPerDecay ?? 1;
  // PyTorch divides an average by the weights of its labels, and a sum by nothing.
  const factor = summed === null ? ofAverage : (ofAverage * summed.perSample) / mean;
  const remarks = [
    ...(smoothed === null ? [] : [smoothed.sentence]),
    ...(summed === null
      ? weightsInBatches(batch, counts, classWeights)
      : [`decays are those of a loss summed over ${summed.words}: λ = ${brief(factor)}·wd`]),
  ];
  return {
    loss: 'ce',
    ...{ factor, factorInstead: ofAverage },
    convention: remarks.length === 0 ? null : remarks.join('; '),
    variations: smoothed?.variations ?? variations,
  };
}

/** Over samples, of one value for each class. */
function meanOver(counts: readonly number[], values: readonly number[]): number {
  const samples = counts.reduce((sum, n) => sum + n, 0);
  return counts.reduce((sum, n, k) => sum + (n / samples) * values[k], 0);
}

/** Of a loss that is summed over batches. */
function summedOr(epoch: StepsOfEpoch, make: (summed: Summed) => TrainedLoss): TrainedLoss | Reason {
  const summed = summedOver(epoch);
  return summed === null ? none(NEEDS_BATCH) : make(summed);
}

function brief(value: number): string {
  return String(Number(value.toPrecision(4)));
}

const NEEDS_BATCH = 'a loss summed over batches needs their size: Monitor(…, batch_size=128)';

function unknownReduction(reduction: string | null): string {
  return `which λ a loss with reduction ${String(reduction)} has is not known`;
}

/** What is said of variations, without what is left out. */
function stated(variations: VariationInput = {}): VariationInput {
  return Object.fromEntries(Object.entries(variations).filter(([, value]) => value !== undefined));
}

export function decaysOf(
  head: readonly MonitoredHeadLayer[],
  { optimizer }: MonitorManifest,
  { factor, factorInstead }: TrainedLoss,
  instead: SettingInstead,
): { readonly weightDecays: readonly number[] } | Reason {
  const beside = decoupled(optimizer, instead.optimizer);
  if (beside !== null) return none(beside);
  if (instead.weightDecays !== undefined)
    return { weightDecays: instead.weightDecays.map((decay) => decay * factorInstead) };
  if (optimizer === null)
    return none('the monitor was not given the optimiser: Monitor(…, optimizer=optimizer)');
  const held = head.filter(({ weightDecay }) => weightDecay === null).map(({ name }) => name);
  if (held.length > 0)
    return none(
      `the optimiser does not train the weight of ${held.join(', ')} itself: it is frozen, parametrised or in no group`,
    );
  const decays = head.map((layer) => (layer.weightDecay ?? 0) * factor);
  const free = head.filter((_, m) => !(decays[m] > 0)).map(({ name }) => name);
  if (free.length > 0)
    return none(`it needs a positive decay of every layer of the head, and ${free.join(', ')} has none`);
  return { weightDecays: decays };
}

/** Why decays are no λ, where they are none. */
function decoupled(written: MonitorManifest['optimizer'], said: Optimizer | undefined): string | null {
  if (said !== undefined && said !== 'adamw') return null;
  const name = said === undefined ? written?.name : 'AdamW';
  const beside = said === 'adamw' || written?.decoupled === true;
  if (beside)
    return `${name} decays weights beside the gradient and not through it, so where it ends is the minimum of no objective with a λ`;
  return written?.decoupled === null
    ? `whether ${name} decays weights through the gradient or beside it is not known`
    : null;
}

/** One bias of the last layer, free or decayed; free biases of hidden layers are folded into it. */
export function biasOf(
  layers: readonly MonitoredHeadLayer[],
  head: Head,
  { factor, factorInstead, variations }: TrainedLoss,
  instead: SettingInstead,
): { readonly bias: Bias; readonly biasDecay?: number | null | undefined } | Reason {
  const said = variations.biasDecay;
  const decay = said == null ? said : said * factorInstead;
  if (instead.bias !== undefined) return { bias: biasOfHead(head, instead.bias), biasDecay: decay };
  const biased = layers.filter(({ bias }) => bias);
  if (biased.length === 0) return { bias: 'none', biasDecay: decay };
  const last = layers[layers.length - 1];
  const held = biased.filter(({ biasDecay }) => biasDecay === null);
  if (held.length > 0)
    return none(`the optimiser does not train the bias of ${held.map(({ name }) => name).join(', ')}`);
  if (!last.bias) return none('a bias of a hidden layer without one of the last is no free bias');
  const decayed = biased.filter(({ biasDecay }) => (biasDecay ?? 0) > 0);
  if (decayed.length === 0) return { bias: 'free', biasDecay: decay };
  if (biased.length > 1) {
    const hidden = decayed.filter((layer) => layer !== last).map(({ name }) => name);
    const what =
      hidden.length > 0
        ? `biases of hidden layers of the head are decayed (${hidden.join(', ')})`
        : 'the bias of the last layer is decayed, and one of a hidden layer is not';
    return none(
      `${what}: there is no theory here for that. Put biases into a group with weight_decay=0, or let the head begin at its last layer, ${last.name}`,
    );
  }
  return { bias: 'decayed', biasDecay: decay ?? (last.biasDecay ?? 0) * factor };
}
