/**
 * `advise`: which weight decay keeps every class, at which depth; what each class loses at the user's; and the phase diagram.
 *
 * MSE, closed form: mode τ lives while b = M N (NΛ)^{1/M}/τ² < b_global, so with all λ_m at their geometric mean a class lives
 * below λ_W = b_global τ²/(M N (Nλ_H)^{1/M}), or, with λ_H tied to λ_W, below [(b_global τ²/(MN))^M/N]^{1/(M+1)}. Without bias
 * τ² = n_k; with a free bias and unequal counts τ is that of the mode with the largest share in the class.
 *
 * Cross-entropy is in `crossEntropy.ts`, class weights, label smoothing and the like in `varied.ts`.
 */
import type { Blas } from '../../core/blas.js';
import { hostOf } from '../../core/host.js';
import { runInSlices, runThrough, type Pausable } from '../../core/pausable.js';
import {
  depthOf,
  geometricMean,
  samplesOf,
  variationsOf,
  type Problem,
  type Regime,
} from '../../model/index.js';
import {
  decayAtLambda,
  fitReach,
  predictMse,
  separationReach,
  thresholds,
  type FeatureDecayPath,
  type Prediction,
  largestDecay,
  modeConstants,
  solveMode,
} from '../../theory/index.js';
import { adviseCe } from './crossEntropy.js';
import {
  atDecay,
  basisOf,
  classOf,
  keepFitOf,
  mixes,
  notesOf,
  scaledLimit,
  type AdviseOptions,
} from './atDecay.js';
import type {
  AdviseDepth,
  AdviseDocument,
  DiagramMark,
  DiagramPanel,
  FeatureDecayRule,
  PhaseDiagram,
} from './document.js';
import { adviseWeightings, weightingAdvice } from './classWeights.js';
import { adviseVaried } from './varied.js';
import { recommend } from './words.js';
import { predictProblem } from '../predict/predict.js';
import { problemDocument } from '../predict/document.js';

export const ADVISED_DEPTHS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const POINTS = 41;

export function advise(options: AdviseOptions): AdviseDocument {
  return runThrough(advisePausably(options));
}

/** The same in slices: the host's `yield` lets other work run, such as the handler of an interrupt. */
export function adviseInSlices(options: AdviseOptions): Promise<AdviseDocument> {
  return runInSlices(advisePausably(options), hostOf(options.host).yield);
}

function* advisePausably(options: AdviseOptions): Pausable<AdviseDocument> {
  const { problem } = options;
  if (variationsOf(problem).length > 0) return adviseVaried(options, ADVISED_DEPTHS);
  switch (problem.loss) {
    case 'mse':
      return adviseMse(options);
    case 'ce':
      return yield* adviseCe(options);
    default:
      return problem.loss satisfies never;
  }
}

/** The phase diagram alone, without the limits that must be searched for; null for cross-entropy, which has no regimes, and for variations. */
export function advisedDiagram(options: AdviseOptions): PhaseDiagram | null {
  const { problem, featureDecay: rule } = options;
  if (problem.loss !== 'mse' || variationsOf(problem).length > 0) return null;
  const { weightDecay, marks, drawnDepths, limit, regimes } = closedForms(options);
  return diagramOf(problem, rule, weightDecay, marks, drawnDepths, limit, regimes);
}

/** What the closed forms say at every depth. */
function closedForms({ problem, featureDecay: rule, blas }: AdviseOptions) {
  const weightDecay = geometricMean(problem.weightDecays);
  const prediction = predictProblem(problem, blas);
  const depthHere = depthOf(problem);
  const marks = marksOf(problem, prediction, blas);
  const limit = (depth: number, size: number) => {
    const constants = modeConstants(atDecay(problem, depth, weightDecay, rule));
    const limits = largestDecay(constants, size);
    return rule === 'tied' ? limits.tiedFeatureDecay : limits.fixedFeatureDecay;
  };
  const regimes = (depth: number) => {
    // At the user's own depth the decays are exactly the user's: λ_H may differ from the mean of the layers.
    const at = depth === depthHere ? problem : atDecay(problem, depth, weightDecay, rule);
    const constants = modeConstants(at);
    return marks.map(({ size, cut }) => (cut ? 'cut' : solveMode(constants, size).regime));
  };
  const drawnDepths = ADVISED_DEPTHS.includes(depthHere) ? ADVISED_DEPTHS : [...ADVISED_DEPTHS, depthHere];
  return { weightDecay, prediction, depthHere, marks, limit, regimes, drawnDepths };
}

