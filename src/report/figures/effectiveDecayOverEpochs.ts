/** λ_H as fitted to a network without a feature decay of its own, over the epochs. */
import type { TrainRecord } from '../../runs/records.js';
import type { FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { stepsPanel, type StepsOptions } from './panel.js';

/** Null where no record holds a λ_H. */
export function effectiveDecayOverEpochs(
  { records }: { readonly records: readonly TrainRecord[] },
  { document, steps = 'linear' }: StepsOptions,
): FigureElement | null {
  const read = ({ network }: TrainRecord) => network?.featureDecay ?? null;
  if (records.every((record) => read(record) === null)) return null;
  return wrapFigure(
    document,
    'grid',
    'The setting has no feature decay: λ_H is one number fitted to the balance between P and H̄ at each measurement. F above takes the λ_H of its epoch, and F* that of the last one: the two compare like with like at the end only.',
    stepsPanel({
      document,
      records,
      title: 'Effective feature decay, λ_H',
      label: 'The feature decay fitted to the network over training, on a logarithmic axis.',
      curves: [{ name: 'fitted', color: 'blue', read }],
      steps,
      values: 'log',
    }),
  );
}
