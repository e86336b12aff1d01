/** What page and theory worker say to each other. */
import type { Problem } from 'collapsar/model';
import type { AdviseDocument } from 'collapsar/verbs';
import type { PredictionFacts } from '../theory/facts.js';

export interface PredictQuestion {
  readonly kind: 'predict';
  readonly id: number;
  readonly problem: Problem;
}

/** At which decay each class is lost: cross-entropy with one layer. */
export interface LimitsQuestion {
  readonly kind: 'limits';
  readonly id: number;
  readonly problem: Problem;
}

export type TheoryQuestion = PredictQuestion | LimitsQuestion;

interface Failed {
  readonly kind: 'failed';
  readonly id: number;
  readonly message: string;
}

export type PredictAnswer =
  | { readonly kind: 'progress'; readonly id: number; readonly text: string }
  | { readonly kind: 'done'; readonly id: number; readonly facts: PredictionFacts }
  | Failed;

export type LimitsAnswer =
  | { readonly kind: 'bisecting'; readonly id: number; readonly text: string }
  | { readonly kind: 'limits'; readonly id: number; readonly document: AdviseDocument }
  | Failed;
