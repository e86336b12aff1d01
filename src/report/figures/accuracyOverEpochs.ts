/** Accuracy on training and test samples, and the training loss, over the epochs of a network. */
import type { TrainRecord } from '../../runs/records.js';
import type { FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { stepsParts, type StepsOptions } from './panel.js';
import { panelBox, type PanelParts } from './panelParts.js';

export interface AccuracyData {
  readonly records: readonly TrainRecord[];
}

/** Null where the records are not of a network. */
export function accuracyOverEpochs(data: AccuracyData, options: StepsOptions): FigureElement | null {
  if (!data.records.some(({ network }) => network !== undefined)) return null;
  return wrapFigure(
    options.document,
    'grid',
    'Accuracy as a share of samples, with the network as it stands. The loss is the mean over the steps of the epoch before, in the network’s own scale and without decay.',
    ...accuracyPanels(data, options).map((parts) => panelBox(options.document, parts)),
  );
}

export function accuracyPanels(
  { records }: AccuracyData,
  { document, steps = 'linear' }: StepsOptions,
): PanelParts[] {
  return [
    stepsParts({
      document,
      records,
      title: 'Accuracy',
      label: 'Share of samples classified right over training, on training and test samples.',
      curves: [
        { name: 'training samples', color: 'blue', read: (r) => r.accuracy },
        {
          name: 'test samples',
          color: 'vermilion',
          stroke: 'dashed',
          read: (r) => r.network?.testAccuracy,
        },
      ],
      include: [1],
      steps,
      values: 'linear',
    }),
    stepsParts({
      document,
      records,
      title: 'Training loss',
      label: 'The mean training loss of an epoch over training, on a logarithmic axis.',
      curves: [{ name: 'mean of the epoch before', color: 'blue', read: (r) => r.network?.trainingLoss }],
      steps,
      values: 'log',
    }),
  ];
}
