/** The summary of a run of the unconstrained-features model, from its last measurement. */
import type { Blas } from '../../core/blas.js';
import {
  compareClasses,
  fitsOf,
  hasSettled,
  judge,
  undecided,
  type ExpectedLayer,
} from '../../judge/index.js';
import { depthOf, variationFields } from '../../model/index.js';
import type { Divergence, RunStatus, TrainRecord, UfmSpec, UfmSummary } from '../../runs/index.js';
import type { Prediction } from '../../theory/index.js';
import type { UfmTrainer } from '../../ufm/index.js';
import { predictionSummary } from '../predict/summary.js';
import { classesAtEnd, sharedSummary, type MadeBy } from './summary.js';
import { layerRecords, type MeasuredUfm } from './ufmState.js';

export interface UfmSummaryParts {
  readonly spec: UfmSpec;
  readonly madeBy: MadeBy;
  readonly blas: Blas;
  readonly prediction: Prediction;
  readonly expected: readonly ExpectedLayer[] | null;
  readonly trainer: UfmTrainer;
  readonly measured: MeasuredUfm;
  /** The record of the measurement before; null where there was none. */
  readonly before: TrainRecord | null;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
  readonly divergence: Divergence | null;
}

export function summariseUfm(parts: UfmSummaryParts): UfmSummary {
  const { spec, prediction, expected, trainer, status, divergence } = parts;
  const { measurement, layers, record } = parts.measured;
  const { problem } = prediction;
  const { counts, widths, loss, bias, weightDecays, featureDecay } = problem;
  const fits = fitsOf(measurement, problem, trainer.parameters.bias);
  const compared = classesAtEnd(status, compareClasses(measurement, prediction, fits));
  const settled = status !== 'diverged' && isSettled(parts);
  const { objective } = divergence ?? record;
  return {
    kind: 'ufm',
    ...sharedSummary({ ...parts, loss, bias, step: trainer.step, measuredAtStep: record.step, measurement }),
    objective,
    problem: {
      ...{ counts, depth: depthOf(problem), widths, loss, bias, weightDecays, featureDecay },
      ...variationFields(problem),
    },
    training: { optimizer: spec.optimizer, init: spec.init },
    prediction: predictionSummary(prediction),
    ...(layers.length === 0 ? {} : { layers: layerRecords(layers, expected) }),
    classes: undecided(compared, settled),
    verdict: judge({
      ...{ prediction, classes: compared, objective, settled, status },
      divergence: divergence ?? undefined,
    }),
    ...(divergence === null ? {} : { divergence }),
  };
}

/** L-BFGS says itself that it has come to its end; gradient descent is judged by its gradient and its pace. */
function isSettled({ spec, trainer, measured, status, before, prediction }: UfmSummaryParts): boolean {
  if (status === 'converged' || status === 'stalled') return true;
  const { optimizer } = spec;
  const { step, objective } = measured.record;
  const steps = before === null ? 0 : step - before.step;
  const time = optimizer.name === 'sgd' ? (steps * optimizer.learningRate) / (1 - optimizer.momentum) : 0;
  const past = before?.objective ?? null;
  const earlier = past === null || !(time > 0) ? null : { objective: past, time };
  if (objective === null) return false;
  return hasSettled({ gradientSquare: trainer.gradientSquare(), objective, earlier }, prediction.problem);
}
