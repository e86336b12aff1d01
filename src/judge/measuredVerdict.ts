/**
 * Whether a measured network is as theory says, in one plain sentence.
 *
 * Life and death of classes, norms, and the frame all count. Where the prediction is one of several minimisers, distances
 * from its frame and norms class by class say little: then the spectrum of PPᵀ, the norms up to an exchange of equal
 * classes, and the objective at the class means decide.
 */
import type { Blas } from '../core/blas.js';
import type { Measurement } from '../metrics/index.js';
import { type Frame, type Head, DENSE_LIMIT } from '../model/index.js';
import type { ClassComparison } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { survival, worstNormError } from './compare.js';
import { objectiveAtMeans, surplusDecay } from './meansObjective.js';
import {
  aboveClause,
  describeSurvival,
  distanceClause,
  minimumName,
  normClause,
  percent,
  sentence,
} from './words.js';

/** Norms and frames of a real network within this of the prediction count as its shape. */
const SAME_SHAPE = 0.25;
/** And an objective within this: the least gap between rival solutions that is worth a name is about as large. */
const SAME_OBJECTIVE = 0.01;

/** In the place of a norm that is beyond it. */
const MOST = Number.MAX_VALUE;

/** A share of the gap in the objective. */
const WORTH_SAYING = 0.05;

export interface MeasuredVerdict {
  readonly held: boolean;
  readonly sentence: string;
  /** The objective with every feature at its class mean: a lower bound of the network's own. Null where it is not known. */
  readonly objectiveAtMeans: number | null;
  /** The part of it that is decay of what the outputs do not need. Null where it is not known. */
  readonly surplusDecay: number | null;
}

export function judgeMeasured(
  measurement: Measurement,
  head: Head | null,
  prediction: Prediction,
  classes: readonly ClassComparison[],
  blas: Blas,
  ended = true,
): MeasuredVerdict {
  const { problem, unique, optimality } = prediction;
  const several = unique !== true;
  const lives = describeSurvival(classes, prediction, ended);
  const found = survival(classes);
  const neither = classes.some(
    ({ measured, fit, weightNorm }) => measured === null && (fit !== null || weightNorm === null),
  );
  const agree = !neither && found.deadUnpredicted.length + found.aliveUnpredicted.length === 0;
  const distance = measurement.nc2.weights.predicted;
  const exchanged = several ? exchangeEqual(classes) : classes;
  const error = worstNormError(exchanged);
  const objective = objectiveAtMeans(measurement, head, problem);
  const gap = objective === null ? null : relative(objective, prediction.objective);
  const surplus = surplusDecay(measurement, head, problem, blas);
  const sameFrame = distance === null || distance < SAME_SHAPE;
  const spectrum = several && !sameFrame ? spectralDistance(measurement, prediction, blas) : null;
  const sameUpToExchange =
    spectrum !== null && spectrum < SAME_SHAPE && gap !== null && Math.abs(gap) < SAME_OBJECTIVE;
  const near = (error === null || error < SAME_SHAPE) && (sameFrame || sameUpToExchange);
  const other =
    agree && !near && objective !== null ? otherSolution(measurement, prediction, objective) : null;
  const clauses = [
    ...lives,
    ...(objective === null
      ? []
      : [
          aboveClause(
            'at the class means the objective',
            objective,
            prediction.objective,
            minimumName(optimality),
          ) + surplusClause(surplus, objective - prediction.objective),
        ]),
    ...(distance === null ? [] : [distanceClause('PPᵀ', distance)]),
    ...(spectrum === null || !sameUpToExchange
      ? []
      : [
          `the prediction is one of several minimisers, and up to an exchange of classes this is one: the spectrum of PPᵀ is within ${percent(spectrum)} of it`,
        ]),
    ...(other?.etf === undefined ? [] : [`and ${percent(other.etf)} from a simplex ETF`]),
    ...(error === null ? [] : [normClause('norms of living classes', error)]),
  ];
  const opening = !agree
    ? `This network is not at the ${minimumName(optimality)}`
    : near
      ? 'Every class is as theory says'
      : other !== null
        ? `This network is at another solution than the ${minimumName(optimality)}: ${other.name}`
        : sameFrame
          ? 'Classes live and die as theory says, but norms are far from it'
          : 'Classes live and die as theory says, but the frame is not the predicted one';
  return {
    held: agree && near,
    sentence: sentence(opening, clauses),
    objectiveAtMeans: objective,
    surplusDecay: surplus,
  };
}

/** Said where there is a gap to explain. */
function surplusClause(surplus: number | null, gap: number): string {
  if (surplus === null || !(gap > 0) || !(surplus > 0)) return '';
  const share = Math.min(1, surplus / gap);
  return share < WORTH_SAYING
    ? ''
    : ` (${percent(share)} of that is decay of weights and features that the outputs do not need)`;
}

function relative(value: number, reference: number): number {
  return (value - reference) / Math.max(Math.abs(reference), Number.MIN_VALUE);
}

/** Which of the solutions that theory knows this is; null for none of them. */
function otherSolution(
  { nc2 }: Measurement,
  { alternatives, objective: least }: Prediction,
  objective: number,
): { readonly name: string; readonly etf?: number } | null {
  const { etf } = nc2.weights;
  for (const one of alternatives) {
    if (one.objective <= least || Math.abs(relative(objective, one.objective)) > SAME_OBJECTIVE) continue;
    if (one.kind !== 'simplex') return { name: one.name };
    if (etf !== null && etf < SAME_SHAPE) return { name: one.name, etf };
  }
  return null;
}

/** Predicted norms dealt out anew among classes of equal counts, smallest to smallest. */
function exchangeEqual(classes: readonly ClassComparison[]): ClassComparison[] {
  const out = [...classes];
  for (const count of new Set(classes.map((one) => one.count))) {
    const members = classes.flatMap((one, k) => (one.count === count ? [k] : []));
    for (const [own, predicted] of [
      ['weightNorm', 'predictedWeightNorm'],
      ['featureNorm', 'predictedFeatureNorm'],
    ] as const) {
      const from = members.map((k) => classes[k][predicted] ?? 0).sort((a, b) => a - b);
      const order = [...members].sort((a, b) => (classes[a][own] ?? MOST) - (classes[b][own] ?? MOST));
      order.forEach((k, i) => {
        if (classes[k][predicted] !== null) out[k] = { ...out[k], [predicted]: from[i] };
      });
    }
  }
  return out;
}

/** Distance of the normed spectra of PPᵀ, largest first; null where it does not exist or is too large to form. */
function spectralDistance(measurement: Measurement, prediction: Prediction, blas: Blas): number | null {
  const { weights } = measurement.upToScale;
  if (weights === null || weights.kind === 'product' || measurement.counts.length > DENSE_LIMIT) return null;
  const [a, b] = [spectrumOf(weights, blas), spectrumOf(prediction.geometry().weights, blas)];
  if (a === null || b === null) return null;
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0));
}

function spectrumOf(frame: Frame, blas: Blas): Float64Array | null {
  const values =
    frame.kind === 'diagonal' ? frame.entries.slice().sort((a, b) => b - a) : finiteSpectrum(frame, blas);
  const norm = values === null ? 0 : Math.hypot(...values);
  return values === null || !(norm > 0) ? null : values.map((value) => value / norm);
}

function finiteSpectrum({ matrix }: Extract<Frame, { kind: 'dense' }>, blas: Blas): Float64Array | null {
  // PPᵀ is symmetric and not negative: its singular values are its eigenvalues.
  return matrix.data.every(Number.isFinite) ? blas.svd(matrix).s : null;
}
