/** What page and theory worker say to each other. */
import type { Problem } from 'collapsar/model';
import type { PredictionFacts } from '../prediction/facts.js';

export interface TheoryQuestion {
  readonly id: number;
  readonly problem: Problem;
}

export type TheoryAnswer =
  | { readonly kind: 'progress'; readonly id: number; readonly text: string }
  | { readonly kind: 'done'; readonly id: number; readonly facts: PredictionFacts }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
