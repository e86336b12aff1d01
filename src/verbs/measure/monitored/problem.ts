/**
 * The problem of theory that a monitored training poses, or the reason why there is none.
 */
import { InputError } from '../../../core/errors.js';
import type { Blas } from '../../../core/blas.js';
import { centresMeans } from '../../../judge/index.js';
import { classifierOf, effectiveFeatureDecay, type FittedDecay } from '../../../metrics/index.js';
import { createProblem, type Problem, type Snapshot } from '../../../model/index.js';
import type { MonitoredEpoch, MonitoredHeadLayer, MonitorManifest } from '../../../runs/index.js';
import { headIsNetwork, type HeadCheck } from './headCheck.js';
import { biasOf, decaysOf, lossOf, none, type Reason, type SettingInstead } from './setting.js';

export interface PosedProblem {
  readonly problem: Problem;
  /** Null where λ_H was given. */
  readonly fitted: FittedDecay | null;
  /** Which λ a decay of the optimiser is, in words; null where they are the same. */
  readonly convention: string | null;
}

/** What is known at the last epoch. */
export interface Trained {
  readonly manifest: MonitorManifest;
  /** Those of the manifest's head that count as the head. */
  readonly layers: readonly MonitoredHeadLayer[];
  readonly epoch: MonitoredEpoch;
  /** Of the features. */
  readonly snapshot: Snapshot;
  readonly check: Pick<HeadCheck, 'finding'>;
}

export function problemPosed(
  { manifest, layers, epoch, snapshot, check }: Trained,
  instead: SettingInstead,
  blas: Blas,
): PosedProblem | Reason {
  const { statistics, head } = snapshot;
  if (!headIsNetwork(check)) return none('the head is not what the network computes');
  if (head === null) return none('one logit for two classes is no head that theory covers');
  if (statistics.counts.length < manifest.classes)
    return none('theory needs samples of every output of the head, as in training');
  const seen = { counts: statistics.counts, depth: head.weights.length, finding: check.finding };
  const loss = lossOf(manifest, epoch, seen, instead);
  if ('why' in loss) return loss;
  const decays = decaysOf(layers, manifest, loss, instead);
  if ('why' in decays) return decays;
  const bias = biasOf(layers, head, loss, instead);
  if ('why' in bias) return bias;
  const { weightDecays } = decays;
  const centred = centresMeans({ bias: bias.bias, featureSign: loss.variations.featureSign ?? 'free' });
  const given = instead.featureDecay;
  const fitted =
    given === undefined || given === 'fit'
      ? fit(snapshot, weightDecays, centred ? 'free' : 'none', blas)
      : null;
  const featureDecay = typeof given === 'number' ? given * loss.factorInstead : fitted?.value;
  if (featureDecay === undefined)
    return none('it needs a λ_H, and none can be fitted where head or class means vanish');
  try {
    const problem = createProblem({
      counts: statistics.counts,
      depth: head.weights.length,
      widths: head.weights.map((W) => W.cols),
      loss: loss.loss,
      ...loss.variations,
      ...bias,
      weightDecays,
      featureDecay,
    });
    return { problem, fitted, convention: loss.convention };
  } catch (error) {
    // What the folder says cannot be mended by who reads it; what they typed can.
    if (error instanceof InputError && !saysMore(instead)) return none(error.message);
    throw error;
  }
}

function saysMore({ weightDecays, featureDecay, variations = {} }: SettingInstead): boolean {
  const variation = Object.values(variations).some((value) => value !== undefined);
  return variation || weightDecays !== undefined || typeof featureDecay === 'number';
}

function fit(
  { statistics, head }: Snapshot,
  weightDecays: readonly number[],
  bias: 'free' | 'none',
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
