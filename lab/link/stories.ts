/** Problems that each show one thing, by name: a link may name one, and everything else of it is then the story's own. */
import type { ProblemState, TrainingState } from './labState.js';

/** In the order in which the page tells them. */
export const STORY_NAMES = [
  'points',
  'angles',
  'imbalance',
  'lost',
  'rescue',
  'trapped',
  'surprise',
] as const;

export type StoryName = (typeof STORY_NAMES)[number];

interface Story {
  readonly problem: ProblemState;
  readonly training: TrainingState;
}

/**
 * Three classes in three dimensions: nothing of them is hidden from a picture. One layer: there zero is no resting place for a
 * class that can live, so that a training finds the minimum from any start, and a class comes back when it may.
 */
const ROOM: ProblemState = {
  counts: [30, 30, 30],
  depth: 1,
  width: 3,
  loss: 'mse',
  bias: 'none',
  weighting: 'none',
  weightDecay: 5e-3,
  featureDecay: 5e-3,
};
const UNEQUAL: ProblemState = { ...ROOM, counts: [90, 30, 10] };
const TRAINING: TrainingState = { seed: 3, scale: 0.16, learningRate: 0.1, momentum: 0.9 };

const STORIES: Readonly<Record<StoryName, Story>> = {
  points: { problem: ROOM, training: TRAINING },
  angles: { problem: { ...ROOM, bias: 'free' }, training: TRAINING },
  imbalance: { problem: UNEQUAL, training: TRAINING },
  lost: { problem: UNEQUAL, training: TRAINING },
  rescue: { problem: { ...UNEQUAL, weighting: 'equal-survival', weightDecay: 0.2 }, training: TRAINING },
  trapped: { problem: { ...ROOM, depth: 3 }, training: { ...TRAINING, scale: 0.05 } },
  surprise: {
    problem: {
      ...ROOM,
      counts: [20, 20, 20, 20],
      depth: 3,
      width: 4,
      loss: 'ce',
      featureDecay: 5e-4,
    },
    training: { ...TRAINING, scale: 0.3 },
  },
};

/** The parts of a state that a story sets. */
export function storyOf(name: StoryName): Story {
  return STORIES[name];
}
