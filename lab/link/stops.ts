/** The problems of the tour, stop by stop; its words are in `explain/Tour.tsx`. */
import { DEFAULT_STATE, type LabState, type ProblemState, type TrainingState } from './labState.js';

interface Stop {
  readonly problem: Partial<ProblemState>;
  readonly training?: Partial<TrainingState>;
}

const STOPS: readonly Stop[] = [
  { problem: { counts: [100, 100, 100, 100], bias: 'free', depth: 1 } },
  { problem: { counts: [200, 100, 50, 50] } },
  { problem: { counts: [500, 180, 60, 20, 8], depth: 2, weightDecay: 1.2e-2 } },
  { problem: { counts: [200, 100, 50, 50], depth: 6, weightDecay: 5e-4 }, training: { scale: 0.02 } },
];

/** What a stop shows, from 1. */
export function stateAt(tour: number): LabState {
  const { problem, training } = STOPS[tour - 1];
  return {
    ...DEFAULT_STATE,
    problem: { ...DEFAULT_STATE.problem, ...problem },
    training: { ...DEFAULT_STATE.training, ...training },
    tour,
  };
}
