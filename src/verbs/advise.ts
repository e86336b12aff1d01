/**
 * `advise`: which weight decay keeps every class, at which depth; what each class loses at the user's; and the phase diagram.
 *
 * MSE, closed form: mode τ lives while b = M N (NΛ)^{1/M}/τ² < b_global, so with all λ_m at their geometric mean a class lives
 * below λ_W = b_global τ²/(M N (Nλ_H)^{1/M}), or, with λ_H tied to λ_W, below [(b_global τ²/(MN))^M/N]^{1/(M+1)}. Without bias
 * τ² = n_k; with a free bias and unequal counts τ is that of the mode with the largest share in the class.
 *
 * Cross-entropy with one layer has no such formula: each class is followed by bisection on whether theory separates it.
 * Everything is dead from √(λ_Wλ_H) = ‖(p₀1ᵀ − I)D^{1/2}‖_op/N on (p₀ = 1/K, or n/N with a free bias), which is closed.
 */
import type { Blas } from '../core/blas.js';
import { refuse } from '../core/errors.js';
import { bottleneckOf, depthOf, isBalanced, samplesOf, type Problem } from '../model/index.js';
import {
  ceDeadDecay,
  ceLargestDecays,
  predictMse,
  thresholds,
  type ClassPrediction,
  type Prediction,
} from '../theory/index.js';
import { largestDecay, modeConstants, solveMode } from '../theory/mode.js';
import type {
  AdviseClass,
  AdviseDepth,
  AdviseDocument,
  DiagramMark,
  DiagramPanel,
  FeatureDecayRule,
  PhaseDiagram,
} from './adviseDocument.js';
import { recommend } from './adviseWords.js';
import { predictProblem } from './predict.js';
import { problemDocument } from './predictionDocument.js';

export interface AdviseOptions {
  readonly problem: Problem;
  readonly featureDecay: FeatureDecayRule;
  readonly blas: Blas;
}

export const ADVISED_DEPTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const POINTS = 41;

export function advise(options: AdviseOptions): AdviseDocument {
  const { problem } = options;
  switch (problem.loss) {
    case 'mse':
      return adviseMse(options);
    case 'ce':
      if (depthOf(problem) > 1)
        refuse(
          'advise: depth',
          '1 for cross-entropy',
          depthOf(problem),
          'no prediction of deeper ones is proved to be the global minimum; see collapsar predict and verify',
        );
      return adviseCe(options);
    default:
      return problem.loss satisfies never;
  }
}

/** The same problem at one weight decay for all layers, at any depth; the bottleneck stays. */
export function atDecay(
  problem: Problem,
  depth: number,
  weightDecay: number,
  rule: FeatureDecayRule,
): Problem {
  const narrowest = Math.min(...problem.widths);
  return {
    ...problem,
    widths: new Array<number>(depth).fill(narrowest),
    weightDecays: new Array<number>(depth).fill(weightDecay),
    featureDecay: rule === 'tied' ? weightDecay : problem.featureDecay,
  };
}

