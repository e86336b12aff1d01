/** Regimes as signs and words, told apart without colour. */
import { livesInTheory, type ClassPrediction } from 'collapsar/theory';

export interface RegimeLook {
  readonly sign: string;
  readonly word: string;
  /** Of the style sheet. */
  readonly look: 'alive' | 'risk' | 'lost';
  /** What it means, in a sentence. */
  readonly meaning: string;
}

const ALIVE: RegimeLook = { sign: '●', word: 'alive', look: 'alive', meaning: 'positive at the minimum' };
const RISK: RegimeLook = {
  sign: '◐',
  word: 'metastable',
  look: 'risk',
  meaning: 'at risk: zero at the global minimum, though a positive local minimum survives',
};
const DEAD: RegimeLook = { sign: '✕', word: 'lost', look: 'lost', meaning: 'zero is the only solution' };
const CUT: RegimeLook = {
  sign: '▭',
  word: 'cut',
  look: 'lost',
  meaning: 'beyond the bottleneck of a narrow layer',
};

/** Under cross-entropy, which has no regimes, a class lives if it has any fit (as `livesInTheory`). */
export function regimeOf({ regime, fit }: Pick<ClassPrediction, 'regime' | 'fit'>): RegimeLook {
  switch (regime) {
    case 'alive':
      return ALIVE;
    case 'metastable':
      return RISK;
    case 'lost':
      return DEAD;
    case 'cut':
      return CUT;
    case null:
      return livesInTheory(regime, fit) ? ALIVE : DEAD;
    default:
      return regime satisfies never;
  }
}
