/**
 * A measurement beside a prediction: class by class, and in one plain sentence.
 */
import { depthOf, type Problem } from '../model/index.js';
import type { Measurement } from '../metrics/index.js';
import type { ClassComparison, MeasuresRecord, Vitality } from '../runs/index.js';
import {
  ALIVE_AT_MOST,
  aliveAbove,
  deadUpTo,
  livesInTheory,
  type ClassPrediction,
  type Prediction,
} from '../theory/index.js';

/** NC1 … NC4 under the key names of the command line. */
export function measuresRecord({ nc1, cdnv, nc2, nc3, nc4, accuracy }: Measurement): MeasuresRecord {
  return { nc1, cdnv, nc2, nc3, nc4, accuracy };
}

/**
 * The measured fit of each class, (ZTᵀ)_kk/(TTᵀ)_kk with Z = PH: p_k·h̄_k without bias, p_k·(h̄_k − h_G)/(1 − n_k/N) with a
 * free one. Null without a head, and for a single class with bias, whose target is zero.
 */
export function measuredFits(measurement: Measurement, bias: Problem['bias']): (number | null)[] {
  const { counts, samples: N, geometry } = measurement;
  if (geometry.logits?.kind !== 'dense') return counts.map(() => null);
  const { data, cols: K } = geometry.logits.matrix;
  return counts.map((n, k) => {
    const own = data[k * K + k];
    if (bias === 'none') return own;
    if (n === N) return null;
    let mean = 0;
    for (let j = 0; j < K; j++) mean += (counts[j] / N) * data[k * K + j];
    return (own - mean) / (1 - n / N);
  });
}

/**
 * The same for cross-entropy: (p − p₀)/(1 − p₀), at least 0, with p the softmax probability of its class at the class mean
 * and p₀ that of the collapsed solution (1/K, or n_k/N with a free bias). Null without a head and for a single class.
 */
export function measuredCeFits(measurement: Measurement, bias: Float64Array | null): (number | null)[] {
  const { counts, samples: N, geometry } = measurement;
  const K = counts.length;
  if (geometry.logits?.kind !== 'dense' || K === 1) return counts.map(() => null);
  const { data } = geometry.logits.matrix;
  return counts.map((n, k) => {
    const logit = (j: number) => data[j * K + k] + (bias === null ? 0 : bias[j]);
    let top = -Infinity;
    for (let j = 0; j < K; j++) top = Math.max(top, logit(j));
    let sum = 0;
    for (let j = 0; j < K; j++) sum += Math.exp(logit(j) - top);
    const p = Math.exp(logit(k) - top) / sum;
    const none = bias === null ? 1 / K : n / N;
    return Math.max(0, (p - none) / (1 - none));
  });
}

/** The measured fits of a problem's loss; `bias` is the head's. */
export function fitsOf(
  measurement: Measurement,
  problem: Problem,
  bias: Float64Array | null,
): (number | null)[] {
  return problem.loss === 'mse' ? measuredFits(measurement, problem.bias) : measuredCeFits(measurement, bias);
}

/** Measured beside predicted, in the user's order. */
export function compareClasses(
  measurement: Measurement,
  prediction: Prediction | null,
  fits: readonly (number | null)[],
): ClassComparison[] {
  return measurement.classes.map(({ count, weightNorm, featureNorm, accuracy }, k) => {
    const predicted = prediction?.classes[k];
    const fit = fits[k] ?? null;
    return {
      count,
      weightNorm,
      featureNorm,
      fit,
      accuracy,
      predictedWeightNorm: predicted?.weightNorm ?? null,
      predictedFeatureNorm: predicted?.featureNorm ?? null,
      predictedFit: predicted?.fit ?? null,
      regime: predicted?.regime ?? null,
      measured:
        prediction === null
          ? null
          : vitality(fit, (weightNorm ?? 0) * featureNorm, predicted, prediction.problem),
    };
  });
}

/** The predicted side alone: for a run whose end was not measured. */
export function predictedClasses({ classes }: Prediction): ClassComparison[] {
  return classes.map(({ count, weightNorm, featureNorm, fit, regime }) => ({
    count,
    weightNorm: null,
    featureNorm: null,
    fit: null,
    accuracy: null,
    predictedWeightNorm: weightNorm,
    predictedFeatureNorm: featureNorm,
    predictedFit: fit,
    regime,
    measured: null,
  }));
}

