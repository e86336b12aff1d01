/**
 * The objective of a network over its whole training set, part by part.
 *
 * Parts are in the scaling of the setting (trainingSetting.ts): s/N Σ ℓ, decays of parameters, and φ/(2T) Σ‖h‖². `theory` is
 * what the objective F of theory is: data, head with its bias, and features divided by s, without the backbone's decay.
 */
import type { ClassStatistics } from '../model/index.js';
import type { Network } from './network.js';
import { parametersOf, type Parameter } from './shapes.js';
import { dataScale, effectiveDecays, trainingRule, type TrainingSetting } from './trainingSetting.js';

export interface NetworkObjective {
  /** s/N Σ ℓ. */
  readonly data: number;
  /** Σ_m decay_m/2 ‖W_m‖². */
  readonly head: number;
  /** φ/(2T) Σ_i ‖h_i‖². */
  readonly features: number;
  /** Decay of all parameters of the backbone. */
  readonly backbone: number;
  /** Decay of the last bias; 0 for a free one. */
  readonly bias: number;
  /** The sum of the parts. */
  readonly total: number;
  /** (data + head + bias + features)/s: to be compared with a predicted objective, where features have a decay. */
  readonly theory: number;
}

/** `meanLoss` is ℓ per sample; `statistics` are those of the features; `parameters` holds every parameter. */
export function objectiveOf(
  network: Network,
  setting: TrainingSetting,
  steps: number,
  measured: {
    readonly meanLoss: number;
    readonly statistics: ClassStatistics;
    readonly parameters: ReadonlyMap<string, Float32Array>;
  },
): NetworkObjective {
  const rule = trainingRule(setting, network, steps);
  const scale = dataScale(setting, network.classes);
  const decayOf = (chosen: (parameter: Parameter) => boolean): number =>
    parametersOf(network)
      .filter(chosen)
      .reduce(
        (sum, { name }) =>
          sum + (rule.weightDecay(name) / 2) * sumOfSquares(measured.parameters.get(name) ?? []),
        0,
      );
  const decays = effectiveDecays(setting, network, steps);
  const data = scale * measured.meanLoss;
  const head = decayOf(({ role }) => role === 'head');
  const bias = decayOf(({ role }) => role === 'headBias');
  const backbone = decayOf(({ role }) => role !== 'head' && role !== 'headBias');
  const features = ((scale * (decays.featureDecay ?? 0)) / 2) * squaredNorm(measured.statistics);
  return {
    data,
    head,
    features,
    backbone,
    bias,
    total: data + head + features + backbone + bias,
    theory: (data + head + bias + features) / scale,
  };
}

/** ‖H‖² = Σ_k n_k (‖h̄_k‖² + v_k), from what is kept of the classes. */
export function squaredNorm({ counts, means, withinTrace }: ClassStatistics): number {
  const d = means.cols;
  const samples = counts.reduce((sum, n) => sum + n, 0);
  return counts.reduce(
    (sum, n, k) => sum + n * sumOfSquares(means.data.subarray(k * d, (k + 1) * d)),
    samples * withinTrace,
  );
}

function sumOfSquares(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return sum;
}
