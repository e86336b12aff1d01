/**
 * Quick scale: every number that is not the paper's, in one place. Chosen so that a run takes minutes on two cores and still
 * collapses: fewer images, and a larger rate for the fewer steps. What is not here is as at paper scale.
 */
import type { Variant } from './experimentsVariant.js';

/** How the kinds of network experiments shrink. */
export interface QuickNetwork {
  /** n_k, in the words of a spec. */
  readonly counts: readonly number[] | string;
  /** Test images of each class. */
  readonly testLimit: number;
  readonly learningRate: number;
  readonly epochs: number;
  /** The rate is multiplied by 0.1 after so many epochs; null for never. */
  readonly dropEvery: number | null;
  readonly measureEvery: number;
  /** Of weights and features alike, in the network's own scale. */
  readonly decay: number;
  /** Of the channels; without meaning for an MLP. */
  readonly widthMultiplier: number;
  readonly variant: Variant;
}

/** The variant that is run where no flag says another. */
const FIRST: Variant = { depth: 3, width: 512, bias: 'none', loss: 'mse' };

export const QUICK = {
  mlpBalanced: {
    counts: '500x10', // the paper: all 5000 of each class
    testLimit: 100,
    learningRate: 1e-3, // the paper: 1e-4
    epochs: 40, // the paper: 200
    dropEvery: 15, // the paper: 50
    measureEvery: 2,
    decay: 1e-4, // as the paper
    widthMultiplier: 1,
    variant: FIRST,
  },
  mlpImbalanced: {
    counts: [20, 20, 40, 40, 60, 60, 80, 80, 100, 100], // a fifth of the paper's
    testLimit: 100,
    learningRate: 1e-3, // the paper: 1e-4
    epochs: 1500, // the paper: 12 000
    dropEvery: 1000, // the paper: 6000
    measureEvery: 50,
    decay: 1e-4, // the paper: 1e-5
    widthMultiplier: 1,
    variant: FIRST,
  },
  convBalanced: {
    counts: '100x10', // the paper: all 5000 of each class
    testLimit: 100,
    learningRate: 0.05, // the paper: 1e-3
    epochs: 60, // the paper: 200
    dropEvery: null, // as the paper
    measureEvery: 5,
    decay: 1e-4, // as the paper, on all parameters
    widthMultiplier: 0.25, // of ResNet18's and VGG16's channels
    variant: FIRST,
  },
} as const satisfies Readonly<Record<string, QuickNetwork>>;

/**
 * The collapse of small classes is our own question: at both scales on the same images, the larger one for longer. Its decays
 * are theory's λ themselves (the loss is ½‖·‖² and the batch is full): by theory the class of 5 is dead at every depth, that of
 * 15 from two layers on, and the others live.
 */
export const COLLAPSE = {
  counts: [500, 500, 500, 300, 300, 150, 60, 30, 15, 5],
  headDecay: 2e-3,
  featureDecay: 5e-4,
  learningRate: 1e-3,
  quick: { epochs: 900, dropEvery: 600, measureEvery: 50, testLimit: 100 },
  paper: { epochs: 3000, dropEvery: 2000, measureEvery: 100 },
  variant: FIRST,
} as const;

/** The unconstrained-features model takes seconds at the paper's own scale: only the variant is chosen. */
export const QUICK_UFM: Variant = { depth: 3, width: 64, bias: 'none', loss: 'mse' };
