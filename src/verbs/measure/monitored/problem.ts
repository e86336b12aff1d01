/**
 * The problem of theory that a monitored training poses, from what the companion wrote of its loss and its optimiser, or the
 * reason why there is none. Nothing is guessed.
 */
import { InputError } from '../../../core/errors.js';
import type { Blas } from '../../../core/blas.js';
import { classifierOf, effectiveFeatureDecay, type FittedDecay } from '../../../metrics/index.js';
import {
  createProblem,
  describeReduction,
  lambdaPerDecay,
  type Bias,
  type Loss,
  type MseReduction,
  type Problem,
  type Snapshot,
} from '../../../model/index.js';
import type { MonitoredEpoch, MonitorManifest } from '../../../runs/index.js';

/** What a user says instead, in theory's units. */
export interface SettingInstead {
  readonly loss?: Loss | undefined;
  /** λ_1 … λ_M, or one for all. */
  readonly weightDecays?: readonly number[] | undefined;
  /** λ_H; `fit`, the default, estimates it from the balance between P and H̄ at the last epoch. */
  readonly featureDecay?: number | 'fit' | undefined;
}

export interface PosedProblem {
  readonly problem: Problem;
  /** Null where λ_H was given. */
  readonly fitted: FittedDecay | null;
  /** Which λ a decay of the optimiser is, in words; null where they are the same. */
  readonly convention: string | null;
}

/** No problem, and why. */
interface Reason {
  readonly problem: null;
  readonly why: string;
}

/** `snapshot`: of the features at the last epoch. */
export function problemPosed(
  manifest: MonitorManifest,
  epoch: MonitoredEpoch,
  snapshot: Snapshot,
  instead: SettingInstead,
  blas: Blas,
): PosedProblem | Reason {
  const { statistics, head } = snapshot;
  if (head === null) return none('one logit for two classes is no head that theory covers');
  if (statistics.counts.length < manifest.classes)
    return none('theory needs samples of every output of the head, as in training');
  const loss = lossOf(manifest, epoch, instead);
  if ('why' in loss) return loss;
  const decays = decaysOf(manifest, loss.factor, instead);
  if ('why' in decays) return decays;
  const bias = biasOf(manifest, loss.factor);
  if ('why' in bias) return bias;
  const { weightDecays } = decays;
  const fitted =
    instead.featureDecay === undefined || instead.featureDecay === 'fit'
      ? fit(snapshot, weightDecays, bias.bias, blas)
      : null;
  const featureDecay = typeof instead.featureDecay === 'number' ? instead.featureDecay : (fitted?.value ?? 0);
  if (!(featureDecay > 0))
    return none('it needs a λ_H, and none can be fitted where head or class means vanish');
  const { labelSmoothing = 0, classWeights = null } = manifest.loss ?? {};
  try {
    const problem = createProblem({
      counts: statistics.counts,
      depth: head.weights.length,
      widths: head.weights.map((W) => W.cols),
      loss: loss.loss,
      ...bias,
      weightDecays,
      featureDecay,
      ...(labelSmoothing > 0 ? { labelSmoothing } : {}),
      ...(classWeights === null ? {} : { classWeights }),
    });
    return { problem, fitted, convention: loss.convention };
  } catch (error) {
    if (error instanceof InputError) return none(error.message);
    throw error;
  }
}

function none(why: string): Reason {
  return { problem: null, why };
}

