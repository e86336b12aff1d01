/**
 * `advise` for cross-entropy with one layer: no formula is known, so each class is followed by bisection on whether theory
 * separates it. Everything is lost from √(λ_Wλ_H) = ‖(p₀1ᵀ − I)D^{1/2}‖_op/N on (p₀ = 1/K, or n/N with a free bias), which
 * is closed.
 */
import { refuse } from '../../core/errors.js';
import { hostOf } from '../../core/host.js';
import type { Pausable } from '../../core/pausable.js';
import { bottleneckOf, depthOf, geometricMean, isBalanced, type Problem } from '../../model/index.js';
import {
  ceDeadDecay,
  ceLargestDecaysPausably,
  ceMergeDecays,
  decayAtLambda,
  type CeDecays,
  type FeatureDecayPath,
  type Prediction,
} from '../../theory/index.js';
import { atDecay, basisOf, classOf, keepFitOf, notesOf, type AdviseOptions } from './atDecay.js';
import type { AdviseDocument } from './document.js';
import { recommend } from './words.js';
import { predictPausably } from '../predict/predict.js';
import { problemDocument } from '../predict/document.js';

/** Points of the grid on which separation is checked against the limits. */
const CHECKS = 8;
const ACCURACY = 1e-4;

/** Throws argument errors for more than one layer, and for one narrower than K − 1. */
export function* adviseCe(options: AdviseOptions): Pausable<AdviseDocument> {
  const { problem, featureDecay: rule, blas } = options;
  const { signal, onProgress } = hostOf(options.host);
  const keepFit = keepFitOf(options);
  checkReach(problem);
  onProgress({ phase: 'predict', done: 0, total: 1 });
  const prediction = yield* predictPausably(problem, blas, { host: { signal } });
  const bisected = yield* ceLargestDecaysPausably(problem, {
    blas,
    accuracy: ACCURACY,
    fit: keepFit,
    host: { signal, onProgress: ({ done, total }) => onProgress({ phase: 'bisect', done, total }) },
  });
  // Everything depends on √(λ_Wλ_H).
  const dead = ceDeadDecay(problem, blas);
  const allLostFrom = rule === 'tied' ? dead : (dead / problem.featureDecay) * dead;
  const limits = rule === 'tied' ? bisected.tiedDecay : bisected.weightDecay;
  const estimated = bisected.sources.includes('estimated');
  const unchecked = bisected.interrupted || estimated;
  const monotone = unchecked ? null : yield* checkMonotone(options, limits, allLostFrom);
  const advised = {
    question: 'free features' as const,
    problem: problemDocument(problem),
    status: monotone === null && !estimated ? ('interrupted' as const) : ('finished' as const),
    featureDecay: rule,
    featureDecaySource: rule === 'tied' ? ('tied' as const) : ('given' as const),
    basis: basisOf(options),
    keepFit,
    weightDecay: geometricMean(problem.weightDecays),
    method: 'bisection' as const,
    ...limitsDocument(options, prediction, bisected),
    allLostFrom,
    monotone,
    diagram: null,
    classWeights: null,
  };
  return {
    ...advised,
    notes: notesFor(problem, rule, { allLostFrom, estimated, monotone }),
    recommendation: bisected.interrupted
      ? 'Interrupted: which weight decay keeps every class is not known yet.'
      : recommend(advised),
  };
}

function checkReach(problem: Problem): void {
  if (depthOf(problem) > 1)
    refuse(
      'advise: depth',
      '1 for cross-entropy',
      depthOf(problem),
      'no prediction of deeper ones is proved to be the global minimum',
    );
  const K = problem.counts.length;
  if (bottleneckOf(problem) < K - 1)
    refuse('advise: width', `at least K − 1 = ${K - 1} for cross-entropy`, problem.widths[0]);
}

/** What was bisected, by class and for the one depth there is. */
function limitsDocument(
  options: AdviseOptions,
  prediction: Prediction,
  { tiedDecay, weightDecay: fixedDecay, sources, reach, interrupted }: CeDecays,
): Pick<AdviseDocument, 'keepClass' | 'keep' | 'keepAtRatio' | 'keepReaches' | 'depths' | 'classes'> {
  const { problem, featureDecay: rule } = options;
  const limits = rule === 'tied' ? tiedDecay : fixedDecay;
  const weightDecay = geometricMean(problem.weightDecays);
  const { along, alongRatio } = decaysOf(problem, weightDecay, rule);
  const merges = ceMergeDecays(problem);
  // No limit: separated at every decay, by the bias alone, or at none.
  const never = prediction.classes.some(({ separated }, k) => limits[k] === null && separated !== true);
  const first = interrupted ? null : leastOf(limits);
  const [keep, keepAtRatio] = [along(reach), alongRatio(reach)];
  return {
    keepClass: problem.counts.indexOf(problem.counts.reduce((least, n) => Math.min(least, n))),
    keep,
    keepAtRatio,
    keepReaches: reach === null ? null : keepFitOf(options),
    depths: [
      {
        depth: 1,
        maxWeightDecay: never ? null : (first?.limit ?? null),
        maxOfUncut: first?.limit ?? null,
        maxAtRatio: first === null ? null : alongRatio(tiedDecay[first.k]),
        separatedBelow: null,
        keep,
        keepAtRatio,
        limitedBy: first?.k ?? null,
        alive: prediction.classes.filter(({ separated }) => separated === true).length,
      },
    ],
    classes: prediction.classes.map((predicted, k) => ({
      ...classOf(predicted, rule, 1, weightDecay),
      maxWeightDecay: limits[k],
      maxAtRatio: alongRatio(tiedDecay[k]),
      limitSource: sources[k],
      separatedBelow: null,
      mergesFrom: along(merges[k]),
    })),
  };
}

