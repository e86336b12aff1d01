/** The objective over training beside its predicted minimum, and what is left between the two. */
import type { Maybe, TrainRecord } from '../../runs/records.js';
import { wrapFigure } from './figure.js';
import type { FigureElement } from '../dom.js';
import { finite } from '../format.js';
import { stepsPanel, type StepsOptions } from './panel.js';

export interface ObjectiveData {
  readonly records: readonly TrainRecord[];
  /** The predicted minimum. */
  readonly predicted: Maybe;
}

/** A linear axis holds a ratio of values up to here. */
const SPREAD = 15;

export function objectiveOverSteps(data: ObjectiveData, options: StepsOptions): FigureElement {
  const { document } = options;
  const { records } = data;
  const predicted = finite(data.predicted);
  const values = records.flatMap(({ objective }) => finite(objective) ?? []);
  const low = Math.min(...values.slice(-1), ...values.slice(0, 1), predicted ?? Infinity);
  const wide = low > 0 && values.some((value) => value > SPREAD * low);
  const objective = stepsPanel({
    document,
    records,
    title: 'Objective F',
    label: `The objective over training${predicted === null ? '' : ', beside the predicted minimum'}.`,
    curves: [{ name: 'measured', color: 'blue', read: (record) => record.objective }],
    references: predicted === null ? [] : [{ name: 'predicted minimum F*', value: predicted, color: 'ink' }],
    steps: options.steps ?? 'log',
    values: wide ? 'log' : 'linear',
  });
  if (predicted === null)
    return wrapFigure(document, 'grid', 'The objective; this run has no predicted minimum.', objective);
  const excess = stepsPanel({
    document,
    records,
    title: 'What is left, F − F*',
    label: 'The objective minus the predicted minimum over training, on a logarithmic axis.',
    curves: [
      {
        name: 'measured minus predicted',
        color: 'blue',
        read: (record) => {
          const value = finite(record.objective);
          return value === null ? null : value - predicted;
        },
      },
    ],
    steps: options.steps ?? 'log',
    values: 'log',
    zeroLabel: '≤ 0',
  });
  return wrapFigure(
    document,
    'grid',
    'First the objective, and as a dashed line the minimum that theory predicts; then the difference of the two, where a value at or below zero lies on the lowest line.',
    objective,
    excess,
  );
}
