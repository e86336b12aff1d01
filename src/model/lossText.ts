/** A loss as people write it: `mse`, `ce`, or `focal:2`, which is cross-entropy with (1 − p)^γ. */
import { refuse } from '../core/errors.js';
import type { Loss } from './vocabulary.js';

/** The forms, for help and refusals. */
export const LOSS_FORMS = 'mse, ce or focal:G with an exponent G of at least 0';

/** The loss and γ; null for what is none of the forms. */
export function parseLoss(text: string): { readonly loss: Loss; readonly focal: number } | null {
  const word = text.trim().toLowerCase();
  if (word === 'mse' || word === 'ce') return { loss: word, focal: 0 };
  const exponent = /^focal:(.+)$/.exec(word)?.[1];
  const focal = exponent === undefined || exponent.trim() === '' ? NaN : Number(exponent);
  return focal >= 0 && Number.isFinite(focal) ? { loss: 'ce', focal } : null;
}

/** The same; refuses other texts. `where` is the option or key. */
export function lossFrom(where: string, text: string): { readonly loss: Loss; readonly focal: number } {
  return parseLoss(text) ?? refuse(where, LOSS_FORMS, text);
}
