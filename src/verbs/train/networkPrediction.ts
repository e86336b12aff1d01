/**
 * What theory says of a network in training. With a feature decay of its own the prediction is exact theory, made once. With
 * plain weight decay there is none: one number is fitted to the measured balance between P and the class means, each time.
 */
import type { Blas } from '../../core/blas.js';
import { InputError } from '../../core/errors.js';
import type { StopSignal } from '../../core/host.js';
import { headProduct } from '../../head/index.js';
import type { Problem } from '../../model/index.js';
import { squaredNorm, type NetworkMeasurement } from '../../nets/index.js';
import type { Prediction } from '../../theory/index.js';
import { problemOfRun, type NetworkRun } from './networkRun.js';
import { predictInSlices } from '../predict/predict.js';
import { effectiveFeatureDecay, type FittedDecay } from '../../metrics/index.js';

export interface Predicted {
  readonly problem: Problem | null;
  readonly prediction: Prediction | null;
  /** λ_H, as set or as fitted; null where it could not be fitted. */
  readonly featureDecay: number | null;
  /** Of a fit: smallest and largest over classes. */
  readonly range: readonly [number, number] | null;
  /** The measured objective in theory's units, with that λ_H; null without one. */
  readonly objective: number | null;
}

export interface PredictorOptions {
  readonly blas: Blas;
  readonly signal: StopSignal;
}

/** `giveWay` lets other work run while a cross-entropy problem is solved. */
export function networkPredictor(
  run: NetworkRun,
  { blas, signal }: PredictorOptions,
): (measured: NetworkMeasurement, giveWay: () => Promise<void>) => Promise<Predicted> {
  const { featureDecay } = run.effective;
  let fixed: { readonly problem: Problem; readonly prediction: Prediction } | null = null;
  const predict = (problem: Problem, giveWay: () => Promise<void>) =>
    predictInSlices(problem, blas, { host: { signal, yield: giveWay } });

  return async (measured, giveWay) => {
    if (featureDecay !== null) {
      const problem = problemOfRun(run, featureDecay);
      if (problem === null) return { ...NOTHING, featureDecay };
      fixed ??= { problem, prediction: await predict(problem, giveWay) };
      return { ...fixed, featureDecay, range: null, objective: measured.objective.theory };
    }
    const fitted = fit(run, measured, blas);
    if (fitted === null) return NOTHING;
    const problem = problemOfRun(run, fitted.value);
    if (problem === null) return { ...NOTHING, featureDecay: fitted.value, range: fitted.range };
    const features = (fitted.value / 2) * squaredNorm(measured.features.snapshot.statistics);
    return {
      problem,
      prediction: await predict(problem, giveWay),
      featureDecay: fitted.value,
      range: fitted.range,
      objective: measured.objective.theory + features,
    };
  };
}

const NOTHING: Predicted = {
  problem: null,
  prediction: null,
  featureDecay: null,
  range: null,
  objective: null,
};

/** Null where head or features vanish, so that there is no balance to read. */
function fit(run: NetworkRun, measured: NetworkMeasurement, blas: Blas): FittedDecay | null {
  const { statistics, head } = measured.features.snapshot;
  const { weightDecays } = run.effective;
  if (head === null || weightDecays.some((decay) => !(decay > 0))) return null;
  try {
    return effectiveFeatureDecay({
      means: statistics.means,
      counts: statistics.counts,
      P: headProduct(blas, head.weights),
      weightDecays,
      bias: run.network.head.bias,
      blas,
    });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
