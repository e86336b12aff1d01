/** The `--json` document of `advise`. */
import type { ClassWeighting, Regime } from '../../model/index.js';
import type { LimitSource } from '../../theory/index.js';
import type { ProblemDocument } from '../predict/document.js';

/** `fixed`: λ_H stays as it is while λ_W moves. `tied`: λ_H = λ_W. */
export type FeatureDecayRule = 'fixed' | 'tied';

/** Where λ_H comes from: the user, or nobody, so that it was taken equal to λ_W. */
export type FeatureDecaySource = 'given' | 'tied';

/** What the recommendation assumes of λ_H as λ_W moves: equal to it, in the ratio to it that it has now, or where it is. */
export type RecommendationBasis = 'tied' | 'ratio' | 'fixed';

export interface AdviseDepth {
  readonly depth: number;
  /** Every class lives below it; null where a bottleneck cuts one, or when interrupted. */
  readonly maxWeightDecay: number | null;
  /** The same for the classes that the bottleneck leaves; null when it leaves none. */
  readonly maxOfUncut: number | null;
  /** The same with λ_H scaled with λ_W, in the ratio that they have now. */
  readonly maxAtRatio: number | null;
  /** MSE, M = 1, free bias, unequal counts: every class is separated below it, which is less; else null. */
  readonly separatedBelow: number | null;
  /** The decay up to which the class that is lost first has the fit `keepFit`, and the same with λ_H scaled with λ_W. */
  readonly keep: number | null;
  readonly keepAtRatio: number | null;
  /** The class that is lost first (the first of its size). */
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
  /** The same with λ_H scaled with λ_W, in the ratio that they have now. */
  readonly maxAtRatio: number | null;
  /** How these limits are known; null where there are none. */
  readonly limitSource: LimitSource | null;
  /** MSE, M = 1, free bias, unequal counts: separated below it; null otherwise, and where it is so at every decay. */
  readonly separatedBelow: number | null;
  /** Cross-entropy: the decay from which the classes of this count are one (closed form); null for a class alone with it. */
  readonly mergesFrom: number | null;
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
  /** For each of `weightDecays` the class size at b_global (alive above) and at b_exist (lost below). */
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

/** What one weighting of the classes does. */
export interface AdviseWeighting {
  readonly weighting: ClassWeighting | 'none';
  /** Every class lives below it; λ_H as `featureDecay` of the document says. */
  readonly maxWeightDecay: number;
  /** The class that is lost first: the first of its size. */
  readonly limitedBy: number;
  /** The decays below which the largest and the smallest class live. */
  readonly largest: number;
  readonly smallest: number;
}

export interface AdviseDocument {
  /** `advise --decay all` answers another. */
  readonly question: 'free features';
  readonly problem: ProblemDocument;
  /** `interrupted`: what bisection had found by then; only cross-entropy takes long enough. */
  readonly status: 'finished' | 'interrupted';
  readonly featureDecay: FeatureDecayRule;
  readonly featureDecaySource: FeatureDecaySource;
  /** What `recommendation` assumes. */
  readonly basis: RecommendationBasis;
  /** The fit that is to be kept, as asked for or 0.9 (1 − 1/(2M) where that is more, which is above the jump at the limit). */
  readonly keepFit: number;
  /** The class that is lost first, whose fit it is. */
  readonly keepClass: number | null;
  /** The decay up to which it has that fit; λ_H as `featureDecay` says. Null where no decay gives it, or when interrupted. */
  readonly keep: number | null;
  readonly keepAtRatio: number | null;
  /** The fit it has there: more than asked for where M ≥ 2 and the class jumps from (M−1)/M to nothing. */
  readonly keepReaches: number | null;
  /** The user's weight decay: the geometric mean over layers. */
  readonly weightDecay: number;
  readonly method: 'closed form' | 'bisection';
  readonly depths: readonly AdviseDepth[];
  readonly classes: readonly AdviseClass[];
  readonly recommendation: string;
  /** What else must be known to read the numbers. */
  readonly notes: readonly string[];
  /** Cross-entropy: the weight decay from which every class is lost, in closed form; null for MSE. */
  readonly allLostFrom: number | null;
  /** Cross-entropy: whether every class was separated below its limit and nowhere above it; null for MSE, or unchecked. */
  readonly monotone: boolean | null;
  readonly diagram: PhaseDiagram | null;
  /** MSE without bias and unequal counts: what named class weights do; null elsewhere. */
  readonly classWeights: readonly AdviseWeighting[] | null;
}
