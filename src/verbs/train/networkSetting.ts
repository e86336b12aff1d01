/** From a network's spec to how it is trained, and to the problem of theory that its head solves. */
import { refuse } from '../../core/errors.js';
import {
  checkVariations,
  createProblem,
  LOSS_VARIATIONS,
  lossFrom,
  variationsOf,
  variedLossOf,
  type Bias,
  type Problem,
  type Variations,
} from '../../model/index.js';
import {
  effectiveDecays,
  headSizes,
  type Decay,
  type EffectiveDecays,
  type Network,
  type TrainingSetting,
} from '../../nets/index.js';
import { variationsOfSpec, type NetworkSpec } from '../../runs/index.js';

export interface NetworkSetting {
  readonly setting: TrainingSetting;
  /** In theory's units. */
  readonly effective: EffectiveDecays;
  /** Of the last layer, and what else departs from the plain problem of theory; λ_b in theory's units. */
  readonly bias: Bias;
  readonly variations: Variations;
}

/** What is trained: n_k samples of each class, in which setting. */
export interface HeadOfRun extends NetworkSetting {
  readonly network: Network;
  readonly counts: readonly number[];
}

/** `counts`: n_k of the samples; `steps` of an epoch. Throws one-line errors for what does not go together. */
export function settingOf(
  spec: NetworkSpec,
  network: Network,
  counts: readonly number[],
  steps: number,
): NetworkSetting {
  const { loss, focal } = lossFrom('loss', spec.loss);
  const { learningRate, ...optimizer } = spec.optimizer;
  const plain: TrainingSetting = {
    ...{ loss, lossScale: spec.lossScale, decay: decayOf(spec), optimizer, learningRate },
    schedule: spec.schedule ?? null,
  };
  const effective = effectiveDecays(plain, network, steps);
  const { weightDecays, biasDecay } = effective;
  const bias = lastBias(network, biasDecay);
  if (spec.head.bias === 'decayed' && bias !== 'decayed')
    refuse(
      'head.bias',
      'a decay above 0 for a decayed bias',
      biasDecay,
      'a bias without decay is a free one',
    );
  if (spec.targets !== undefined && spec.targets.length !== network.classes)
    refuse('targets', `${network.classes} rows, one for each output of the network`, spec.targets.length);
  const variations = checkVariations(
    { counts, loss, bias, weightDecays },
    { ...variationsOfSpec(spec), focal, biasDecay: bias === 'decayed' ? biasDecay : null },
  );
  const present = variationsOf({ ...variations, bias });
  const isPlain = !present.some((variation) => LOSS_VARIATIONS.some((each) => each === variation));
  const varied = isPlain ? null : variedLossOf({ counts, loss, ...variations });
  return { setting: { ...plain, varied }, effective, bias, variations };
}

function lastBias({ head }: Network, decay: number): Bias {
  if (head.bias === 'none') return 'none';
  return decay > 0 ? 'decayed' : 'free';
}

function decayOf({ decay, head: { bias } }: NetworkSpec): Decay {
  if ('all' in decay) return { kind: 'all', weight: decay.all };
  const { head, features, featureScale, backbone } = decay;
  if (decay.bias !== undefined && bias !== 'decayed')
    refuse('decay.bias', 'head.bias: decayed', `head.bias: ${bias}`);
  const last = typeof head === 'number' ? head : head[head.length - 1];
  return {
    ...{ kind: 'head-and-features', head, features, featureDecayScale: featureScale, backbone },
    bias: bias === 'decayed' ? (decay.bias ?? last) : 0,
  };
}

/** The problem that the head solves on the features; null where a decay is zero, for which theory says nothing. */
export function problemOfRun(run: HeadOfRun, featureDecay: number): Problem | null {
  const { network, counts, effective, setting, bias, variations } = run;
  if (!(featureDecay > 0) || effective.weightDecays.some((decay) => !(decay > 0))) return null;
  return createProblem({
    counts: [...counts],
    depth: network.head.widths.length + 1,
    widths: headSizes(network).slice(0, -1),
    loss: setting.loss,
    bias,
    ...variations,
    weightDecays: [...effective.weightDecays],
    featureDecay,
  });
}

/** Whether an offset of all features is a matter of indifference to the problem: only where a free bias can take it up. */
export function offsetsAreFree({ bias, variations }: Pick<NetworkSetting, 'bias' | 'variations'>): boolean {
  return bias !== 'decayed' && variations.featureSign === 'free';
}
