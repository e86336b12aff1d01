/** All that a link to the lab holds: one plain object with a version. `checkState.ts` checks what comes from outside. */
import type { Bias, ClassWeighting, Loss } from 'collapsar/model';
import { STORY_NAMES, storyOf, type StoryName } from './stories.js';

export type { Bias, Loss };
/** Class weights by name, worked out from the counts and the depth; `none`: every sample counts alike. */
export type Weighting = 'none' | ClassWeighting;

export const STATE_VERSION = 1;

export interface ProblemState {
  readonly counts: readonly number[];
  readonly depth: number;
  readonly width: number;
  readonly loss: Loss;
  readonly bias: Bias;
  readonly weighting: Weighting;
  readonly weightDecay: number;
  readonly featureDecay: number;
}

export interface TrainingState {
  readonly seed: number;
  /** Standard deviation of the start. */
  readonly scale: number;
  readonly learningRate: number;
  readonly momentum: number;
}

/** How K dimensions become three. */
export type ProjectionName = 'alike' | 'principal' | 'classes';

export interface ViewState {
  readonly projection: ProjectionName;
  /** The three classes of the projection `classes`. */
  readonly axes: readonly number[];
  /** Degrees. */
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom: number;
}

/** What the reader's own network was trained with, and whether a prediction stands beside its measurement. */
export interface NetworkState {
  readonly beside: 'prediction' | 'nothing';
  readonly loss: Loss;
  /** λ_1 … λ_M, or one for all layers. */
  readonly weightDecays: readonly number[];
  /** Whether λ_H is the number below or fitted to the file. */
  readonly feature: 'given' | 'fit';
  readonly featureDecay: number;
  /** How much a sample counts in the loss by its class: by name, or a number for each class. */
  readonly classWeights: Weighting | readonly number[];
}

/** The explanation; all controls; a network of the reader's own. */
export type Place = 'story' | 'explore' | 'network';

export interface LabState {
  readonly version: typeof STATE_VERSION;
  readonly place: Place;
  /** The story that the problem began as; null: the problem of the paper. */
  readonly story: StoryName | null;
  readonly problem: ProblemState;
  readonly training: TrainingState;
  readonly view: ViewState;
  /** Null: as in `problem`, whatever that becomes. */
  readonly network: NetworkState | null;
}

export const LIMITS = {
  classes: [2, 20],
  count: [1, 10_000],
  depth: [1, 9],
  width: [1, 256],
  weightDecay: [1e-7, 1],
  featureDecay: [1e-7, 1],
  seed: [0, 2 ** 31 - 1],
  scale: [0, 10],
  learningRate: [1e-9, 100],
  momentum: [0, 0.999],
  yaw: [-180, 180],
  pitch: [-90, 90],
  zoom: [0.2, 5],
  /** Of a network, wider than the sliders: networks are as they are. */
  networkDecay: [1e-12, 1e3],
  networkLayers: [1, 64],
  networkClasses: [2, 1000],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

/** The paper's problem: what a link of the older lab began from, and still does. */
export const DEFAULT_STATE: LabState = {
  version: STATE_VERSION,
  place: 'explore',
  story: null,
  problem: {
    counts: [200, 100, 50, 50],
    depth: 3,
    width: 64,
    loss: 'mse',
    bias: 'none',
    weighting: 'none',
    weightDecay: 5e-4,
    featureDecay: 5e-4,
  },
  training: { seed: 0, scale: 0.1, learningRate: 0.1, momentum: 0.9 },
  view: { projection: 'alike', axes: [0, 1, 2], yaw: -12, pitch: 14, zoom: 1 },
  network: null,
};

/** What the page opens with. */
export const FIRST_STORY: StoryName = STORY_NAMES[0];
export const START_STATE: LabState = {
  ...DEFAULT_STATE,
  place: 'story',
  story: FIRST_STORY,
  ...storyOf(FIRST_STORY),
};

/** The state that a state's story, or none, begins as. */
export function baseOf(story: StoryName | null): LabState {
  return story === null ? DEFAULT_STATE : { ...START_STATE, story, ...storyOf(story) };
}

/** The settings of a network that was trained as the problem says. */
export function networkAs({ loss, weightDecay, featureDecay, weighting }: ProblemState): NetworkState {
  return {
    beside: 'nothing',
    loss,
    weightDecays: [weightDecay],
    feature: 'given',
    featureDecay,
    classWeights: weighting,
  };
}
