/**
 * MSE with class weights and no bias: class by class, in closed form; features of any sign, or at least 0.
 *
 * The loss Σ_k w_k/(2N)·‖P h − e_k‖² falls apart: mode k is the mode of the plain problem with N/w_k in place of N,
 * min_s w_k/(2N)·(s − √n_k)² + (L/2)(Λs²)^{1/L}, so b_k = M N^{1+1/M}Λ^{1/M}/(n_k w_k^{1+1/M}): the effective size of a class is
 * n_k·w_k^{1+1/M}. All classes live up to the same decay iff w_k ∝ n_k^{−M/(M+1)}; weights ∝ 1/n over-correct, and the largest
 * class is lost first. Proved for M = 1 (a convex problem), and where n_k w_k is ordered like w_k (Horn's inequality), which holds for
 * w ∝ 1/n; other orders were never beaten, and are called best known. The means stand along the axes, so features ≥ 0 change nothing.
 */
import {
  bottleneckOf,
  CLASS_WEIGHTINGS,
  depthOf,
  namedClassWeights,
  type ClassWeighting,
  type FrameName,
  type Problem,
} from '../../model/index.js';
import { balancedFactors } from '../factors.js';
import {
  cutMode,
  largestDecay,
  modeConstants,
  solveMode,
  type ModeConstants,
  type ModeSolution,
} from '../mode.js';
import type { PointPrediction } from '../point.js';
import { SEPARATION, SOLUTION_NAMES, type ClassPrediction, type ModeLevel } from '../prediction.js';
import { scalarProblem } from './bound.js';

/** A class of one count and weight, which all classes with the same two share. */
interface WeightedClass {
  readonly count: number;
  readonly weight: number;
  readonly constants: ModeConstants;
  readonly mode: ModeSolution;
  /** What living saves: the objective of the lost mode minus that of this. */
  readonly saving: number;
}

/** Throws nothing: `statementFor` of the theory says where it holds. */
export function predictWeighted(problem: Problem): PointPrediction {
  const { counts } = problem;
  const classes = solveClasses(problem);
  const keeps = chooseKept(classes, bottleneckOf(problem));
  const modes = classes.map(({ constants, mode, count }, k) =>
    keeps.inside[k] ? mode : cutMode(constants, count),
  );
  const objective = modes.reduce((sum, mode) => sum + mode.objective, 0);
  const rank = modes.filter(({ value }) => value > 0).length;
  const lost = classes.reduce((sum, { count, constants }) => sum + count / (2 * constants.samples), 0);
  const global = keeps.inside.every(Boolean) && isProved(problem);
  const bound = global ? lowerBound(problem, classes) : null;
  const gap = bound === null ? 0 : Math.max(0, objective - bound);
  return {
    problem,
    objective,
    optimality: global ? 'global' : 'best-known',
    interrupted: false,
    unique: keeps.tie ? false : global || null,
    rank,
    levels: modes.map((solution): ModeLevel => ({ solution, multiplicity: 1 })),
    classes: classes.map((weighted, k) => describeClass(problem, weighted, modes[k])),
    frame: frameOf(modes, rank),
    bias: null,
    geometry: () => {
      const reach = (k: number) =>
        modes[k].weightSquare + classes[k].constants.samples * problem.featureDecay;
      const diagonal = (entry: (k: number) => number) =>
        ({ kind: 'diagonal', entries: Float64Array.from(counts, (_, k) => entry(k)) }) as const;
      return {
        weights: diagonal((k) => modes[k].weightSquare),
        features: diagonal((k) => modes[k].weightSquare / reach(k) / reach(k)),
        logits: diagonal((k) => modes[k].fit),
        duality: diagonal(reach),
      };
    },
    certificate:
      bound === null
        ? null
        : { lowerBound: bound, gap, relativeGap: gap / Math.max(Math.abs(objective), Number.MIN_VALUE) },
    alternatives: rank === 0 ? [] : [{ kind: 'lost', name: SOLUTION_NAMES.lost, objective: lost }],
    search: null,
    minimiser: () => axisFactors(problem, modes),
  };
}

function solveClasses(problem: Problem): WeightedClass[] {
  const shared = modeConstants(problem);
  const known = new Map<string, WeightedClass>();
  return problem.counts.map((count, k) => {
    const weight = problem.classWeights?.[k] ?? 1;
    const key = `${count} ${weight}`;
    let solved = known.get(key);
    if (solved === undefined) {
      const constants = { ...shared, samples: shared.samples / weight };
      const mode = solveMode(constants, count);
      solved = { count, weight, constants, mode, saving: count / (2 * constants.samples) - mode.objective };
      known.set(key, solved);
    }
    return solved;
  });
}