/** The loss, and λ per decay of the optimiser. */
function lossOf(
  { loss, outputs }: MonitorManifest,
  { batch }: MonitoredEpoch,
  instead: SettingInstead,
): { readonly loss: Loss; readonly factor: number; readonly convention: string | null } | Reason {
  if (instead.loss !== undefined) return { loss: instead.loss, factor: 1, convention: null };
  if (loss === null) return none('the monitor was not given the loss: Monitor(…, loss=criterion)');
  const { name, reduction, module } = loss;
  switch (name) {
    case 'ce':
      if (reduction === 'mean') return { loss: 'ce', factor: 1, convention: null };
      if (reduction !== 'sum')
        return none(`which λ a loss with reduction ${String(reduction)} has is not known`);
      if (batch === null)
        return none('a loss summed over batches needs their size: Monitor(…, batch_size=128)');
      return {
        loss: 'ce',
        factor: 1 / batch,
        convention: `decays are those of a loss summed over batches of ${batch}: λ = wd/B, here wd/${batch}`,
      };
    case 'mse': {
      const kind = reductionOf(reduction, batch);
      if (typeof kind === 'string') return none(kind);
      return {
        loss: 'mse',
        factor: lambdaPerDecay(kind, outputs),
        convention: describeReduction(kind, outputs),
      };
    }
    case 'bce':
      return none('there is no theory here for binary cross-entropy');
    case 'other':
      return none(`there is no theory here for ${module ?? 'this loss'}`);
    default:
      return name satisfies never;
  }
}

function reductionOf(reduction: string | null, batch: number | null): MseReduction | string {
  if (reduction === 'paper' || reduction === 'mean') return { kind: reduction };
  if (reduction !== 'sum') return `which λ a loss with reduction ${String(reduction)} has is not known`;
  return batch === null
    ? 'a loss summed over batches needs their size: Monitor(…, batch_size=128)'
    : { kind: 'sum', batch };
}

function decaysOf(
  { head, optimizer }: MonitorManifest,
  factor: number,
  { weightDecays }: SettingInstead,
): { readonly weightDecays: readonly number[] } | Reason {
  if (weightDecays !== undefined) return { weightDecays };
  if (optimizer === null)
    return none('the monitor was not given the optimiser: Monitor(…, optimizer=optimizer)');
  if (optimizer.decoupled)
    return none(
      `${optimizer.name} decays weights beside the gradient and not through it, so where it ends is the minimum of no objective with a λ`,
    );
  const decays = head.map((layer) => (layer.weightDecay ?? 0) * factor);
  const free = head.filter((_, m) => !(decays[m] > 0)).map(({ name }) => name);
  if (free.length > 0)
    return none(`it needs a positive decay of every layer of the head, and ${free.join(', ')} has none`);
  return { weightDecays: decays };
}

/** One bias of the last layer, free or decayed; free biases of hidden layers are folded into it. */
function biasOf(
  { head }: MonitorManifest,
  factor: number,
): { readonly bias: Bias; readonly biasDecay?: number } | Reason {
  const biased = head.filter(({ bias }) => bias);
  if (biased.length === 0) return { bias: 'none' };
  const last = head[head.length - 1];
  const held = biased.filter(({ biasDecay }) => biasDecay === null);
  if (held.length > 0)
    return none(`the optimiser does not train the bias of ${held.map(({ name }) => name).join(', ')}`);
  if (!last.bias) return none('a bias of a hidden layer without one of the last is no free bias');
  const decayed = biased.filter(({ biasDecay }) => (biasDecay ?? 0) > 0);
  if (decayed.length === 0) return { bias: 'free' };
  if (decayed.some((layer) => layer !== last) || biased.length > 1)
    return none(
      'biases of hidden layers are decayed: there is no theory here for them. Put biases into a group with weight_decay=0, or take them out of the head',
    );
  return { bias: 'decayed', biasDecay: (last.biasDecay ?? 0) * factor };
}

function fit(
  { statistics, head }: Snapshot,
  weightDecays: readonly number[],
  bias: Bias,
  blas: Blas,
): FittedDecay | null {
  if (head === null) return null;
  const { means, counts } = statistics;
  const depth = head.weights.length;
  const { P, exponent } = classifierOf(head, means.cols, counts.length, blas);
  try {
    return effectiveFeatureDecay({
      ...{ means, counts, P, bias, blas },
      weightDecays: weightDecays.length === 1 ? new Array<number>(depth).fill(weightDecays[0]) : weightDecays,
      exponents: { features: 0, weights: exponent },
    });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
