/**
 * MSE with equal counts and a decayed bias, λ_b/2·‖b‖², as PyTorch's `weight_decay` has it.
 *
 * What the bias can do it does along 1: minimised over b the mode along u = 1/√K has the loss weight s = λ_b/(1 + λ_b), so it is the
 * plain mode with N/s in place of N; the K − 1 others are those of a free bias. From the simplex ETF (λ_b → 0) to the
 * orthogonal frame (λ_b → ∞). b = (√n − x)/(√n·K·(1 + λ_b)) in every entry, x the value of the mode along 1. The loss weights (1 and
 * s < 1, with one count) are ordered as in `weighted.ts`, so it is proved for d ≥ K.
 */
import type { Blas } from '../../core/blas.js';
import { type Problem } from '../../model/index.js';
import { balancedFactors, type Rank1 } from '../factors.js';
import { largestDecay, modeConstants, solveMode } from '../mode.js';
import { describePoint, type PointPrediction } from '../point.js';
import { scalarProblem } from './bound.js';

export function predictDecayedBias(problem: Problem, blas: Blas): PointPrediction {
  const { counts, biasDecay } = problem;
  const [K, n] = [counts.length, counts[0]];
  const decay = biasDecay ?? 0;
  const constants = modeConstants(problem);
  const share = decay / (1 + decay);
  const along = { ...constants, samples: constants.samples / share };
  const contrast = solveMode(constants, n);
  const common = solveMode(along, n);
  const bias = new Float64Array(K).fill((Math.sqrt(n) - common.value) / (Math.sqrt(n) * K * (1 + decay)));
  const terms: Rank1[] = [];
  if (common.value > 0) {
    const u = new Float64Array(K).fill(1 / Math.sqrt(K));
    terms.push({ sigma: common.value, u, v: u });
  }
  if (contrast.value > 0) for (const u of contrasts(K)) terms.push({ sigma: contrast.value, u, v: u });
  const objective = (K - 1) * contrast.objective + common.objective;
  const bound = (K - 1) * scalarProblem(problem).least(n) + scalarProblem(problem, along.samples).least(n);
  const lowerBound = bound * (1 - (K + 64) * Number.EPSILON);
  const gap = Math.max(0, objective - lowerBound);
  const main = K > 1 ? contrast : common;
  const limits = largestDecay(K > 1 ? constants : along, n);
  return describePoint(
    {
      ...{ problem, point: balancedFactors(problem, terms, bias), objective, optimality: 'global' },
      frame: 'equiangular frame, decayed bias',
      certificate: { lowerBound, gap, relativeGap: gap / Math.max(objective, Number.MIN_VALUE) },
      unique: true,
      levels: [
        ...(K > 1 ? [{ solution: contrast, multiplicity: K - 1 }] : []),
        { solution: common, multiplicity: 1 },
      ],
      classes: counts.map(() => ({
        regime: main.regime,
        share: K > 1 ? 1 - 1 / K : 1,
        maxWeightDecay: limits.fixedFeatureDecay,
        maxTiedDecay: limits.tiedFeatureDecay,
      })),
      search: null,
    },
    blas,
  );
}

/** Helmert's contrasts: an orthonormal basis of the zero-sum vectors of K entries. */
function* contrasts(K: number): Generator<Float64Array> {
  for (let i = 0; i + 1 < K; i++) {
    const norm = Math.sqrt((i + 1) * (i + 2));
    const u = new Float64Array(K).fill(1 / norm, 0, i + 1);
    u[i + 1] = -(i + 1) / norm;
    yield u;
  }
}
