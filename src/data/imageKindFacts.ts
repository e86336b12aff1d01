/** What is known of a data set before it is read. */
export interface ImageKindFacts {
  readonly title: string;
  /** Images of the whole set as published. */
  readonly published: { readonly train: number; readonly test: number };
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly classNames: readonly string[];
  readonly mean: readonly number[];
  readonly std: readonly number[];
}
