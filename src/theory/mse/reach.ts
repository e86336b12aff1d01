/**
 * MSE: how far the decays may rise until a class has less than a given fit, or is no longer separated.
 *
 * Fits and margins depend on the decays through Λ = λ_H·Πλ_m alone (b_j = M N (NΛ)^{1/M}/τ_j²), so each limit is one number,
 * log Λ. The fit of a class, Σ_j share_kj f_j(Λ), falls as Λ grows (each f_j does, for M ≥ 2 with a jump from (M−1)/M to 0 at
 * b_global), and is inverted by bisection to rounding. The margin has no such sum: with M = 1, a free bias and unequal counts a
 * class may be misnamed well before its main mode is lost, and that edge is bisected on the predicted margins, taking for granted
 * that a class once lost stays lost.
 */
import type { Blas } from '../../core/blas.js';
import { depthOf, samplesOf, type Problem } from '../../model/index.js';
import { solveMode, thresholds } from '../mode.js';
import { SEPARATION } from '../prediction.js';
import { projectorDiagonal } from './blocks.js';
import { predictMse } from './predict.js';
import { solveMse } from './solve.js';

/** What λ_H does while λ_W rises: stays, equals λ_W, or keeps the ratio to λ_W that it has. */
export type FeatureDecayPath = 'fixed' | 'tied' | 'ratio';

/** λ_W (on every layer) at which Λ is reached, at this depth; `ratio` is λ_H/λ_W where the ratio is kept. */
export function decayAtLambda(
  logLambda: number,
  depth: number,
  path: FeatureDecayPath,
  { featureDecay, ratio }: { readonly featureDecay: number; readonly ratio: number },
): number {
  const log =
    path === 'fixed'
      ? (logLambda - Math.log(featureDecay)) / depth
      : (logLambda - (path === 'ratio' ? Math.log(ratio) : 0)) / (depth + 1);
  return Math.min(Math.exp(log), Number.MAX_VALUE);
}

/** log Λ at which a mode of squared target τ² stops living at the global minimum. */
function lostAt(problem: Problem, targetSquare: number): number {
  const M = depthOf(problem);
  const N = samplesOf(problem);
  return M * (Math.log(thresholds(M).bGlobal) + Math.log(targetSquare) - Math.log(M * N)) - Math.log(N);
}

/** Decades of Λ that are looked at below the decay at which everything is lost, for each layer. */
const DEEPEST = 700;

/** The largest log Λ at which class k has at least this fit, in (0, 1); null where no decay gives it. */
export function fitReach(problem: Problem, k: number, fit: number): number | null {
  const { solved, partition, constants } = solveMse(problem);
  const b = partition.blockOf[k];
  const { count } = partition.blocks[b];
  const whole = problem.bias === 'free' ? count * (1 - count / constants.samples) : count;
  const shares = solved.flatMap(({ level, solution, space }) => {
    if (space === null || solution.target === 0) return [];
    const { blocks, values } = projectorDiagonal(partition, space);
    const at = Array.from(blocks).indexOf(b);
    return at < 0 ? [] : [{ square: level.targetSquare, share: (level.targetSquare * values[at]) / whole }];
  });
  if (shares.length === 0) return null;
  const fitAt = (logLambda: number) =>
    shares.reduce(
      (sum, { square, share }) => sum + share * solveMode({ ...constants, logLambda }, square).fit,
      0,
    );
  const high = Math.max(...shares.map(({ square }) => lostAt(problem, square)));
  return largestWhere(high - DEEPEST * constants.depth, high, (logLambda) => fitAt(logLambda) >= fit);
}

export interface SeparationReach {
  /** log Λ up to which each class is separated; null where it is at every decay or at none, and where this was not asked for. */
  readonly classes: readonly (number | null)[];
  /** log Λ up to which all classes are; null where some never is. */
  readonly every: number | null;
}

/** Different counts up to which each class has its own limit; beyond, only the one for all is found. */
const MOST_GROUPS = 60;
/** Halvings: from a range of e^40 to 1e-9 of Λ. */
const NEAR = 40;
const HALVINGS = 56;

/**
 * Where classes stop being separated as Λ grows, all together or also one by one. M = 1: with more layers a living class is
 * separated.
 */
export function separationReach(problem: Problem, which: 'every' | 'each', blas: Blas): SeparationReach {
  const N = samplesOf(problem);
  const high = lostAt(problem, N) + 1e-9;
  const known = new Map<number, readonly boolean[]>();
  const separatedAt = (logLambda: number) => {
    let separated = known.get(logLambda);
    if (separated === undefined) {
      const decay = Math.exp(logLambda / 2);
      const { classes } = predictMse({ ...problem, weightDecays: [decay], featureDecay: decay }, blas);
      separated = classes.map(({ margin }) => margin !== null && margin > SEPARATION);
      known.set(logLambda, separated);
    }
    return separated;
  };
  const limit = (test: (separated: readonly boolean[]) => boolean) =>
    test(separatedAt(high))
      ? null
      : largestWhere(high - NEAR, high, (logLambda) => test(separatedAt(logLambda)), HALVINGS);
  const byCount = new Map<number, number | null>();
  const different = new Set(problem.counts).size;
  if (which === 'each' && different <= MOST_GROUPS)
    problem.counts.forEach((n, k) => {
      if (!byCount.has(n))
        byCount.set(
          n,
          limit((separated) => separated[k]),
        );
    });
  return {
    classes: problem.counts.map((n) => byCount.get(n) ?? null),
    every: limit((separated) => separated.every(Boolean)),
  };
}

/** The largest x in [low, high) where a condition holds that fails from some point on; null where it fails at `low`. */
function largestWhere(
  low: number,
  high: number,
  holds: (x: number) => boolean,
  halvings = 200,
): number | null {
  if (!holds(low)) return null;
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2;
    if (!(middle > low && middle < high)) break;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