export function geometricMean(values: readonly number[]): number {
  if (values.every((value) => value === values[0])) return values[0];
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

function adviseMse({ problem, featureDecay: rule, blas }: AdviseOptions): AdviseDocument {
  const weightDecay = geometricMean(problem.weightDecays);
  const prediction = predictProblem(problem, blas);
  const own = depthOf(problem);
  const marks = marksOf(problem, prediction, blas);
  const limit = (depth: number, size: number) => {
    const constants = modeConstants(atDecay(problem, depth, weightDecay, rule));
    const found = largestDecay(constants, size);
    return rule === 'tied' ? found.tiedFeatureDecay : found.fixedFeatureDecay;
  };
  const regimes = (depth: number) => {
    // At the user's own depth the decays are exactly the user's: λ_H may differ from the mean of the layers.
    const at = depth === own ? problem : atDecay(problem, depth, weightDecay, rule);
    const constants = modeConstants(at);
    return marks.map(({ size, cut }) => (cut ? 'cut' : solveMode(constants, size).regime));
  };
  const living = marks.filter(({ size, cut }) => !cut && size > 0);
  const weakest = living.reduce<DiagramMark | null>((a, b) => (a === null || b.size < a.size ? b : a), null);
  const everyone = living.length === marks.length;
  const shown = ADVISED_DEPTHS.includes(own) ? ADVISED_DEPTHS : [...ADVISED_DEPTHS, own];
  const depths = shown.map((depth): AdviseDepth => {
    const most = weakest === null ? null : limit(depth, weakest.size);
    const alive = regimes(depth).reduce(
      (sum, regime, i) => (regime === 'alive' ? sum + marks[i].classes : sum),
      0,
    );
    return {
      depth,
      maxWeightDecay: everyone ? most : null,
      maxOfUncut: most,
      limitedBy: weakest?.first ?? null,
      alive,
    };
  });
  const document = {
    problem: problemDocument(problem),
    featureDecay: rule,
    weightDecay,
    method: 'closed form' as const,
    depths,
    classes: prediction.classes.map((one) => classOf(one, rule)),
    allDeadFrom: null,
    monotone: null,
    diagram: diagramOf(problem, rule, weightDecay, marks, shown, limit, regimes),
  };
  const weakestFit = (decay: number) =>
    weakest === null ? 0 : predictMse(atDecay(problem, own, decay, rule), blas).classes[weakest.first].fit;
  return { ...document, notes: notesOf(problem, rule), recommendation: recommend(document, weakestFit) };
}

function classOf(one: ClassPrediction, rule: FeatureDecayRule): AdviseClass {
  return {
    count: one.count,
    regime: one.regime,
    separated: one.separated,
    fit: one.fit,
    lost: 1 - one.fit,
    margin: one.margin,
    maxWeightDecay: rule === 'tied' ? one.maxTiedDecay : one.maxWeightDecay,
    share: one.share,
  };
}

/** τ² by class: with widths, decays and depth out of the way, maxWeightDecay = τ²/N² (M = 1, λ_H = 1). */
function marksOf(problem: Problem, { classes }: Prediction, blas: Blas): DiagramMark[] {
  const N = samplesOf(problem);
  const plain = predictMse(
    { ...problem, widths: [problem.counts.length], weightDecays: [1], featureDecay: 1 },
    blas,
  );
  const marks = new Map<string, DiagramMark>();
  problem.counts.forEach((count, k) => {
    const cut = classes[k].regime === 'cut';
    const key = `${count} ${cut}`;
    const known = marks.get(key);
    if (known !== undefined) {
      marks.set(key, { ...known, classes: known.classes + 1 });
      return;
    }
    const size = mixes(problem) ? (plain.classes[k].maxWeightDecay ?? 0) * N * N : sizeOf(problem, count);
    marks.set(key, { count, size, classes: 1, first: k, cut });
  });
  return [...marks.values()].sort((a, b) => b.count - a.count);
}

/** With a bias a single class has no target left. */
function sizeOf(problem: Problem, count: number): number {
  return problem.bias === 'free' && problem.counts.length === 1 ? 0 : count;
}

/** True where a mode is not one class: a free bias with unequal counts. */
function mixes(problem: Problem): boolean {
  return problem.bias === 'free' && !isBalanced(problem);
}

function diagramOf(
  problem: Problem,
  rule: FeatureDecayRule,
  weightDecay: number,
  marks: readonly DiagramMark[],
  depths: readonly number[],
  limit: (depth: number, size: number) => number,
  regimes: (depth: number) => (string | null)[],
): PhaseDiagram {
  const N = samplesOf(problem);
  const sizes = marks.map(({ size }) => size).filter((size) => size > 0);
  const [least, most] = sizes.length === 0 ? [1, N] : [Math.min(...sizes), Math.max(...sizes)];
  const range: readonly [number, number] = [least / 2, most * 2];
  // Wide enough for every limit of every class and for the user's decay, within ten decades around it.
  const limits = depths.flatMap((depth) => [limit(depth, least), limit(depth, most), weightDecay]);
  const low = Math.max(Math.min(...limits) / 3, weightDecay * 1e-5);
  const high = Math.min(Math.max(...limits) * 3, weightDecay * 1e5);
  const weightDecays = Array.from({ length: POINTS }, (_, i) =>
    Math.exp(Math.log(low) + (i / (POINTS - 1)) * (Math.log(high) - Math.log(low))),
  );
  return {
    sizeMeans: mixes(problem) ? 'targetSquare' : 'count',
    samples: N,
    featureDecay: rule === 'tied' ? 'tied' : problem.featureDecay,
    weightDecay,
    depth: depthOf(problem),
    sizes: range,
    weightDecays,
    marks,
    panels: depths.map((depth): DiagramPanel => {
      const { bGlobal, bExist } = thresholds(depth);
      const sizeAt = (decay: number, b: number) => {
        const featureDecay = rule === 'tied' ? decay : problem.featureDecay;
        const log = Math.log(depth * N) + Math.log(N * featureDecay) / depth + Math.log(decay);
        return Math.min(Math.exp(log - Math.log(b)), Number.MAX_VALUE);
      };
      return {
        depth,
        bGlobal,
        bExist,
        globalSize: weightDecays.map((decay) => sizeAt(decay, bGlobal)),
        existSize: weightDecays.map((decay) => sizeAt(decay, bExist)),
        regimes: regimes(depth),
      };
    }),
  };
}

function notesOf(problem: Problem, rule: FeatureDecayRule): string[] {
  const notes: string[] = [
    rule === 'tied'
      ? 'λ_H is tied to λ_W: no --feature-decay was given, so both move together.'
      : `λ_H = ${problem.featureDecay} stays where it is while λ_W moves.`,
  ];
  const unequal = problem.weightDecays.some((decay) => decay !== problem.weightDecays[0]);
  if (unequal)
    notes.push('Limits are for one weight decay on all layers; yours enter through their geometric mean.');
  if (problem.widths.some((width) => width !== problem.widths[0]))
    notes.push(
      `Other depths are taken with your narrowest width, ${Math.min(...problem.widths)}, on every layer.`,
    );
  if (problem.loss === 'mse' && mixes(problem))
    notes.push(
      'With a free bias and unequal counts the modes mix classes: each class stands for the mode with the largest share in it.',
    );
  const R = bottleneckOf(problem);
  if (R < problem.counts.length)
    notes.push(
      `The narrowest layer, ${R}, is below the number of classes: classes that are cut have no limit, since no weight decay keeps them.`,
    );
  if (depthOf(problem) > 1)
    notes.push(
      'Limits are those of the global minimum; with two or more layers training may still end without a class that lives there (collapsar basin).',
    );
  return notes;
}

/** Points of the grid on which separation is checked against the limits. */
const CHECKS = 8;
const ACCURACY = 1e-4;

function adviseCe({ problem, featureDecay: rule, blas }: AdviseOptions): AdviseDocument {
  const K = problem.counts.length;
  if (bottleneckOf(problem) < K - 1)
    refuse('advise: width', `at least K − 1 = ${K - 1} for cross-entropy`, problem.widths[0]);
  const weightDecay = geometricMean(problem.weightDecays);
  const prediction = predictProblem(problem, blas);
  const found = ceLargestDecays(problem, { blas, accuracy: ACCURACY });
  const limits = rule === 'tied' ? found.tiedDecay : found.weightDecay;
  // Everything depends on √(λ_Wλ_H).
  const dead = ceDeadDecay(problem, blas);
  const allDeadFrom = rule === 'tied' ? dead : (dead / problem.featureDecay) * dead;
  // No limit: separated at every decay, by the bias alone, or at none.
  const never = prediction.classes.map(({ separated }, k) => limits[k] === null && separated !== true);
  const known = limits.flatMap((limit, k) => (limit === null ? [] : [{ limit, k }]));
  const first = known.reduce<{ limit: number; k: number } | null>(
    (a, b) => (a === null || b.limit < a.limit ? b : a),
    null,
  );
  const monotone = checkMonotone(problem, rule, limits, allDeadFrom, blas);
  const document = {
    problem: problemDocument(problem),
    featureDecay: rule,
    weightDecay,
    method: 'bisection' as const,
    depths: [
      {
        depth: 1,
        maxWeightDecay: never.includes(true) ? null : (first?.limit ?? null),
        maxOfUncut: first?.limit ?? null,
        limitedBy: first?.k ?? null,
        alive: prediction.classes.filter(({ separated }) => separated === true).length,
      },
    ],
    classes: prediction.classes.map((one, k) => ({ ...classOf(one, rule), maxWeightDecay: limits[k] })),
    allDeadFrom,
    monotone,
    diagram: null,
  };
  const notes = [
    ...notesOf(problem, rule),
    isBalanced(problem)
      ? 'With equal counts all classes are lost together.'
      : `Limits were found by bisection on whether theory separates a class from the others (to ${ACCURACY} of √(λ_Wλ_H)); no closed form is known to us. ` +
        (monotone
          ? `Checked at ${CHECKS} weight decays: each class is separated below its limit and nowhere above.`
          : 'Beware: separation was not monotone in the weight decay where it was checked.'),
    `In closed form: from λ_W = ${Number(allDeadFrom.toPrecision(4))} on every class is dead.`,
  ];
  return { ...document, notes, recommendation: recommend(document, () => null) };
}

/** Whether each class is separated exactly below its limit, on a grid from a thousandth of the closed limit to it. */
function checkMonotone(
  problem: Problem,
  rule: FeatureDecayRule,
  limits: readonly (number | null)[],
  allDeadFrom: number,
  blas: Blas,
): boolean {
  if (!(allDeadFrom > 0)) return true;
  for (let i = 0; i < CHECKS; i++) {
    const decay = allDeadFrom * 10 ** ((-3 * (i + 0.5)) / CHECKS);
    const { classes } = predictProblem(atDecay(problem, 1, decay, rule), blas);
    for (const [k, limit] of limits.entries()) {
      if (limit === null || Math.abs(decay / limit - 1) < 1e-2) continue;
      if ((classes[k].separated === true) !== decay < limit) return false;
    }
  }
  return true;
}