/**
 * `alive` above the yardstick of theory; `dead` where even ‖p‖·‖h̄‖, which bounds the class's own logit, is next to nothing (at
 * most 1 under cross-entropy, whose logits have no target); null between the two, and where outputs overshoot: neither.
 */
function vitality(
  fit: number | null,
  size: number,
  predicted: ClassPrediction | undefined,
  { loss, widths }: Problem,
): Vitality {
  if (fit === null || predicted === undefined) return null;
  const depth = widths.length;
  if (fit > aliveAbove(predicted, depth)) return fit <= ALIVE_AT_MOST ? 'alive' : null;
  return size <= (loss === 'mse' ? deadUpTo(predicted, depth) : 1) ? 'dead' : null;
}

function lives({ regime, predictedFit }: ClassComparison): boolean {
  return livesInTheory(regime, predictedFit ?? 0);
}

/** Where measurement and theory agree and disagree on life and death; class numbers are labels: they start at 0. */
export interface Survival {
  readonly alive: readonly number[];
  readonly deadAsPredicted: readonly number[];
  /** Dead, though they live at the global minimum. */
  readonly deadUnpredicted: readonly number[];
  /** Alive, though they are zero at the global minimum. */
  readonly aliveUnpredicted: readonly number[];
  /** Those of `aliveUnpredicted` that sit at a local minimum theory knows of. */
  readonly metastable: readonly number[];
}

export function survival(classes: readonly ClassComparison[]): Survival {
  const where = (test: (one: ClassComparison) => boolean) =>
    classes.flatMap((one, k) => (one.measured !== null && test(one) ? [k] : []));
  return {
    alive: where((one) => one.measured === 'alive'),
    deadAsPredicted: where((one) => one.measured === 'dead' && !lives(one)),
    deadUnpredicted: where((one) => one.measured === 'dead' && lives(one)),
    aliveUnpredicted: where((one) => one.measured === 'alive' && !lives(one)),
    metastable: where((one) => one.measured === 'alive' && one.regime === 'metastable'),
  };
}

/** "class 3", "classes 1–4 and 7". */
export function nameClasses(numbers: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (end + 1 < numbers.length && numbers[end + 1] === numbers[end] + 1) end++;
    if (end > i + 1) runs.push(`${numbers[i]}–${numbers[end]}`);
    else for (let j = i; j <= end; j++) runs.push(String(numbers[j]));
    i = end + 1;
  }
  const list =
    runs.length > 1 ? `${runs.slice(0, -1).join(', ')} and ${runs[runs.length - 1]}` : (runs[0] ?? '');
  return `${numbers.length === 1 ? 'class' : 'classes'} ${list}`;
}

/**
 * What life and death say, as clauses of a sentence; empty when nothing can be said. Of a training that has not come to its
 * end nothing is said that only an end can tell: a class near zero may be on its way.
 */