/** The R classes whose living saves most, in the user's order where they tie; `tie`: whether a living tie is cut in two. */
function chooseKept(classes: readonly WeightedClass[], most: number): { inside: boolean[]; tie: boolean } {
  const order = classes.map((_, k) => k).sort((a, b) => classes[b].saving - classes[a].saving || a - b);
  const inside = new Array<boolean>(classes.length).fill(false);
  for (const k of order.slice(0, most)) inside[k] = true;
  if (most >= classes.length) return { inside, tie: false };
  const [last, next] = [classes[order[most - 1]], classes[order[most]]];
  return { inside, tie: last.saving > 0 && last.saving - next.saving <= 1e-12 * last.saving };
}

/** M = 1, or n_k w_k ordered like w_k. */
function isProved({ counts, classWeights, weightDecays }: Problem): boolean {
  if (weightDecays.length === 1 || classWeights === null) return true;
  const order = counts.map((_, k) => k).sort((a, b) => classWeights[a] - classWeights[b]);
  let most = 0;
  for (let i = 0; i < order.length;) {
    // Classes of one weight are compared with those of smaller weights only.
    let [end, largest] = [i, most];
    while (end < order.length && classWeights[order[end]] === classWeights[order[i]]) {
      const product = counts[order[end]] * classWeights[order[end]];
      if (product < most * (1 - 1e-12)) return false;
      largest = Math.max(largest, product);
      end++;
    }
    [most, i] = [largest, end];
  }
  return true;
}

function lowerBound(problem: Problem, classes: readonly WeightedClass[]): number {
  const known = new Map<WeightedClass, number>();
  let sum = 0;
  for (const weighted of classes) {
    let least = known.get(weighted);
    if (least === undefined)
      known.set(weighted, (least = scalarProblem(problem, weighted.constants.samples).least(weighted.count)));
    sum += least;
  }
  return sum * (1 - (classes.length + 64) * Number.EPSILON);
}

function describeClass(problem: Problem, weighted: WeightedClass, mode: ModeSolution): ClassPrediction {
  const { count, constants } = weighted;
  const reach = mode.weightSquare + constants.samples * problem.featureDecay;
  const limits = mode.regime === 'cut' ? null : largestDecay(constants, count);
  const margin = problem.counts.length === 1 ? null : mode.fit;
  return {
    count,
    weightNorm: Math.sqrt(mode.weightSquare),
    featureNorm: Math.sqrt(mode.weightSquare) / reach,
    weightNormRange: null,
    featureNormRange: null,
    regime: mode.regime,
    share: 1,
    fit: mode.fit,
    margin,
    separated: margin === null ? null : margin > SEPARATION,
    maxWeightDecay: limits?.fixedFeatureDecay ?? null,
    maxTiedDecay: limits?.tiedFeatureDecay ?? null,
  };
}

function frameOf(modes: readonly ModeSolution[], rank: number): FrameName {
  if (rank === 0) return 'nothing: every class lost';
  const alike = modes.every(({ weightSquare }) => weightSquare === modes[0].weightSquare);
  return alike ? 'orthogonal frame' : 'general orthogonal frame';
}

function axisFactors(problem: Problem, modes: readonly ModeSolution[]) {
  const K = modes.length;
  const axis = (k: number) => Float64Array.from({ length: K }, (_, j) => (j === k ? 1 : 0));
  const terms = modes.flatMap(({ value }, k) =>
    value > 0 ? [{ sigma: value, u: axis(k), v: axis(k) }] : [],
  );
  return balancedFactors(problem, terms, null);
}

/** The largest weight decay at which each class lives, under a named weighting or none: λ_H as given, and tied. */
export interface WeightingLimits {
  readonly weighting: ClassWeighting | 'none';
  readonly weightDecay: readonly number[];
  readonly tiedDecay: readonly number[];
}

/** What class weights do for the classes of a problem (MSE, no bias, no bottleneck), at its depth. */
export function weightingLimits(problem: Problem): readonly WeightingLimits[] {
  const shared = modeConstants(problem);
  const { counts } = problem;
  return (['none', ...CLASS_WEIGHTINGS] as const).map((weighting) => {
    const weights = weighting === 'none' ? null : namedClassWeights(weighting, counts, depthOf(problem));
    const limits = counts.map((n, k) =>
      largestDecay({ ...shared, samples: shared.samples / (weights?.[k] ?? 1) }, n),
    );
    return {
      weighting,
      weightDecay: limits.map(({ fixedFeatureDecay }) => fixedFeatureDecay),
      tiedDecay: limits.map(({ tiedFeatureDecay }) => tiedFeatureDecay),
    };
  });
}
