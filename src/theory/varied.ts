/**
 * The prediction for a problem with variations, by the statement that covers it.
 *
 * Where there is no closed form the point is found numerically (`means/numeric.ts`). With one layer a dual bound certifies it, or does
 * not: `global` only where it does to 1e-6; otherwise, and with more layers, it is the best known.
 */
import { hostOf, noticing } from '../core/host.js';
import { portableBlas } from '../core/portableBlas.js';
import type { Pausable } from '../core/pausable.js';
import { depthOf, type Problem } from '../model/index.js';
import { ceDualCertificate } from './ce/dual.js';
import { predictNonnegativeCe } from './ce/nonnegative.js';
import { CERTIFIED, SEARCH_SECONDS, type CeOptions } from './ce/predict.js';
import { predictSmoothed } from './ce/smoothed.js';
import { requireCovered } from './coverage.js';
import { solveNumerically } from './means/numeric.js';
import { predictDecayedBias } from './mse/decayedBias.js';
import { mseDualCertificate } from './mse/dual.js';
import { predictNonnegative } from './mse/nonnegative.js';
import { predictTargets } from './mse/targets.js';
import { predictWeighted } from './mse/weighted.js';
import { describePoint, logitsAt, type PointPrediction } from './point.js';

/** The prediction for a problem that has variations; throws an argument error for what is not covered. */
export function* predictVariedPausably(problem: Problem, options: CeOptions): Pausable<PointPrediction> {
  const blas = options.blas ?? portableBlas;
  const statement = requireCovered('predict', problem);
  switch (statement) {
    case 'weights':
      return predictWeighted(problem);
    case 'targets':
      return predictTargets(problem, blas);
    case 'decayed bias':
      return predictDecayedBias(problem, blas);
    case 'non-negative':
      return predictNonnegative(problem, blas) ?? (yield* predictNumerically(problem, options));
    case 'one scalar':
      return predictSmoothed(problem, blas);
    case 'apart':
      return predictNonnegativeCe(problem, blas);
    case 'plain':
    case 'numeric':
      return yield* predictNumerically(problem, options);
    default:
      return statement satisfies never;
  }
}

function* predictNumerically(problem: Problem, options: CeOptions): Pausable<PointPrediction> {
  const blas = options.blas ?? portableBlas;
  const { clock, onProgress, signal } = hostOf(options.host);
  const watched = noticing(signal);
  const solution = yield* solveNumerically(problem, {
    blas,
    seed: options.seed,
    budget: options.budget ?? SEARCH_SECONDS,
    restarts: options.restarts,
    host: { clock, signal: watched },
    onStart: (starts, of, best) =>
      onProgress({ phase: 'search', starts, exchanges: 0, share: starts / of, best }),
  });
  const { point, objective, search } = solution;
  const dual = problem.loss === 'mse' ? mseDualCertificate : ceDualCertificate;
  const certified = depthOf(problem) === 1 && problem.focal === 0;
  const certificate = certified ? dual(problem, logitsAt(point, blas), objective, blas) : null;
  const proved = certificate !== null && certificate.relativeGap <= CERTIFIED;
  return describePoint(
    {
      ...{ problem, point, objective, certificate, search, interrupted: watched.noticed() },
      optimality: proved ? 'global' : 'best-known',
      frame: proved ? 'general frame (numeric, certified)' : 'general frame (numeric, best known)',
      unique: null,
    },
    blas,
  );
}
