/**
 * What may depart from the plain problem: class weights, soft targets, a decayed bias, focal loss, non-negative features and
 * logit adjustment. Plain data; which of them theory covers, and where, is `coverageOf` of the theory room's matter.
 *
 * With all of them the data part of the objective is
 *   MSE  Σ_k (w_k/(2N))·Σ_{i in k} ‖P h_i + b − t_k‖²
 *   CE   Σ_k ω_k/n_k·Σ_{i in k} ℓ(δ∘(P h_i + b) + ι; t_k),  ω_k = n_k w_k/Σ_j n_j w_j as in PyTorch,
 *        ℓ(z; t) = −⟨t, log softmax z⟩, times (1 − p)^γ for focal loss, and λ_b/2·‖b‖² is added where the bias is decayed.
 */
import { refuse } from '../core/errors.js';
import type { Bias } from './vocabulary.js';

/**
 * `inverse`: w ∝ 1/n; `inverse-sqrt`: w ∝ 1/√n; `equal-survival`: w ∝ n^{−M/(M+1)}, with which all classes live up to the
 * same decay under MSE without bias. Each is scaled to Σ_k n_k w_k = N.
 */
export const CLASS_WEIGHTINGS = ['inverse', 'inverse-sqrt', 'equal-survival'] as const;
export type ClassWeighting = (typeof CLASS_WEIGHTINGS)[number];

/** `free`: any real features; `nonnegative`: H ≥ 0, as after a ReLU. */
export const FEATURE_SIGNS = ['free', 'nonnegative'] as const;
export type FeatureSign = (typeof FEATURE_SIGNS)[number];

/** Logits before the softmax are δ∘z + ι: logit adjustment adds ι; CDT scales by δ; the VS loss does both. */
export interface LogitAdjustment {
  /** ι, K numbers. */
  readonly offsets: readonly number[];
  /** δ, K positive numbers. */
  readonly scales: readonly number[];
}

export const VARIATIONS = [
  'class weights',
  'label smoothing',
  'targets',
  'decayed bias',
  'focal loss',
  'non-negative features',
  'logit adjustment',
] as const;
/** One way in which a problem is not the plain one. */
export type Variation = (typeof VARIATIONS)[number];

/** What a problem may have beyond the plain one; `createProblem` fills in the values that stand for nothing. */
export interface Variations {
  /** λ_b where the bias is `decayed`, else null. */
  readonly biasDecay: number | null;
  /** w_k, K positive numbers; null where every sample counts alike. */
  readonly classWeights: readonly number[] | null;
  /** ε in [0, 1): targets (1 − ε)e_k + ε/K. */
  readonly labelSmoothing: number;
  /** T as q rows of K numbers: column k is the target of class k; null for one-hot (or smoothed) targets. */
  readonly targets: readonly (readonly number[])[] | null;
  /** γ of the focal loss; 0 for cross-entropy itself. */
  readonly focal: number;
  readonly featureSign: FeatureSign;
  readonly logitAdjustment: LogitAdjustment | null;
}

/** What a problem says of its variations. */
export interface Varied extends Variations {
  readonly bias: Bias;
}

/** A varied problem with its class counts. */
export interface Counted extends Variations {
  readonly counts: readonly number[];
}

/** The plain problem: one-hot targets, equal weights, no or a free bias, features of any sign. */
export const PLAIN: Variations = {
  biasDecay: null,
  classWeights: null,
  labelSmoothing: 0,
  targets: null,
  focal: 0,
  featureSign: 'free',
  logitAdjustment: null,
};

/** The variations that a problem has, in the order of `VARIATIONS`. */
export function variationsOf(problem: Varied): Variation[] {
  const has: Readonly<Record<Variation, boolean>> = {
    'class weights': problem.classWeights !== null,
    'label smoothing': problem.labelSmoothing > 0,
    targets: problem.targets !== null,
    'decayed bias': problem.bias === 'decayed',
    'focal loss': problem.focal > 0,
    'non-negative features': problem.featureSign === 'nonnegative',
    'logit adjustment': problem.logitAdjustment !== null,
  };
  return VARIATIONS.filter((variation) => has[variation]);
}

