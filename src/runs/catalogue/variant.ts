/** What an experiment of the catalogue is: settings with a few free choices, from which specs follow. */
import type { ImageKind } from '../../data/index.js';
import type { Loss, PlainBias } from '../../model/index.js';

import type { RunSpec } from '../spec.js';

/** `paper`: as published; `quick`: the same in minutes on two cores. */
export type Scale = 'quick' | 'paper';

/** `paper`: settings of the authors' public code; `ours`: the same on other data, or a question of our own. */
export type Origin = 'paper' | 'ours';

/** One choice of everything an experiment leaves open. */
export interface Variant {
  /** M. */
  readonly depth: number;
  /** Of the head's layers; of an MLP's hidden layers too. */
  readonly width: number;
  readonly bias: PlainBias;
  readonly loss: Loss;
}

/** What an experiment goes through. */
export interface Variants {
  readonly depths: readonly number[];
  readonly widths: readonly number[];
  readonly biases: readonly PlainBias[];
  readonly losses: readonly Loss[];
}

export interface Experiment {
  readonly name: string;
  readonly title: string;
  /** What it shows, in one plain sentence. */
  readonly shows: string;
  readonly origin: Origin;
  readonly kind: 'ufm' | 'network';
  /** Null where it needs none. */
  readonly data: ImageKind | null;
  /** All of them are run at paper scale. */
  readonly variants: Variants;
  /** The one that is run at quick scale. */
  readonly quick: Variant;
  specOf(scale: Scale, variant: Variant, seed: number): RunSpec;
}

/** The name of a run: of its folder, and in tables. */
export function variantName({ depth, width, bias, loss }: Variant, seed: number): string {
  const parts = [`M${depth}`, `d${width}`, bias === 'none' ? 'nobias' : 'bias', loss];
  return [...parts, ...(seed === 0 ? [] : [`seed${seed}`])].join('-');
}
