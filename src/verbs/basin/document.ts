/** The `--json` document of `basin`. */
import type { Regime } from '../../model/index.js';
import type { ProblemDocument } from '../predict/document.js';

/**
 * settled: a minimum. saddle: nothing moves, but the state is no minimum (a lost class beside a smaller living one, or with
 * one layer any class that is not where theory says). moving: the steps ran out. diverged: no state to speak of.
 */
export type StartStatus = 'settled' | 'saddle' | 'moving' | 'diverged';

export interface BasinStart {
  readonly scale: number;
  readonly seed: number;
  readonly status: StartStatus;
  readonly settled: boolean;
  /** Null when diverged. */
  readonly objective: number | null;
  readonly steps: number;
  readonly learningRate: number;
  /** Class by class; null when diverged. */
  readonly alive: readonly boolean[] | null;
  readonly fits: readonly (number | null)[] | null;
  /** Whether every class lives or is lost as at the predicted minimum. */
  readonly asPredicted: boolean;
}

export interface BasinClass {
  readonly count: number;
  readonly regime: Regime | null;
  /** Cross-entropy, which has no regimes: whether the class is told apart from the others at the predicted minimum. */
  readonly separated: boolean | null;
  readonly predictedFit: number;
  /** The fit above which the class's mode grows on its own; 0 for one layer, null where no positive solution exists. */
  readonly barrier: number | null;
  /**
   * For each scale the time (steps·η/(1 − β)) at which the class is expected to have half of its fit; null for a lost class, and
   * where no curve is known: it is for squared error, one layer, no bias, equal decays.
   */
  readonly halfFitTime: readonly (number | null)[];
  /**
   * The same as it came out, from the start of the first seed, by gradient descent with small steps; null where it was not
   * reached, where `halfFitTime` is null, and for large problems.
   */
  readonly measuredHalfFitTime: readonly (number | null)[];
  /** For each scale the share of starts (those that did not diverge) in which the class is alive; null without any. */
  readonly alive: readonly (number | null)[];
}

export interface BasinScale {
  readonly std: number;
  readonly starts: number;
  readonly settled: number;
  readonly saddles: number;
  readonly moving: number;
  readonly diverged: number;
  /** Starts in which every class lives or is lost as at the global minimum. */
  readonly asPredicted: number;
  readonly lowestObjective: number | null;
}

export interface BasinDocument {
  readonly problem: ProblemDocument;
  readonly prediction: { readonly objective: number; readonly optimality: string };
  readonly status: 'finished' | 'interrupted';
  readonly scales: readonly BasinScale[];
  readonly seed: number;
  readonly steps: number;
  readonly momentum: number;
  readonly learningRate: number | 'adapted';
  /** A rate that is stable where a given one diverged; null where none did. */
  readonly stableLearningRate: number | null;
  readonly blas: string;
  readonly classes: readonly BasinClass[];
  readonly starts: readonly BasinStart[];
  /** What to make of it, in sentences. */
  readonly explanation: readonly string[];
}