function adviseMse(options: AdviseOptions): AdviseDocument {
  const { problem, featureDecay: rule, blas } = options;
  const keepFit = keepFitOf(options);
  const { weightDecay, prediction, depthHere, marks, limit, regimes, drawnDepths } = closedForms(options);
  const living = marks.filter(({ size, cut }) => !cut && size > 0);
  const weakest = living.reduce<DiagramMark | null>((a, b) => (a === null || b.size < a.size ? b : a), null);
  const everyone = living.length === marks.length;
  const ratio = problem.featureDecay / weightDecay;
  const decayOf = (reach: number | null, depth: number, path: FeatureDecayPath) =>
    reach === null ? null : decayAtLambda(reach, depth, path, { featureDecay: problem.featureDecay, ratio });
  const separation = mixes(problem)
    ? separationReach(atDecay(problem, 1, weightDecay, rule), depthHere === 1 ? 'each' : 'every', blas)
    : null;
  const depths = drawnDepths.map((depth): AdviseDepth => {
    const most = weakest === null ? null : limit(depth, weakest.size);
    const reach =
      weakest === null ? null : fitReach(atDecay(problem, depth, weightDecay, rule), weakest.first, keepFit);
    const alive = regimes(depth).reduce(
      (sum, regime, i) => (regime === 'alive' ? sum + marks[i].classes : sum),
      0,
    );
    return {
      depth,
      maxWeightDecay: everyone ? most : null,
      maxOfUncut: most,
      maxAtRatio: rule === 'tied' ? most : scaledLimit(most, depth, weightDecay),
      separatedBelow: depth === 1 ? decayOf(separation?.every ?? null, 1, rule) : null,
      keep: decayOf(reach, depth, rule),
      keepAtRatio: decayOf(reach, depth, rule === 'tied' ? 'tied' : 'ratio'),
      limitedBy: weakest?.first ?? null,
      alive,
    };
  });
  const atOwn = depths.find(({ depth }) => depth === depthHere);
  const keep = atOwn?.keep ?? null;
  const classWeights = adviseWeightings(problem, rule);
  const document = {
    question: 'free features' as const,
    problem: problemDocument(problem),
    status: 'finished' as const,
    featureDecay: rule,
    featureDecaySource: rule === 'tied' ? ('tied' as const) : ('given' as const),
    basis: basisOf(options),
    keepFit,
    keepClass: weakest?.first ?? null,
    keep,
    keepAtRatio: atOwn?.keepAtRatio ?? null,
    keepReaches:
      keep === null || weakest === null
        ? null
        : // A little below: at the limit itself rounding decides which side of the jump is met.
          predictMse(atDecay(problem, depthHere, keep * (1 - 1e-12), rule), blas).classes[weakest.first].fit,
    weightDecay,
    method: 'closed form' as const,
    depths,
    classes: prediction.classes.map((predicted, k) => {
      const known = classOf(predicted, rule, depthHere, weightDecay);
      return {
        ...known,
        limitSource: known.maxWeightDecay === null ? null : ('closed form' as const),
        separatedBelow: depthHere === 1 ? decayOf(separation?.classes[k] ?? null, 1, rule) : null,
        mergesFrom: null,
      };
    }),
    allLostFrom: null,
    monotone: null,
    diagram: diagramOf(problem, rule, weightDecay, marks, drawnDepths, limit, regimes),
    classWeights,
  };
  const weighting = weightingAdvice(classWeights, problem);
  const notes = [...notesOf(problem, rule), ...(weighting === null ? [] : [weighting])];
  return { ...document, notes, recommendation: recommend(document) };
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

function diagramOf(
  problem: Problem,
  rule: FeatureDecayRule,
  weightDecay: number,
  marks: readonly DiagramMark[],
  depths: readonly number[],
  limit: (depth: number, size: number) => number,
  regimes: (depth: number) => (Regime | null)[],
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
