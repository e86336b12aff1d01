/** The summary of a run of the unconstrained-features model, from its last measurement. */
import type { Blas } from '../../core/blas.js';
import { compareClasses, fitsOf, judge } from '../../judge/index.js';
import { depthOf } from '../../model/index.js';
import type { Divergence, RunStatus, UfmSpec, UfmSummary } from '../../runs/index.js';
import type { Prediction } from '../../theory/index.js';
import type { UfmTrainer } from '../../ufm/index.js';
import { predictionSummary } from '../predict/summary.js';
import { classesAtEnd, sharedSummary, type MadeBy } from './summary.js';
import type { MeasuredUfm } from './ufmState.js';

export interface UfmSummaryParts {
  readonly spec: UfmSpec;
  readonly madeBy: MadeBy;
  readonly blas: Blas;
  readonly prediction: Prediction;
  readonly trainer: UfmTrainer;
  readonly measured: MeasuredUfm;
  /** The objective of the measurement before; null where there was none. */
  readonly before: number | null;
  readonly status: RunStatus;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
  readonly divergence: Divergence | null;
}

export function summariseUfm(parts: UfmSummaryParts): UfmSummary {
  const { spec, prediction, trainer, status, divergence, before } = parts;
  const { measurement, record } = parts.measured;
  const { problem } = prediction;
  const { counts, widths, loss, bias, weightDecays, featureDecay } = problem;
  const fits = fitsOf(measurement, problem, trainer.parameters.bias);
  const classes = classesAtEnd(status, compareClasses(measurement, prediction, fits));
  const { objective } = divergence ?? record;
  return {
    kind: 'ufm',
    ...sharedSummary({ ...parts, loss, step: trainer.step, measuredAtStep: record.step, measurement }),
    objective,
    problem: { counts, depth: depthOf(problem), widths, loss, bias, weightDecays, featureDecay },
    training: { optimizer: spec.optimizer, init: spec.init },
    prediction: predictionSummary(prediction),
    classes,
    verdict: judge({
      ...{ prediction, classes, objective, before, status },
      divergence: divergence ?? undefined,
    }),
    ...(divergence === null ? {} : { divergence }),
  };
}
