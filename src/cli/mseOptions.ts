/** `--mse-reduction` and `--batch`: decays in the units of another multiple of the squared error. */
import { refuse } from '../core/errors.js';
import { MSE_REDUCTIONS, type Loss, type MseReduction } from '../model/index.js';
import { choice, singleNumber, type Options, type Parsed } from './args.js';

export const MSE_OPTIONS: Options = { 'mse-reduction': 'value', batch: 'value' };

export const MSE_HELP = `  --mse-reduction R      whose decays these are under mse: paper, 1/(2N)·Σ (the
                         default); mean, nn.MSELoss(), λ = wd·K/2; sum,
                         nn.MSELoss(reduction='sum'), λ = wd/(2B) with --batch B`;

/** Throws for another loss than MSE: its average over samples needs no conversion. */
export function mseReductionFrom(options: Parsed, loss?: Loss): MseReduction {
  const kind = choice('--mse-reduction', options.value('mse-reduction'), MSE_REDUCTIONS, 'paper');
  const batch = options.value('batch');
  if (kind !== 'paper' && loss !== undefined && loss !== 'mse')
    refuse(
      '--mse-reduction',
      'a loss of mse',
      loss,
      'cross-entropy averaged over samples needs no conversion',
    );
  if (kind !== 'sum' && batch !== undefined)
    refuse(
      '--batch',
      '--mse-reduction sum beside it',
      batch,
      'only a sum over batches depends on their size',
    );
  switch (kind) {
    case 'sum':
      if (batch === undefined)
        return refuse('--batch', 'the samples of a batch, with --mse-reduction sum', undefined);
      return { kind, batch: singleNumber('--batch', batch) };
    case 'paper':
    case 'mean':
      return { kind };
    default:
      return kind satisfies never;
  }
}
