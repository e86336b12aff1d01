/** What page and network worker say to each other of a training in PyTorch that the companion watched. */

export interface RunQuestion {
  readonly id: number;
  /** What messages call it. */
  readonly run: string;
  /** By their names within its folder. */
  readonly files: ReadonlyMap<string, File>;
}

export type RunAnswer =
  /** Epochs measured so far. */
  | { readonly kind: 'measuring'; readonly id: number; readonly done: number; readonly total: number }
  /** Cross-entropy is being solved. */
  | { readonly kind: 'solving'; readonly id: number }
  /** Its records, a line each, and what stands beside them: a JSON text. */
  | { readonly kind: 'measured'; readonly id: number; readonly lines: string; readonly beside: string }
  | { readonly kind: 'failed'; readonly id: number; readonly message: string };
