/** One record of a run: a measurement at a step, as `records.jsonl` holds it. */
import type { Measurement } from '../metrics/index.js';
import { SERIES_LIMIT, type TrainRecord } from '../runs/records.js';
import { measuresRecord } from './compare.js';

export interface RecordParts {
  readonly step: number;
  readonly objective: number;
  readonly measurement: Measurement;
  /** Of `fitsOf`; null where there is no problem of theory to fit. */
  readonly fits: readonly (number | null)[] | null;
  /** Seconds of training so far. */
  readonly seconds: number;
}

/** An objective or a norm that is not a finite number is null; a fit that does not exist is 0, as of a class that is lost. */
export function recordOf({ step, objective, measurement, fits, seconds }: RecordParts): TrainRecord {
  const { classes } = measurement;
  return {
    step,
    objective: Number.isFinite(objective) ? objective : null,
    ...measuresRecord(measurement),
    ...(classes.length > SERIES_LIMIT
      ? {}
      : {
          weightNorms: classes.map(({ weightNorm }) => weightNorm),
          featureNorms: classes.map(({ featureNorm }) => featureNorm),
          ...(fits === null ? {} : { fits: fits.map((fit) => fit ?? 0) }),
        }),
    seconds,
  };
}
