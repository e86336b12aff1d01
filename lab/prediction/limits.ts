/**
 * The decays at which classes die, for the marks on the sliders (MSE).
 *
 * Class k lives while b = M N (NΛ)^{1/M}/τ² < b_global with Λ = λ_H·λ_W^M: so λ_W < maxWeightDecay, and with λ_W held,
 * λ_H < λ_H·(maxWeightDecay/λ_W)^M. Up to b_exist a local minimum survives: λ_W may be b_exist/b_global times larger.
 */
import { depthOf } from 'collapsar/model';
import { thresholds } from 'collapsar/theory';
import type { PredictionFacts } from './facts.js';

export interface DecayLimit {
  /** Classes of one size, by number. */
  readonly classes: readonly number[];
  readonly count: number;
  /** Alive below. */
  readonly global: number;
  /** Nothing but zero above. */
  readonly exist: number;
}

export interface DecayLimits {
  readonly weight: readonly DecayLimit[];
  readonly feature: readonly DecayLimit[];
}

export function decayLimits({ problem, classes }: PredictionFacts): DecayLimits {
  const M = depthOf(problem);
  const { bGlobal, bExist } = thresholds(M);
  const [weightDecay] = problem.weightDecays;
  const found = new Map<number, DecayLimit>();
  classes.forEach(({ count, maxWeightDecay }, k) => {
    if (problem.loss !== 'mse' || maxWeightDecay === null) return;
    const known = found.get(maxWeightDecay);
    found.set(maxWeightDecay, {
      classes: [...(known?.classes ?? []), k],
      count,
      global: maxWeightDecay,
      exist: (maxWeightDecay * bExist) / bGlobal,
    });
  });
  const weight = [...found.values()].sort((a, b) => a.global - b.global);
  const onFeatures = (limit: number) => problem.featureDecay * Math.pow(limit / weightDecay, M);
  const feature = weight.map((one) => ({
    ...one,
    global: onFeatures(one.global),
    exist: onFeatures(one.exist),
  }));
  return { weight, feature };
}
