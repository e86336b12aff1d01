/** What became of a class, in one word that stands beside every colour. */
import { livesInTheory } from '../model/index.js';
import type { ClassComparison } from '../runs/records.js';
import type { PaletteName } from './palette.js';

/** `unknown` where it cannot be told. */
export type Outcome = 'alive' | 'lost' | 'unknown';

export function outcomeOf(compared: ClassComparison | undefined): Outcome {
  return compared?.measured ?? 'unknown';
}

/** Whether theory lets the class live, as the verdict has it; `unknown` where there is no prediction. */
export function predictedOutcome({ regime, predictedFit }: ClassComparison): Outcome {
  if (regime === null && predictedFit === null) return 'unknown';
  return livesInTheory(regime, predictedFit ?? 0) ? 'alive' : 'lost';
}

export const OUTCOME_COLOR: Readonly<Record<Outcome, PaletteName>> = {
  alive: 'blue',
  lost: 'vermilion',
  unknown: 'purple',
};

/** A sign that can be told apart without colour. */
export const OUTCOME_SIGN: Readonly<Record<Outcome, string>> = { alive: '●', lost: '✕', unknown: '○' };

/** What a class is of which neither can be said, in a sentence for captions. */
export const UNDECIDED =
  'Undecided: the fit lies between that of a lost class and that of a living one, there is none to tell by, or training had not settled.';