/** A bias of the plain problem. */
export type PlainBias = Exclude<Bias, 'decayed'>;

/** Refuses a problem with any variation: what covers the plain problem only asks for it first. */
export function requirePlain<P extends Varied>(
  where: string,
  problem: P,
): asserts problem is P & { readonly bias: PlainBias } {
  refuseVariations(where, problem);
}

/** Only the variations that a problem has, for documents and records; empty for a plain one. */
export function variationFields(problem: Variations): Partial<Variations> {
  const entries = Object.entries(problem).filter(
    ([key, value]) => key in PLAIN && value !== PLAIN[key as keyof Variations],
  );
  return Object.fromEntries(entries);
}

/** Refuses a problem with a variation that is not among those `covered` here: nothing is computed as something else. */
export function refuseVariations(
  where: string,
  problem: Varied,
  covered: readonly Variation[] = [],
  hint?: string,
): void {
  const beyond = variationsOf(problem).filter((variation) => !covered.includes(variation));
  if (beyond.length > 0) refuse(where, `a problem without ${beyond.join(', ')}`, beyond.join(', '), hint);
}

/** The weights that a name stands for; depth M matters for `equal-survival`. */
export function namedClassWeights(name: ClassWeighting, counts: readonly number[], depth: number): number[] {
  const power = { inverse: 1, 'inverse-sqrt': 1 / 2, 'equal-survival': depth / (depth + 1) }[name];
  const largest = counts.reduce((most, n) => Math.max(most, n), 1);
  const raw = counts.map((n) => Math.pow(n / largest, -power));
  const [samples, weighted] = counts.reduce(([sum, total], n, k) => [sum + n, total + n * raw[k]], [0, 0]);
  return raw.map((w) => (w * samples) / weighted);
}

/** Logit adjustment by class frequency: ι = additive·log(n_k/N) and δ = (n_k/n_max)^multiplicative. */
export function frequencyAdjustment(
  counts: readonly number[],
  additive: number,
  multiplicative: number,
): LogitAdjustment {
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const largest = counts.reduce((most, n) => Math.max(most, n), 1);
  return {
    offsets: counts.map((n) => (additive === 0 ? 0 : additive * Math.log(n / samples))),
    scales: counts.map((n) => Math.pow(n / largest, multiplicative)),
  };
}

/** ω_k = n_k w_k/Σ_j n_j w_j, each class's share of the loss under cross-entropy. */
export function lossShares({ counts, classWeights }: Pick<Counted, 'counts' | 'classWeights'>): number[] {
  const raw = counts.map((n, k) => n * (classWeights === null ? 1 : classWeights[k]));
  const total = raw.reduce((sum, value) => sum + value, 0);
  return raw.map((value) => value / total);
}

/** The targets as rows: q×K; one-hot, smoothed, or as given. */
export function targetRows({
  counts,
  targets,
  labelSmoothing,
}: Pick<Counted, 'counts' | 'targets' | 'labelSmoothing'>): readonly (readonly number[])[] {
  if (targets !== null) return targets;
  const K = counts.length;
  return counts.map((_, j) => counts.map((_, k) => (j === k ? 1 - labelSmoothing : 0) + labelSmoothing / K));
}

/** q: rows of the last layer; K unless targets say otherwise. */
export function outputsOf({ counts, targets }: Pick<Counted, 'counts' | 'targets'>): number {
  return targets === null ? counts.length : targets.length;
}

/** Whether output k is that of class k: without targets of their own, or where each class's target is largest in its own row. */
export function outputsAreClasses({ counts, targets }: Pick<Counted, 'counts' | 'targets'>): boolean {
  if (targets === null) return true;
  return (
    targets.length === counts.length &&
    counts.every((_, k) => targets.every((row, j) => j === k || row[k] < targets[k][k]))
  );
}
