/** The sections of a page that show a series, of epochs or of files: measures, training beside test samples, norms. */
import type { ClassComparison, TrainRecord } from '../../runs/records.js';
import type { FigureDocument } from '../dom.js';
import { measuresOverSteps } from '../figures/measuresOverSteps.js';
import { normsOverSteps } from '../figures/normsOverSteps.js';
import { testOverEpochs, type SampleMeasures } from '../figures/testOverEpochs.js';
import type { Html } from './html.js';
import { figure, missing, section } from './pageParts.js';

export interface MeasuredSeries {
  /** Of training samples, in order; at least one. */
  readonly records: readonly TrainRecord[];
  /** For each record; `test` null without test samples. */
  readonly sides: readonly { readonly train: SampleMeasures; readonly test: SampleMeasures | null }[];
  /** N of the last. */
  readonly samples: number;
  /** With their predicted norms; null without a prediction. */
  readonly classes: readonly ClassComparison[] | null;
  /** What time is counted in, where it is neither steps nor epochs. */
  readonly unit?: string | undefined;
}

export function measuresSection(
  { records, samples, unit }: MeasuredSeries,
  title: string,
  document: FigureDocument,
  ...more: readonly (Html | null)[]
): Html {
  return section(
    'measures',
    title,
    figure(measuresOverSteps({ records, samples }, { document, unit })),
    ...more,
  );
}

/** Null without test samples. */
export function testSection({ records, sides, unit }: MeasuredSeries, document: FigureDocument): Html | null {
  const drawing = testOverEpochs({ records, sides }, { document, unit });
  return drawing === null ? null : section('test', 'Training and test samples', figure(drawing));
}

export function normsSection(
  { records, classes, unit }: MeasuredSeries,
  title: string,
  document: FigureDocument,
): Html {
  const drawing = normsOverSteps({ records, classes }, { document, unit });
  return section(
    'norms',
    title,
    drawing === null
      ? missing(
          'There are no norms to draw: the head is not one of a row for each class, or there are more than 100.',
        )
      : figure(drawing),
  );
}
