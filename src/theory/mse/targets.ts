/**
 * MSE with any targets: soft labels, label smoothing, hierarchical or multi-label ones, regression. Without bias or with a free one.
 *
 * Nothing in the solution of the plain problem asks for one-hot targets: with T D^{1/2} = U·diag(τ)·Vᵀ (with a free bias
 * (T − Tn1ᵀ/N)D^{1/2}, b* = Tn/N), each singular value solves its own scalar problem (`mode.ts`) and the R largest survive the
 * bottleneck. T is q×K, a column a class, or a column a sample with all counts 1 (regression: a direction of the targets with
 * covariance eigenvalue s lives iff M(NΛ)^{1/M} < b_global·s). Label smoothing ε with a free bias is τ → (1 − ε)τ.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import { bottleneckOf, outputsOf, samplesOf, targetRows, type Problem } from '../../model/index.js';
import { balancedFactors } from '../factors.js';
import {
  cutMode,
  largestDecay,
  modeConstants,
  solveMode,
  type ModeConstants,
  type ModeSolution,
} from '../mode.js';
import { describePoint, type PointPrediction } from '../point.js';
import type { ClassPrediction, ModeLevel } from '../prediction.js';
import { scalarProblem } from './bound.js';

/** Singular values of the target below this part of the largest are zero. */
const ZERO = 1e-12;
/** Two that differ by less than this part are one level. */
const SAME = 1e-10;

interface TargetMode {
  readonly solution: ModeSolution;
  readonly tau: number;
  readonly u: Float64Array;
  readonly v: Float64Array;
}

export function predictTargets(problem: Problem, blas: Blas): PointPrediction {
  const weight = problem.classWeights?.[0] ?? 1;
  const shared = modeConstants(problem);
  const constants = { ...shared, samples: shared.samples / weight };
  const R = bottleneckOf(problem);
  const { T, mean } = centredTargets(problem);
  const modes = solveTargets(T, constants, R, blas);
  const terms = modes.flatMap(({ solution, u, v }) =>
    solution.value > 0 ? [{ sigma: solution.value, u, v }] : [],
  );
  const point = balancedFactors(problem, terms, mean);
  const objective = modes.reduce((sum, { solution }) => sum + solution.objective, 0);
  const scalar = scalarProblem(problem, constants.samples);
  const bound = modes.reduce(
    (sum, { tau }, i) => sum + (i < R ? scalar.least(tau * tau) : (tau * tau) / (2 * constants.samples)),
    0,
  );
  // The singular values of T are known to some ε of the largest.
  const lowerBound = bound * (1 - 64 * (modes.length + 64) * Number.EPSILON);
  const gap = Math.max(0, objective - lowerBound);
  const tie = R < modes.length && modes[R - 1].solution.value > 0 && same(modes[R - 1].tau, modes[R].tau);
  return describePoint(
    {
      ...{ problem, point, objective, optimality: 'global', frame: 'general frame, given targets' },
      certificate: { lowerBound, gap, relativeGap: gap / Math.max(objective, Number.MIN_VALUE) },
      unique: !tie,
      levels: modes.map(({ solution }): ModeLevel => ({ solution, multiplicity: 1 })),
      classes: classParts(problem, modes, constants),
      search: null,
    },
    blas,
  );
}

/** T D^{1/2}, or (T − Tn1ᵀ/N)D^{1/2} with the mean target where the bias is free. */
function centredTargets(problem: Problem): { T: Matrix; mean: Float64Array | null } {
  const { counts, bias } = problem;
  const rows = targetRows(problem);
  const [q, K] = [outputsOf(problem), counts.length];
  const samples = samplesOf(problem);
  const mean =
    bias === 'free'
      ? Float64Array.from(rows, (row) => row.reduce((sum, t, k) => sum + (counts[k] / samples) * t, 0))
      : null;
  const T = zeros(q, K);
  for (let j = 0; j < q; j++)
    for (let k = 0; k < K; k++) T.data[j * K + k] = (rows[j][k] - (mean?.[j] ?? 0)) * Math.sqrt(counts[k]);
  return { T, mean };
}

function solveTargets(T: Matrix, constants: ModeConstants, R: number, blas: Blas): TargetMode[] {
  const { U, s, Vt } = blas.svd(T);
  return Array.from(s, (value, i) => {
    const tau = value > ZERO * s[0] ? value : 0;
    const solve = i < R ? solveMode : cutMode;
    return {
      tau,
      solution: solve(constants, tau * tau),
      u: Float64Array.from({ length: U.rows }, (_, j) => U.data[j * U.cols + i]),
      v: Vt.data.slice(i * Vt.cols, (i + 1) * Vt.cols),
    };
  });
}

const same = (a: number, b: number) => Math.abs(a - b) <= SAME * Math.max(a, b);

/** Regime, share and limits of each class by the level with the largest share in it: of row k of T, or of column k of given targets. */
function classParts(
  { counts, targets }: Problem,
  modes: readonly TargetMode[],
  constants: ModeConstants,
): Partial<ClassPrediction>[] {
  const vectorOf = ({ u, v }: TargetMode) => (targets === null ? u : v);
  return counts.map((_, k) => {
    let whole = 0;
    for (const mode of modes) whole += (mode.tau * vectorOf(mode)[k]) ** 2;
    if (!(whole > 0)) return { regime: null, share: 1 };
    let [main, share] = [-1, 0];
    for (let i = 0; i < modes.length;) {
      // Levels come by falling τ, so a tie goes to the smaller one.
      let [end, portion] = [i, 0];
      while (end < modes.length && (end === i || same(modes[end].tau, modes[i].tau)))
        portion += (modes[end].tau * vectorOf(modes[end++])[k]) ** 2 / whole;
      if (modes[i].tau > 0 && portion > 0 && portion >= share * (1 - 1e-12)) [main, share] = [i, portion];
      i = end;
    }
    const { solution, tau } = modes[main];
    const limits = solution.regime === 'cut' ? null : largestDecay(constants, tau * tau);
    return {
      regime: solution.regime,
      share: Math.min(1, share),
      maxWeightDecay: limits?.fixedFeatureDecay ?? null,
      maxTiedDecay: limits?.tiedFeatureDecay ?? null,
    };
  });
}
