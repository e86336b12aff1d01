/** What page and network worker say to each other. */
import type { MeasureDocument } from 'collapsar/verbs';

export interface NetworkQuestion {
  readonly id: number;
  readonly file: File;
  /** Null for the measures alone. */
  readonly beside: {
    readonly loss: 'mse' | 'ce';
    readonly weightDecay: number;
    readonly featureDecay: number | 'fit';
  } | null;
}

export type NetworkAnswer =
  | { readonly kind: 'progress'; readonly id: number; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly id: number; readonly document: MeasureDocument }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
