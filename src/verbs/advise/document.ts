/** The `--json` document of `advise`. */
import type { Regime } from '../../model/index.js';
import type { ProblemDocument } from '../predict/document.js';

/** `fixed`: λ_H stays as it is while λ_W moves. `tied`: λ_H = λ_W. */
export type FeatureDecayRule = 'fixed' | 'tied';

export interface AdviseDepth {
  readonly depth: number;
  /** Every class lives below it; null where a bottleneck cuts one, or when interrupted. */
  readonly maxWeightDecay: number | null;
  /** The same for the classes that the bottleneck leaves; null when it leaves none. */
  readonly maxOfUncut: number | null;
  /** The class that dies first (the first of its size). */
  readonly limitedBy: number | null;
  /** Classes alive (cross-entropy: separated) at the user's weight decay. */
  readonly alive: number;
}

export interface AdviseClass {
  readonly count: number;
  readonly regime: Regime | null;
  /** Cross-entropy: whether the class is separated; for MSE too. */
  readonly separated: boolean | null;
  readonly fit: number;
  /** 1 − fit. */
  readonly lost: number;
  readonly margin: number | null;
  readonly maxWeightDecay: number | null;
  /** Share of the main mode in the class; 1 where modes do not mix. */
  readonly share: number;
}

/** Classes of one size, as the phase diagram marks them. */
export interface DiagramMark {
  readonly count: number;
  /** τ² of their main mode; the count where modes do not mix. */
  readonly size: number;
  /** How many classes, and the first of them. */
  readonly classes: number;
  readonly first: number;
  readonly cut: boolean;
}

export interface DiagramPanel {
  readonly depth: number;
  readonly bGlobal: number;
  readonly bExist: number;
  /** For each of `weightDecays` the class size at b_global (alive above) and at b_exist (collapsed below). */
  readonly globalSize: readonly number[];
  readonly existSize: readonly number[];
  /** The regime of each mark at the user's weight decay. */
  readonly regimes: readonly (Regime | null)[];
}

export interface PhaseDiagram {
  /** What the vertical axis is: class sizes, or τ² of the class's main mode. */
  readonly sizeMeans: 'count' | 'targetSquare';
  readonly samples: number;
  readonly featureDecay: number | 'tied';
  /** The user's. */
  readonly weightDecay: number;
  readonly depth: number;
  /** Ends of the vertical axis. */
  readonly sizes: readonly [number, number];
  /** The horizontal axis, log-spaced; boundaries are straight between its points in log–log. */
  readonly weightDecays: readonly number[];
  readonly marks: readonly DiagramMark[];
  readonly panels: readonly DiagramPanel[];
}

export interface AdviseDocument {
  readonly problem: ProblemDocument;
  /** `interrupted`: what bisection had found by then; only cross-entropy takes long enough. */
  readonly status: 'finished' | 'interrupted';
  readonly featureDecay: FeatureDecayRule;
  /** The user's weight decay: the geometric mean over layers. */
  readonly weightDecay: number;
  readonly method: 'closed form' | 'bisection';
  readonly depths: readonly AdviseDepth[];
  readonly classes: readonly AdviseClass[];
  readonly recommendation: string;
  /** What else must be known to read the numbers. */
  readonly notes: readonly string[];
  /** Cross-entropy: the weight decay from which every class is dead, in closed form; null for MSE. */
  readonly allDeadFrom: number | null;
  /** Cross-entropy: whether every class was separated below its limit and nowhere above it; null for MSE, or unchecked. */
  readonly monotone: boolean | null;
  readonly diagram: PhaseDiagram | null;
}