/** √(λ_Wλ_H) as a decay of the layer: with λ_H as the rule has it, and with λ_H scaled alike. */
function decaysOf(problem: Problem, weightDecay: number, rule: AdviseOptions['featureDecay']) {
  const { featureDecay } = problem;
  const ratio = featureDecay / weightDecay;
  const at = (mu: number | null, way: FeatureDecayPath) =>
    mu === null ? null : decayAtLambda(2 * Math.log(mu), 1, way, { featureDecay, ratio });
  return {
    along: (mu: number | null) => at(mu, rule === 'tied' ? 'tied' : 'fixed'),
    alongRatio: (mu: number | null) => at(mu, rule === 'tied' ? 'tied' : 'ratio'),
  };
}

/** The class that is lost first. */
function leastOf(limits: readonly (number | null)[]): { readonly limit: number; readonly k: number } | null {
  const known = limits.flatMap((limit, k) => (limit === null ? [] : [{ limit, k }]));
  return known.length === 0 ? null : known.reduce((a, b) => (b.limit < a.limit ? b : a));
}

function notesFor(
  problem: Problem,
  rule: AdviseOptions['featureDecay'],
  known: { readonly allLostFrom: number; readonly estimated: boolean; readonly monotone: boolean | null },
): string[] {
  const { allLostFrom, estimated, monotone } = known;
  const merging = ceMergeDecays(problem).some((mu) => mu !== null);
  return [
    ...notesOf(problem, rule),
    limitsNote({ balanced: isBalanced(problem), estimated, monotone }),
    `In closed form, ‖(p₀1ᵀ − I)D^{1/2}‖/N of √(λ_Wλ_H): from λ_W${rule === 'tied' ? ' = λ_H' : ''} = ${Number(allLostFrom.toPrecision(4))} on every class is lost.`,
    ...(merging
      ? ['Classes of one count n merge, rows and means alike, from √(λ_Wλ_H) = √n/N on (closed form).']
      : []),
  ];
}

/** How the limits were found and checked. */
function limitsNote({
  balanced,
  estimated,
  monotone,
}: {
  readonly balanced: boolean;
  readonly estimated: boolean;
  readonly monotone: boolean | null;
}): string {
  if (balanced) return 'With equal counts all classes are lost together.';
  if (estimated)
    return 'With so many different counts only some limits were bisected (to 1 %), that of the smallest class among them; those marked ≈ are estimates between them.';
  const outcome =
    monotone === true
      ? `Checked at ${CHECKS} weight decays: each class is separated below its limit and nowhere above.`
      : 'Beware: separation was not monotone in the weight decay where it was checked.';
  const checked = monotone === null ? 'Interrupted before they were checked.' : outcome;
  return `Limits were found by bisection on whether theory separates a class from the others (to ${ACCURACY} of √(λ_Wλ_H)), but for those at a closed edge. ${checked}`;
}

/**
 * Whether each class is separated exactly below its limit, on a grid from a thousandth of the closed limit to it; null where
 * this was stopped.
 */
function* checkMonotone(
  { problem, featureDecay: rule, blas, host }: AdviseOptions,
  limits: readonly (number | null)[],
  allLostFrom: number,
): Pausable<boolean | null> {
  if (!(allLostFrom > 0)) return true;
  for (let i = 0; i < CHECKS; i++) {
    host?.onProgress?.({ phase: 'check', done: i, total: CHECKS });
    const decay = allLostFrom * 10 ** ((-3 * (i + 0.5)) / CHECKS);
    const { classes, interrupted } = yield* predictPausably(atDecay(problem, 1, decay, rule), blas, {
      host: { signal: host?.signal },
    });
    if (interrupted) return null;
    for (const [k, limit] of limits.entries()) {
      if (limit === null || Math.abs(decay / limit - 1) < 1e-2) continue;
      if ((classes[k].separated === true) !== decay < limit) return false;
    }
  }
  return true;
}
