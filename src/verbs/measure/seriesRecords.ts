/** A series of files as records, which figures draw. */
import type { TrainRecord } from '../../runs/index.js';
import { normsOf } from './monitored/records.js';
import type { SeriesDocument } from './series.js';

export interface SeriesRecords {
  readonly records: readonly TrainRecord[];
  /** What `step` counts: epochs where every name says so, else files. */
  readonly unit: 'epoch' | 'file';
}

/** Steps are the last whole numbers in the names of the files where those ascend, else 1, 2, 3, … */
export function recordsOfFiles({ series }: SeriesDocument): SeriesRecords {
  const names = series.map(({ file }) => file.replace(/^.*[/\\]/, ''));
  const numbers = names.map((name) => Number(/(\d+)\D*$/.exec(name.replace(/\.\w+$/, ''))?.[1] ?? NaN));
  const ascend = numbers.every(
    (value, i) => Number.isSafeInteger(value) && (i === 0 || value > numbers[i - 1]),
  );
  const records = series.map((point, i): TrainRecord => {
    const { nc1, cdnv, nc2, nc3, nc4, accuracy, prediction } = point;
    return {
      step: ascend ? numbers[i] : i + 1,
      objective: null,
      ...{ nc1, cdnv, nc2, nc3, nc4, accuracy },
      ...normsOf(point, prediction !== null),
      seconds: 0,
    };
  });
  return {
    records,
    unit: ascend && names.every((name) => /(^|[^a-z])ep(och)?[^a-z]*\d/i.test(name)) ? 'epoch' : 'file',
  };
}
