/**
 * What theory says of a network in training. With a feature decay of its own the prediction is exact theory, made once. With
 * plain weight decay there is none: one number is fitted to the measured balance between P and the class means, each time.
 */
import type { Blas } from '../../core/blas.js';
import { InputError } from '../../core/errors.js';
import type { StopSignal } from '../../core/host.js';
import { headProduct } from '../../head/index.js';
import { variationsOf, type Problem } from '../../model/index.js';
import { squaredNorm, type NetworkMeasurement } from '../../nets/index.js';
import { statementFor, type Prediction } from '../../theory/index.js';
import type { NetworkRun } from './networkRun.js';
import { offsetsAreFree, problemOfRun } from './networkSetting.js';
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
  /** Why there is no prediction; null where there is one. */
  readonly reason: string | null;
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
  let fixed: Prediction | null = null;
  const predict = (problem: Problem, giveWay: () => Promise<void>) =>
    predictInSlices(problem, blas, { host: { signal, yield: giveWay } });

  const uncovered = variationsOf({ ...run.variations, bias: run.bias }).join(', ');

  return async (measured, giveWay) => {
    const fitted = featureDecay === null ? fit(run, measured, blas) : null;
    const decay = featureDecay ?? fitted?.value ?? null;
    const shared = { featureDecay: decay, range: fitted?.range ?? null };
    const problem = decay === null ? null : problemOfRun(run, decay);
    if (problem === null) return { ...shared, ...NOTHING, reason: DECAYS };
    if (statementFor(problem) === null)
      return { ...shared, ...NOTHING, reason: `theory does not cover so many classes with ${uncovered}` };
    const prediction = fixed ?? (await predict(problem, giveWay));
    if (fitted === null) fixed = prediction;
    const { theory } = measured.objective;
    const features =
      fitted === null ? 0 : (fitted.value / 2) * squaredNorm(measured.features.snapshot.statistics);
    return { ...shared, problem, prediction, objective: theory + features, reason: null };
  };
}

const DECAYS = 'it needs positive decays of the head and a feature decay, given or fitted';
const NOTHING = { problem: null, prediction: null, objective: null } as const;

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
      // An offset of the features is left out of the balance where the bias takes it up.
      bias: offsetsAreFree(run) ? run.bias : 'none',
      blas,
    });
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}
