/** Training and test samples side by side over the epochs: NC1, NC4 and the nearest class mean. */
import type { Maybe, TrainRecord } from '../../runs/records.js';
import type { FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { stepsPanel, type Curve, type StepsOptions } from './panel.js';

/** Shares and NC1 of one set of samples at one epoch. */
export interface SampleMeasures {
  readonly nc1: { readonly pinv: Maybe; readonly quotient: Maybe };
  readonly nc4: Maybe;
  readonly accuracy: Maybe;
  readonly nccAccuracy: Maybe;
}

export interface TestOverEpochsData {
  /** Of training samples. */
  readonly records: readonly TrainRecord[];
  /** For each record; `test` null without test samples. */
  readonly sides: readonly { readonly train: SampleMeasures; readonly test: SampleMeasures | null }[];
}

/** Null without test samples. */
export function testOverEpochs(
  { records, sides }: TestOverEpochsData,
  options: StepsOptions,
): FigureElement | null {
  if (sides.every(({ test }) => test === null)) return null;
  const places = new Map(records.map((record, i) => [record, i]));
  const pairOf = (read: (measures: SampleMeasures) => Maybe): readonly Curve[] => {
    const of = (side: 'train' | 'test') => (record: TrainRecord) => {
      const measures = sides[places.get(record) ?? -1]?.[side] ?? null;
      return measures === null ? null : read(measures);
    };
    return [
      { name: 'training samples', color: 'blue', read: of('train') },
      { name: 'test samples', color: 'vermilion', stroke: 'dashed', read: of('test') },
    ];
  };
  const panel = (title: string, read: (measures: SampleMeasures) => Maybe) =>
    stepsPanel({
      document: options.document,
      records,
      title,
      label: `${title} over training on a logarithmic axis, of training and of test samples.`,
      curves: pairOf(read),
      steps: options.steps ?? 'linear',
      unit: options.unit,
      values: 'log',
    });
  const amiss = (share: Maybe): Maybe => (share === null ? null : 1 - share);
  return wrapFigure(
    options.document,
    'grid',
    'Test samples are held against the class means of training. The lower, the closer to collapse; a value of exactly zero lies on the line “0” below the broken axis.',
    panel('NC1, tr(Σ_W Σ_B⁺)/K', ({ nc1 }) => nc1.pinv),
    panel('tr Σ_W / tr Σ_B', ({ nc1 }) => nc1.quotient),
    panel('1 − accuracy', ({ accuracy }) => amiss(accuracy)),
    panel('1 − NC4 (not the nearest mean)', ({ nc4 }) => amiss(nc4)),
    panel('Nearest class mean wrong', ({ nccAccuracy }) => amiss(nccAccuracy)),
  );
}
