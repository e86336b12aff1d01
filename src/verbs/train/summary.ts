/** What the summaries of both kinds of run hold, from the last measurement. */
import type { Blas } from '../../core/blas.js';
import { anglesOf, measuresRecord, seliDistances } from '../../judge/index.js';
import { measuredGeometry, type Measurement } from '../../metrics/index.js';
import { frameRows, type Bias, type Geometry, type Loss } from '../../model/index.js';
import {
  GRAM_LIMIT,
  SUMMARY_SCHEMA,
  type ClassComparison,
  type GramMatrices,
  type RunStatus,
  type SummaryBase,
} from '../../runs/index.js';
import type { Prediction } from '../../theory/index.js';

/** Which version made a run, and by which command. */
export interface MadeBy {
  readonly version: string;
  readonly command: string;
}

export interface SummaryParts {
  readonly madeBy: MadeBy;
  readonly blas: Blas;
  readonly loss: Loss;
  readonly bias: Bias;
  readonly status: RunStatus;
  readonly step: number;
  /** Of the measurement. */
  readonly measuredAtStep: number;
  readonly measurement: Measurement;
  readonly prediction: Prediction | null;
  readonly seconds: number;
  readonly stepsPerSecond: number | null;
}

export function sharedSummary(
  parts: SummaryParts,
): Omit<SummaryBase, 'objective' | 'classes' | 'verdict' | 'divergence'> {
  const { madeBy, blas, loss, bias, measurement, prediction, ...rest } = parts;
  const { status, step, measuredAtStep, seconds, stepsPerSecond } = rest;
  return {
    schema: SUMMARY_SCHEMA,
    collapsar: madeBy.version,
    command: madeBy.command,
    status,
    step,
    measuredAtStep,
    seconds,
    stepsPerSecond,
    blas: { name: blas.name, threads: blas.threads },
    seli: loss === 'ce' ? seliDistances(measurement, bias, blas) : null,
    minority: anglesOf(measurement),
    ...measuresRecord(measurement),
    geometry: gramsOf(measurement, prediction),
  };
}

/** The last good state of a run that diverged tells nothing of life and death. */
export function classesAtEnd(
  status: RunStatus,
  compared: readonly ClassComparison[],
): readonly ClassComparison[] {
  return status === 'diverged' ? compared.map((compare) => ({ ...compare, measured: null })) : compared;
}

/** Measured and predicted Gram matrices, where both are known and the classes are few. */
export function gramsOf(
  measurement: Measurement,
  prediction: Prediction | null,
): { readonly measured: GramMatrices; readonly predicted: GramMatrices } | null {
  if (prediction === null || measurement.classes.length > GRAM_LIMIT) return null;
  const measured = measuredGeometry(measurement);
  return measured === null ? null : { measured: rowsOf(measured), predicted: rowsOf(prediction.geometry()) };
}

function rowsOf({ weights, features, logits }: Geometry): GramMatrices {
  return { weights: frameRows(weights), features: frameRows(features), logits: frameRows(logits) };
}
