/** What page and network worker say to each other. */
import type { ClassWeighting } from 'collapsar/model';
import type { GramMatrices } from 'collapsar/runs';
import type { MeasureDocument } from 'collapsar/verbs';

/** What the network was trained with; it decides the prediction that the file is measured beside. */
export interface Beside {
  readonly loss: 'mse' | 'ce';
  /** λ_1 … λ_M, or one for all. */
  readonly weightDecays: readonly number[];
  /** λ_H; `fit` estimates it from the file. */
  readonly featureDecay: number | 'fit';
  /** Of a series: the file that λ_H was fitted to for all of them. */
  readonly fittedIn: string | null;
  readonly classWeights: ClassWeighting | readonly number[] | null;
}

/** As the file calls them; those that are not given go by their usual names. */
export interface ArrayNames {
  readonly features?: string;
  readonly labels?: string;
  /** Features first. */
  readonly weights?: readonly string[];
  readonly bias?: string;
}

export interface NetworkQuestion {
  readonly id: number;
  readonly file: File;
  /** Null for the measures alone. */
  readonly beside: Beside | null;
  readonly names: ArrayNames;
}

export type NetworkAnswer =
  /** Rows read so far, of two passes over all. */
  | { readonly kind: 'reading'; readonly id: number; readonly done: number; readonly total: number }
  /** Cross-entropy is being solved. */
  | { readonly kind: 'solving'; readonly id: number; readonly text: string }
  /** `frames`: predicted Gram matrices are being worked out. */
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly document: MeasureDocument;
      readonly frames: boolean;
    }
  /** The predicted Gram matrices, which the document leaves out; the last word after `done`. */
  | { readonly kind: 'frames'; readonly id: number; readonly predicted: GramMatrices | null }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
