/**
 * How a network is trained, as plain data, and what that means in the units of theory.
 *
 * Over an epoch of T batches of B samples each, the mean of what the steps minimise is
 *
 *   s/N Σ_i ℓ_i + φ/(2T) Σ_i ‖h_i‖² + Σ_p decay_p/2 ‖p‖²,   ℓ = ½‖z − e_y‖² or −log softmax(z)_y,
 *
 * or what `varied` makes of ℓ, with s the data scale and φ the decay of features within a batch: shuffling weighs all samples
 * alike, and each adds its features once an epoch. Divided by s it is theory's objective 1/N Σ ℓ + λ_H/2 ‖H‖² + Σ λ_m/2 ‖W_m‖², with c = 1/s:
 *
 *   (λ_W, λ_H)_effective = c·(decay_W, φ/T),   T = N/B where B divides N.
 *
 * `lossScale` tells s: `half` is ½‖·‖² per sample (s = 1); `mean` is the mean of squares over K too, without ½ (s = 2/K,
 * the balanced script of Dang et al. 2023); `half-mean` has both (s = 1/K, their imbalanced script). Cross-entropy has s = 1.
 * `featureDecayScale` tells φ: `batch` takes λ_H as it stands (the authors': λ_H/2 Σ over the batch), `dataset` takes T·λ_H,
 * so that the mean over an epoch is λ_H/2 ‖H‖² over all samples.
 *
 * Limits: a smaller last batch keeps the φ of the others, which the mean over the epoch above already contains; with decay
 * `all` there is no feature decay, so theory has no λ_H.
 */
import { refuse } from '../core/errors.js';
import type { Loss, VariedLoss } from '../model/index.js';
import type { TrainingRule } from './engine.js';
import type { Network } from './network.js';

export type LossScale = 'half' | 'mean' | 'half-mean';
export type FeatureDecayScale = 'batch' | 'dataset';

/**
 * `all`: one decay of every parameter, biases and BatchNorm included, as PyTorch's optimisers have it. `head-and-features`:
 * λ_W of the head's layers (one, or one a layer from W_1 on), λ_H of the features; `bias` is the decay of its last bias, by
 * default 0, a free one; `backbone` is the decay of all parameters of the backbone, by default 0.
 */
export type Decay =
  | { readonly kind: 'all'; readonly weight: number }
  | {
      readonly kind: 'head-and-features';
      readonly head: number | readonly number[];
      readonly features: number;
      readonly featureDecayScale: FeatureDecayScale;
      readonly bias?: number | undefined;
      readonly backbone?: number | undefined;
    };

export type NetworkOptimizer = TrainingRule['optimizer'];

/** The learning rate is multiplied by `factor` after every `every` epochs. */
export interface StepSchedule {
  readonly every: number;
  readonly factor: number;
}

export interface TrainingSetting {
  readonly loss: Loss;
  /** What the loss has beyond the plain one; null or left out for none. */
  readonly varied?: VariedLoss | null | undefined;
  /** Of MSE; cross-entropy is the mean over samples whatever this says. */
  readonly lossScale: LossScale;
  readonly decay: Decay;
  readonly optimizer: NetworkOptimizer;
  readonly learningRate: number;
  /** Null for a constant rate. */
  readonly schedule: StepSchedule | null;
}

