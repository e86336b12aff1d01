/** What is judged of a measured network, and the facts that its verdict rests on. */
import type { Blas } from '../core/blas.js';
import type { FeatureOffset, Measurement } from '../metrics/index.js';
import type { Head } from '../model/index.js';
import type { ClassComparison } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';

export interface Judgeable {
  /** What is held against the prediction, with its features centred where the bias is free, and its head. */
  readonly compared: Measurement;
  readonly head: Head | null;
  readonly offset: FeatureOffset | null;
  readonly prediction: Prediction;
  readonly classes: readonly ClassComparison[];
  readonly blas: Blas;
  /** False of a training that has not come to its end: nothing is said that only an end can tell. */
  readonly settled?: boolean;
  /** True where it was recorded whether and how far the bias was decayed, so that it was no other decay. */
  readonly biasKnown?: boolean | undefined;
  /** The best known objective before this prediction, where it was searched for from the measured point. */
  readonly beaten?: number | null;
}

/**
 * What the verdict comes to: `below` a best known solution; `survival`, other classes live than predicted; `held`; `other`, a
 * solution that theory knows by name; `norms` or `frame` are far from the prediction.
 */
export type MeasuredOutcome = 'below' | 'survival' | 'held' | 'other' | 'norms' | 'frame';

/** Everything that is measured of a network beside its prediction. */
export interface MeasuredFacts {
  readonly outcome: MeasuredOutcome;
  readonly objective: number | null;
  readonly surplus: number | null;
  /** Of PPᵀ from the predicted frame, class by class. */
  readonly distance: number | null;
  /** The same up to an exchange of classes, where that is what counts; else null. */
  readonly exchanged: number | null;
  /** Largest relative difference of a norm. */
  readonly normError: number | null;
  readonly other: OtherSolution | null;
}

/** One of the solutions that theory knows, and of a simplex ETF how far PPᵀ is from it. */
export interface OtherSolution {
  readonly name: string;
  readonly etf?: number;
}
