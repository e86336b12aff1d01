/** Whether a network in training agrees with the prediction for its head, in plain sentences. */
import { percent } from '../core/numbers.js';
import type { Blas } from '../core/blas.js';
import type { Measurement } from '../metrics/index.js';
import type { ClassComparison, RunStatus, VerdictRecord } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import type { Beside } from './beside.js';
import { judgeMeasured } from './measuredVerdict.js';

export interface JudgedRun {
  readonly status: RunStatus;
  readonly prediction: Prediction | null;
  /** Why there is none, in words; null where there is one. */
  readonly noPrediction: string | null;
  readonly classes: readonly ClassComparison[];
  /** What is held against the prediction, and its head. */
  readonly beside: Beside;
  readonly step: number;
  /** Of a run that diverged: the epoch's mean loss, where it is a number; else null. */
  readonly grownTo: number | null;
  /** A mean loss of this many times that of the start (or of this much) ends a training as diverged. */
  readonly divergedEpoch: number;
  readonly blas: Blas;
}

/**
 * Features count as collapsed where the scatter within classes is less than this share of that between them. The quotient
 * of traces is defined where lost classes leave Σ_B without full rank, as NC1 by pseudo-inverse is not.
 */
const COLLAPSED = 0.1;

export function judgeNetworkRun(judged: JudgedRun): VerdictRecord {
  const { status, prediction, noPrediction, classes, beside, step, grownTo, divergedEpoch, blas } = judged;
  if (status === 'diverged')
    return {
      held: null,
      sentence:
        grownTo === null
          ? `Training diverged at step ${step}, where the loss or a weight is no longer a finite number.`
          : `Training diverged at step ${step}: the mean loss of its epoch, ${grownTo.toPrecision(3)}, is more than ${divergedEpoch} times that of the start (or than ${divergedEpoch}).`,
    };
  if (prediction === null)
    return {
      held: null,
      sentence: `Theory makes no prediction here${noPrediction === null ? '' : `: ${noPrediction}`}.`,
    };
  const settled = networkSettled(status, beside.measurement);
  const { held, ...verdict } = judgeMeasured({
    ...beside,
    prediction,
    classes,
    blas,
    settled,
    biasKnown: true,
  });
  const sentence = [verdict.sentence, ...verdict.warnings].join(' ');
  if (settled) return { held, sentence };
  if (status === 'interrupted') return { held: null, sentence: `Stopped before the end. ${sentence}` };
  return {
    held: null,
    sentence: `Features have not collapsed onto their means yet: the scatter within classes is ${percent(beside.measurement.nc1.quotient ?? 0)} of that between them. ${sentence}`,
  };
}

/** Whether training has ended with features collapsed: before, no class is lost, and nothing is judged. */
export function networkSettled(status: RunStatus, { nc1 }: Measurement): boolean {
  return status !== 'interrupted' && (nc1.quotient === null || nc1.quotient < COLLAPSED);
}
