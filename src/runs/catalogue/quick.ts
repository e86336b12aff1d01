/**
 * Quick scale: every number that is not the paper's, in one place. Chosen so that a run takes minutes on two cores and still
 * collapses: fewer images, and a larger rate for the fewer steps. What is not here is as at paper scale.
 */
import type { Variant } from './variant.js';

/** How the kinds of network experiments shrink. */
export interface QuickNetwork {
  /** n_k, in the words of a spec. */
  readonly counts: readonly number[] | string;
  /** Test images of each class. */
  readonly testLimit: number;
  readonly learningRate: number;
  readonly epochs: number;
  /** The rate is multiplied by 0.1 after so many epochs. */
  readonly dropEvery: number;
  readonly measureEvery: number;
  /** Left out: as the paper. */
  readonly batch?: number;
  /** Of head and features alike, in the network's own scale. */
  readonly decay: number;
  /** Of the backbone: weak, as theory has none there and few epochs must do. */
  readonly backboneDecay: number;
  /** Of an MLP. */
  readonly batchNorm?: boolean;
  /** Of the channels; without meaning for an MLP. */
  readonly widthMultiplier: number;
  readonly variant: Variant;
}

/** The variant that is run where no flag says another. */
const FIRST: Variant = { depth: 3, width: 512, bias: 'none', loss: 'mse' };

export const QUICK = {
  mlpBalanced: {
    counts: '200x10', // the paper: all 5000 of each class
    testLimit: 100,
    learningRate: 1e-3, // the paper: 1e-4
    epochs: 200, // as the paper
    dropEvery: 80, // the paper: 50
    measureEvery: 10,
    decay: 3e-4, // the paper: 1e-4
    backboneDecay: 1e-5, // the paper: none
    batchNorm: true, // before each ReLU; the paper: after it
    widthMultiplier: 1,
    variant: FIRST,
  },
  mlpImbalanced: {
    counts: [20, 20, 40, 40, 60, 60, 80, 80, 100, 100], // a fifth of the paper's
    testLimit: 100,
    learningRate: 4e-4, // the paper: 1e-4; at 1e-3 the loss spikes, and small classes do not come back
    epochs: 1200, // the paper: 12 000
    dropEvery: 900, // the paper: 6000
    measureEvery: 50,
    decay: 1e-4, // the paper: 1e-5
    backboneDecay: 1e-6, // the paper: none
    widthMultiplier: 1,
    variant: FIRST,
  },
  convBalanced: {
    counts: '100x10', // the paper: all 5000 of each class
    testLimit: 100,
    // What the head ignores of the features fades by rate × decay/(1 − momentum) a step: at 0.02 hardly at all in 2500 steps.
    learningRate: 0.05, // the paper: 1e-3, for its 78 000 steps
    epochs: 160, // the paper: 200
    dropEvery: 120, // the paper: 50
    batch: 32, // the paper: 128; more steps of fewer images
    measureEvery: 10,
    decay: 1e-3, // the paper: 1e-4; on all parameters; at 2e-3 VGG16 lost a direction at one of two seeds
    backboneDecay: 1e-3,
    widthMultiplier: 0.25, // of ResNet18's and VGG16's channels
    variant: { ...FIRST, width: 128 },
  },
} as const satisfies Readonly<Record<string, QuickNetwork>>;

/** Of the imbalanced MLP on EMNIST's letters: about a fifth of 1500, 600×5, 50×20. */
export const EMNIST_QUICK_COUNTS = [
  300,
  ...new Array<number>(5).fill(120),
  ...new Array<number>(20).fill(10),
];

/**
 * The collapse of small classes is our own question: at both scales on the same images, the larger one for longer. Its decays
 * are theory's λ themselves (the loss is ½‖·‖² and the batch is full). By theory the classes of 20 are lost at every depth; those
 * of 40 live with one layer and are metastable with three. A small rate lets classes form before the decay takes them.
 */
export const COLLAPSE = {
  counts: [20, 20, 40, 40, 60, 60, 80, 80, 100, 100],
  headDecay: 8.8e-3,
  featureDecay: 8.8e-3,
  learningRate: 2e-4,
  quick: { epochs: 1600, dropEvery: 1200, measureEvery: 100, testLimit: 100 },
  paper: { epochs: 8000, dropEvery: 6000, measureEvery: 400 },
  variant: { ...FIRST, depth: 1 },
} as const;

/** The unconstrained-features model takes seconds at the paper's own scale: only the variant is chosen. */
export const QUICK_UFM: Variant = { depth: 3, width: 64, bias: 'none', loss: 'mse' };
