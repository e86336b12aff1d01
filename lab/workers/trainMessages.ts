/** What page and training worker say to each other. */
import type { ClassComparison, GramMatrices, RunStatus, TrainRecord, VerdictRecord } from 'collapsar/runs';
import type { PredictionFacts } from '../theory/facts.js';
import type { TrainingState } from '../link/labState.js';
import type { PairAngle } from '../theory/angles.js';
import type { Dots } from './dots.js';

export type Verdict = VerdictRecord;

/** What a training in the page measures beside its records. */
export interface MeasuredMore {
  readonly classes: readonly ClassComparison[];
  readonly grams: GramMatrices | null;
  /** As in `theory/embed.ts`. */
  readonly points: Float64Array;
  readonly dots: Dots | null;
  /** Between rows of P. */
  readonly angles: readonly PairAngle[];
  /** For a state that stands still. */
  readonly verdict: Verdict;
  /** For one that is passed through. */
  readonly soFar: string;
}

export type Pace = 'eye' | 'full';

export type TrainOrder =
  | {
      /** `change`: the weights stay, where the heads are alike; the training goes on as it was, running or not. */
      readonly kind: 'start' | 'change';
      readonly run: number;
      readonly facts: PredictionFacts;
      readonly training: TrainingState;
    }
  | { readonly kind: 'pause' }
  /** `eye`: at a pace that can be watched; `full`: as fast as it goes. */
  | { readonly kind: 'go'; readonly pace: Pace }
  | { readonly kind: 'step'; readonly steps: number }
  /** The page has drawn the last frame and would like another. */
  | { readonly kind: 'want' };

/** A picture of the state, as often as the page can draw. */
export interface TrainFrame {
  readonly kind: 'frame';
  readonly run: number;
  readonly step: number;
  readonly objective: number;
  /** Steps a second over the last half second; null while it stands still. */
  readonly rate: number | null;
  /** 2K×K by rows, as in `theory/embed.ts`. */
  readonly points: Float64Array;
  readonly dots: Dots | null;
  /** Between rows of P. */
  readonly angles: readonly PairAngle[];
}

/** A measurement, a few times a second. */
export interface TrainMeasured {
  readonly kind: 'measured';
  readonly run: number;
  readonly record: TrainRecord;
  readonly more: MeasuredMore;
}

export interface TrainEnded {
  readonly kind: 'ended';
  readonly run: number;
  readonly status: RunStatus;
  readonly step: number;
  readonly objective: number | null;
}

/** After a divergence: a learning rate at which gradient descent is stable; null where none was found. */
export interface TrainRate {
  readonly kind: 'rate';
  readonly run: number;
  readonly stableRate: number | null;
}

export interface TrainFailed {
  readonly kind: 'failed';
  readonly run: number;
  readonly message: string;
}

export type TrainNews = TrainFrame | TrainMeasured | TrainEnded | TrainRate | TrainFailed;