export function describeSurvival(
  classes: readonly ClassComparison[],
  { problem, optimality }: Prediction,
  ended: boolean,
): string[] {
  const { alive, deadAsPredicted, deadUnpredicted, aliveUnpredicted, metastable } = survival(classes);
  const known = classes.filter(({ measured }) => measured !== null).length;
  const neither = classes.flatMap(({ measured, fit }, k) => (measured === null && fit !== null ? [k] : []));
  if (known === 0 && neither.length === 0) return [];
  if (deadAsPredicted.length + deadUnpredicted.length + aliveUnpredicted.length + neither.length === 0)
    return [`${known === 1 ? 'the one class is' : `${allOf(known)} are`} alive, as predicted`];
  const strange = aliveUnpredicted.filter((k) => !metastable.includes(k));
  const over = neither.filter((k) => (classes[k].fit ?? 0) > ALIVE_AT_MOST);
  const between = neither.filter((k) => !over.includes(k));
  const said = (list: readonly number[], what: string): string[] =>
    list.length === 0 ? [] : [`${nameClasses(list)} ${what}`];
  const they = deadUnpredicted.length === 1 ? 'it lives' : 'they live';
  const trap =
    depthOf(problem) > 1
      ? ' (with two or more layers zero is a local minimum for every class, and training can end there)'
      : '';
  const expected = alive.filter((k) => !aliveUnpredicted.includes(k));
  return [
    ...said(expected, `${is(expected)} alive, as predicted`),
    ...said(
      deadAsPredicted,
      `${ended ? 'collapsed to zero' : `${is(deadAsPredicted)} near zero`}, as predicted`,
    ),
    ...said(
      deadUnpredicted,
      ended
        ? `collapsed though ${they} at the ${minimumName(optimality)}${trap}`
        : `${is(deadUnpredicted)} near zero, though ${they} at the ${minimumName(optimality)}`,
    ),
    ...said(metastable, `${is(metastable)} alive at a local minimum (zero is lower)`),
    ...said(strange, `${is(strange)} alive where theory says zero`),
    ...said(between, `${is(between)} neither alive nor ${ended ? 'collapsed' : 'zero yet'}`),
    ...said(over, over.length === 1 ? 'overshoots its target' : 'overshoot their targets'),
  ];
}

function allOf(known: number): string {
  return known === 2 ? 'both classes' : `all ${known} classes`;
}

/** What a prediction of this standing is a prediction of. */
export function minimumName(optimality: Prediction['optimality']): string {
  return optimality === 'global' ? 'global minimum' : 'best known solution';
}

function is(numbers: readonly number[]): string {
  return numbers.length === 1 ? 'is' : 'are';
}

/** Largest relative difference of a measured norm from its prediction, over classes that live in both. */
export function worstNormError(classes: readonly ClassComparison[]): number | null {
  let worst: number | null = null;
  for (const one of classes) {
    if (!lives(one) || one.measured === 'dead') continue;
    for (const [measured, predicted] of [
      [one.weightNorm, one.predictedWeightNorm],
      [one.featureNorm, one.predictedFeatureNorm],
    ])
      if (measured !== null && predicted !== null && predicted > 0)
        worst = Math.max(worst ?? 0, Math.abs(measured - predicted) / predicted);
  }
  return worst;
}

/** 0.0213 as "2.1 %"; small ones with an exponent. */
export function percent(value: number): string {
  const scaled = 100 * value;
  return `${scaled !== 0 && scaled < 0.01 ? scaled.toExponential(1) : Number(scaled.toPrecision(2))} %`;
}

/** From here on a multiple says more than a percentage. */
const MANY_TIMES = 10;

/** "WHAT are within 2.1 % of the prediction"; what is far off, or overflowed, in words instead of astronomical numbers. */
export function normClause(what: string, error: number): string {
  if (Number.isNaN(error) || error === Infinity) return `${what} are beyond what floating point holds`;
  if (error > MANY_TIMES) return `${what} are more than ${MANY_TIMES} times off the prediction`;
  return `${what} are within ${percent(error)} of the prediction`;
}

/** "WHAT is 71 % from the predicted frame". */
export function distanceClause(what: string, distance: number): string {
  return Number.isFinite(distance)
    ? `${what} is ${percent(distance)} from the predicted frame`
    : `${what} is beyond what floating point holds`;
}

/** "WHAT is 13 % above the MINIMUM"; both values where the minimum is 0 or the excess is many times it. */
export function aboveClause(what: string, value: number, minimum: number, name: string): string {
  const gap = (value - minimum) / Math.abs(minimum);
  // The last digits of a sum over the classes are rounding.
  if (Math.abs(value - minimum) <= 1e-14 * Math.abs(minimum)) return `${what} is that of the ${name}`;
  if (!(Math.abs(gap) <= MANY_TIMES))
    return `${what} is ${value.toPrecision(4)}, against ${Number(minimum.toPrecision(4))} at the ${name}`;
  return `${what} is ${percent(Math.abs(gap))} ${gap < 0 ? 'below' : 'above'} the ${name}`;
}

/** "Opening: clause; clause." */
export function sentence(opening: string, clauses: readonly string[]): string {
  return `${opening}: ${clauses.join('; ')}.`;
}
