/** What became of a class, in one word that stands beside every colour. */
import type { ClassComparison } from '../runs/records.js';
import type { PaletteName } from './palette.js';

/** `unknown` where it cannot be told. */
export type Outcome = 'alive' | 'dead' | 'unknown';

export function outcomeOf(given: ClassComparison | undefined): Outcome {
  return given?.measured ?? 'unknown';
}

/** Whether theory lets the class live; `unknown` where it does not say. Only `alive` of the regimes does. */
export function predictedOutcome(given: ClassComparison): Outcome {
  if (given.regime === null) return 'unknown';
  return given.regime === 'alive' ? 'alive' : 'dead';
}

export const OUTCOME_COLOR: Readonly<Record<Outcome, PaletteName>> = {
  alive: 'blue',
  dead: 'vermilion',
  unknown: 'purple',
};

/** A sign that can be told apart without colour. */
export const OUTCOME_SIGN: Readonly<Record<Outcome, string>> = { alive: '●', dead: '✕', unknown: '○' };

/** What a class is of which neither can be said, in a sentence for captions. */
export const UNDECIDED =
  'Undecided: the fit lies between that of a dead class and that of a living one, or there is none to tell by.';
