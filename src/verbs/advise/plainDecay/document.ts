/** The `--json` document of `advise --decay all`. */
import type { Loss, Survival } from '../../../model/index.js';
import type { LastBias, SurvivalSource } from '../../../theory/index.js';

/** What the estimates were tried under; a network that is otherwise may have other limits. */
export type ConditionName =
  | 'layers'
  | 'batch-norm'
  | 'convolutions'
  | 'optimizer'
  | 'start'
  | 'rate'
  | 'augmentation'
  | 'inputs'
  | 'size';

export interface Condition {
  readonly name: ConditionName;
  /** `unknown`: nothing that was given tells. */
  readonly state: 'holds' | 'fails' | 'unknown';
  /** What is asked for; where it fails also what that does, and what to do. */
  readonly text: string;
}

/** What ends where a class is lost: that its samples are named rightly, or its fit alone. */
export type WhatIsLost = 'accuracy' | 'fit';

export interface SurvivalClass {
  readonly name: string | null;
  readonly count: number;
  readonly largestDecay: {
    /** In the user's units, those of `weight_decay`; null where nothing can be said. */
    readonly estimate: number | null;
    /** Learned below. */
    readonly low: number | null;
    /** Lost above. */
    readonly high: number | null;
    readonly from: SurvivalSource;
    /** From second moments of the inputs; null without the samples. */
    readonly estimateE: number | null;
  };
  /** At the user's decay; null without one, or without an estimate. */
  readonly atDecay: Survival | null;
  /** The largest class keeps its accuracy where a bias answers for it. */
  readonly loses: WhatIsLost;
}

export interface SurvivalDocument {
  readonly question: 'plain weight decay';
  readonly decay: 'all';
  /** L. */
  readonly weightLayers: number;
  /** The layers counted, inputs first; null where the user counted. */
  readonly layers: readonly string[] | null;
  readonly loss: Loss;
  readonly bias: LastBias;
  /** Decays are those of the loss times this: 1 for cross-entropy and the squared error of the paper, 2/K for PyTorch's mean. */
  readonly lossScale: number;
  /** w_k; null where every sample counts alike. */
  readonly classWeights: readonly number[] | null;
  /** ε; 0 without. */
  readonly labelSmoothing: number;
  /** Where the numbers come from, in words: a file, a set, counts. */
  readonly data: string;
  readonly samples: number;
  /** D; null where only counts are known. */
  readonly inputDimension: number | null;
  /** The user's; null where none was given. */
  readonly weightDecay: number | null;
  readonly classes: readonly SurvivalClass[];
  /** Up to it every class is expected to be learned, the lower end of the weakest; that class, and its estimate. */
  readonly keepsAll: {
    readonly weightDecay: number;
    readonly limitedBy: number;
    readonly estimate: number;
  } | null;
  readonly conditions: readonly Condition[];
  readonly recommendation: string;
  readonly notes: readonly string[];
}