/** Adam's usual constants. */
export const ADAM = { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/** s of the header: the loss of a sample is s·ℓ. */
export function dataScale({ loss, lossScale }: TrainingSetting, classes: number): number {
  switch (lossScale) {
    case 'half':
      return 1;
    case 'mean':
      return loss === 'ce' ? 1 : 2 / classes;
    case 'half-mean':
      return loss === 'ce' ? 1 : 1 / classes;
    default:
      return lossScale satisfies never;
  }
}

/** T, the steps of an epoch of N = `samples` in batches of B = `batch`. */
export function stepsPerEpoch(samples: number, batch: number): number {
  return Math.ceil(samples / batch);
}

/** The rule for an engine, with T = `steps` an epoch. Throws one-line errors for a setting out of range. */
export function trainingRule(setting: TrainingSetting, network: Network, steps: number): TrainingRule {
  checkSetting(setting, network);
  const { decay, loss, optimizer } = setting;
  const head = headDecays(setting, network);
  return {
    loss,
    varied: setting.varied ?? null,
    optimizer,
    dataScale: dataScale(setting, network.classes),
    featureDecay: featureDecayPerBatch(decay, steps),
    weightDecay(parameter) {
      if (decay.kind === 'all') return decay.weight;
      if (parameter === 'b') return decay.bias ?? 0;
      const layer = /^W(\d+)$/.exec(parameter);
      return layer === null ? (decay.backbone ?? 0) : head[Number(layer[1]) - 1];
    },
  };
}

/** What training comes to in theory's objective: divide by the data scale and sum over the data set. */
export interface EffectiveDecays {
  /** λ_1 … λ_M. */
  readonly weightDecays: readonly number[];
  /** λ_H; null where features have no decay of their own. */
  readonly featureDecay: number | null;
  /** λ_b of the last bias; 0 for a free one, and without. */
  readonly biasDecay: number;
  /** c = 1/s. */
  readonly scale: number;
}

/** The decays of theory for this training with T = `steps` an epoch. */
export function effectiveDecays(setting: TrainingSetting, network: Network, steps: number): EffectiveDecays {
  checkSetting(setting, network);
  const { decay } = setting;
  const scale = 1 / dataScale(setting, network.classes);
  return {
    weightDecays: headDecays(setting, network).map((value) => scale * value),
    featureDecay: decay.kind === 'all' ? null : (scale * featureDecayPerBatch(decay, steps)) / steps,
    biasDecay: network.head.bias === 'free' ? scale * biasDecayOf(decay) : 0,
    scale,
  };
}

/** Of the last bias, as the setting gives it. */
function biasDecayOf(decay: Decay): number {
  return decay.kind === 'all' ? decay.weight : (decay.bias ?? 0);
}

/** The rate in an epoch, counted from 0. */
export function learningRateAt({ learningRate, schedule }: TrainingSetting, epoch: number): number {
  return schedule === null
    ? learningRate
    : learningRate * schedule.factor ** Math.floor(epoch / schedule.every);
}

/** φ of the header. */
function featureDecayPerBatch(decay: Decay, steps: number): number {
  if (decay.kind === 'all') return 0;
  switch (decay.featureDecayScale) {
    case 'batch':
      return decay.features;
    case 'dataset':
      return decay.features * steps;
    default:
      return decay.featureDecayScale satisfies never;
  }
}

/** The decay of W_1 … W_M as the setting gives it. */
function headDecays({ decay }: TrainingSetting, network: Network): number[] {
  const depth = network.head.widths.length + 1;
  const weight = decay.kind === 'all' ? decay.weight : decay.head;
  return typeof weight === 'number' ? new Array<number>(depth).fill(weight) : [...weight];
}

function checkSetting(setting: TrainingSetting, network: Network): void {
  const { decay, optimizer, learningRate, schedule } = setting;
  if (!(learningRate > 0 && Number.isFinite(learningRate)))
    refuse('learningRate', 'a positive finite number', learningRate);
  if (schedule !== null) {
    if (!Number.isInteger(schedule.every) || schedule.every < 1)
      refuse('schedule.every', 'a whole number of epochs', schedule.every);
    if (!(schedule.factor > 0 && schedule.factor <= 1))
      refuse('schedule.factor', 'a number in (0, 1]', schedule.factor);
  }
  const depth = network.head.widths.length + 1;
  const head = headDecays(setting, network);
  if (head.length !== depth) refuse('head decay', `one number, or one for each of the ${depth} layers`, head);
  const others = decay.kind === 'all' ? [] : [decay.features, decay.backbone ?? 0, decay.bias ?? 0];
  for (const value of [...head, ...others])
    if (!(value >= 0 && Number.isFinite(value))) refuse('decay', 'finite numbers of at least 0', value);
  checkOptimizer(optimizer);
}

function checkOptimizer(optimizer: NetworkOptimizer): void {
  const share = (name: string, value: number): void => {
    if (!(value >= 0 && value < 1)) refuse(`optimizer.${name}`, 'a number in [0, 1)', value);
  };
  switch (optimizer.name) {
    case 'sgd':
      share('momentum', optimizer.momentum);
      return;
    case 'adam':
      share('beta1', optimizer.beta1);
      share('beta2', optimizer.beta2);
      if (!(optimizer.epsilon > 0 && Number.isFinite(optimizer.epsilon)))
        refuse('optimizer.epsilon', 'a positive finite number', optimizer.epsilon);
      return;
    default:
      optimizer satisfies never;
  }
}
