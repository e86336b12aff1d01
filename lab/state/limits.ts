/**
 * The decays at which classes die, for the marks on the sliders and the class table.
 *
 * MSE: class k lives while b = M N (NΛ)^{1/M}/τ² < b_global with Λ = λ_H·λ_W^M: so λ_W < maxWeightDecay, and with λ_W held,
 * λ_H < λ_H·(maxWeightDecay/λ_W)^M. Up to b_exist a local minimum survives: λ_W may be b_exist/b_global times larger.
 * Cross-entropy with one layer: everything depends on λ_Wλ_H; each class is lost where bisection has found it, once it has,
 * and all of them where ‖(p₀1ᵀ − I)D^{1/2}‖_op/N says.
 */
import { portableBlas } from 'collapsar/core';
import { depthOf, type Problem } from 'collapsar/model';
import { ceDeadDecay, thresholds } from 'collapsar/theory';
import { canBisect, type CeLimits } from './ceLimits.js';
import type { PredictionFacts } from '../theory/facts.js';

export interface DecayLimit {
  /** Classes of one size, by number; none where all are meant. */
  readonly classes: readonly number[];
  /** Alive below. */
  readonly global: number;
  /** Nothing but zero above. */
  readonly exist: number;
}

export interface DecayLimits {
  readonly weight: readonly DecayLimit[];
  readonly feature: readonly DecayLimit[];
}

/** Largest λ_W of each class, null where none is known. */
export function classLimits({ problem, classes }: PredictionFacts, ce: CeLimits): readonly (number | null)[] {
  if (problem.loss === 'mse') return classes.map(({ maxWeightDecay }) => maxWeightDecay);
  const found = ce.kind === 'done' ? ce.document.classes : null;
  return classes.map((_, k) => found?.[k]?.maxWeightDecay ?? null);
}

export function decayLimits(facts: PredictionFacts, ce: CeLimits): DecayLimits {
  const { problem } = facts;
  const M = depthOf(problem);
  const { bGlobal, bExist } = thresholds(M);
  const range = problem.loss === 'mse' ? bExist / bGlobal : 1;
  const found = new Map<number, DecayLimit>();
  classLimits(facts, ce).forEach((limit, k) => {
    if (limit === null) return;
    const classes = [...(found.get(limit)?.classes ?? []), k];
    found.set(limit, { classes, global: limit, exist: limit * range });
  });
  const dead = found.size === 0 ? allLostFrom(problem) : null;
  if (dead !== null) found.set(dead, { classes: [], global: dead, exist: dead });
  const weight = [...found.values()].sort((a, b) => a.global - b.global);
  const [weightDecay] = problem.weightDecays;
  const onFeatures = (limit: number) => problem.featureDecay * Math.pow(limit / weightDecay, M);
  const feature = weight.map((one) => ({
    ...one,
    global: onFeatures(one.global),
    exist: onFeatures(one.exist),
  }));
  return { weight, feature };
}

/** The λ_W from which every class is lost under cross-entropy with one layer; null elsewhere. */
function allLostFrom(problem: Problem): number | null {
  if (!canBisect(problem)) return null;
  const dead = ceDeadDecay(problem, portableBlas);
  return dead > 0 ? (dead / problem.featureDecay) * dead : null;
}
