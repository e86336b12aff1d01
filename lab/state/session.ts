/**
 * What the page shows of a training: one that runs in a worker, or the records of a run folder; its state as signals.
 * `training.ts` and `replaying.ts` move it; measurements are kept in `history.ts`.
 */
import { computed, signal } from '@preact/signals';
import type { Maybe } from 'collapsar/runs';
import type { ProblemState } from '../link/labState.js';
import type { TrainEnded, TrainFrame } from '../workers/trainMessages.js';
import { chosen, shown } from './history.js';
import { facts, predicted } from './predicted.js';
import type { ReplaySource } from './replaySource.js';
import { state } from './store.js';

export { newest, records } from './history.js';

/** `idle`: nothing trained yet. `finished`: it has converged. `replay`: the records of a run folder are shown. */
export type SessionStatus = 'idle' | 'running' | 'paused' | 'finished' | 'diverged' | 'failed' | 'replay';

export const status = signal<SessionStatus>('idle');
/** Of the training in the worker, not of the moment that is looked at. */
export const step = signal(0);
export const objective = signal<number | null>(null);
export const rate = signal<number | null>(null);
/** Where vectors and samples lie in the picture. */
type Pictured = Pick<TrainFrame, 'points' | 'dots' | 'angles'>;
/** The picture of the training that moves. */
export const live = signal<Pictured | null>(null);
/** True while the worker draws the start of a training, before its first word. */
export const preparing = signal(false);
export const divergence = signal<TrainEnded | null>(null);
/** After a divergence: a stable learning rate, once it is known; null before. */
export const saferRate = signal<number | 'none' | null>(null);
export const failure = signal<string | null>(null);
export const source = signal<ReplaySource | null>(null);

/** True while a moment of the past is shown and not the state that moves. */
export const looksBack = computed(() => chosen.value !== null || status.value === 'replay');
export const shownStep = computed(() => (looksBack.value ? (shown.value?.record.step ?? 0) : step.value));
export const shownObjective = computed(() =>
  looksBack.value ? (shown.value?.record.objective ?? null) : objective.value,
);
/** What the frame draws over the predicted one. */
export const pictured = computed((): Pictured | null =>
  looksBack.value ? (shown.value?.more ?? null) : live.value,
);
export const measuredGrams = computed(() => shown.value?.more?.grams ?? null);

/** Whether what is shown was trained on the problem whose prediction is shown. */
export const comparable = computed(() => {
  const from = source.value;
  // A training is cleared when the prediction of another problem arrives; until then nothing beside it is its own.
  if (from === null) return !predicted.value.stale;
  return !('why' in from.problem) && !predicted.value.stale && sameAs(from.problem, state.value.problem);
});
/** F* of what is shown; null where the page does not know it. */
export const minimum = computed(() => (comparable.value ? (facts.value?.objective ?? null) : null));

export interface MeasuredClass {
  readonly weightNorm: Maybe;
  readonly featureNorm: Maybe;
  readonly fit: Maybe;
}

/** Class by class, as the shown record has it; null where there is none, or it holds no norms. */
export const measuredClasses = computed((): readonly MeasuredClass[] | null => {
  const record = shown.value?.record;
  const { weightNorms, featureNorms, fits } = record ?? {};
  if (weightNorms === undefined) return null;
  return weightNorms.map((weightNorm, k) => ({
    weightNorm,
    featureNorm: featureNorms?.[k] ?? null,
    fit: fits?.[k] ?? null,
  }));
});

function sameAs(a: ProblemState, b: ProblemState): boolean {
  const text = ({ counts, depth, width, loss, bias, weighting, weightDecay, featureDecay }: ProblemState) =>
    JSON.stringify([counts, depth, width, loss, bias, weighting, weightDecay, featureDecay]);
  return text(a) === text(b);
}
