/** `--budget` and `--seed` of the verbs that search. */
import { refuse } from '../core/errors.js';
import { singleNumber, type Options, type Parsed } from './args.js';

export const SEARCH_OPTIONS: Options = { budget: 'value', seed: 'value' };

/** Seconds and seed that the options give; refuses what is neither. */
export function searchFrom(options: Parsed, seconds: number): { budget: number; seed: number } {
  const budget = singleNumber('--budget', options.value('budget') ?? String(seconds));
  if (!(budget > 0 && budget <= 1e6)) refuse('--budget', 'seconds above 0 and up to a million', budget);
  const seed = singleNumber('--seed', options.value('seed') ?? '0');
  if (!Number.isSafeInteger(seed)) refuse('--seed', 'a whole number', seed);
  return { budget, seed };
}
