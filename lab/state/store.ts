/** The state as signals: what the reader chose, what was wrong with the link, and the address kept in step. */
import { computed, effect, signal } from '@preact/signals';
import { createProblem, type Problem } from 'collapsar/model';
import { hashOf, readHash } from '../link/hash.js';
import type {
  LabState,
  NetworkState,
  Place,
  ProblemState,
  TrainingState,
  ViewState,
} from '../link/labState.js';
import { storyOf, type StoryName } from '../link/stories.js';

const opened = readHash(location.hash);

export const state = signal<LabState>(opened.state);

/** What could not be read of a link or a file, one sentence each. */
export const complaints = signal<readonly string[]>(opened.complaints);

/** The problem alone: turning the frame must not predict anew. */
const problemState = computed(() => state.value.problem);

export const problem = computed((): Problem => problemFrom(problemState.value));

export function problemFrom(given: ProblemState): Problem {
  return createProblem({
    counts: given.counts,
    depth: given.depth,
    widths: given.width,
    loss: given.loss,
    bias: given.bias,
    classWeights: given.weighting === 'none' ? null : given.weighting,
    weightDecays: given.weightDecay,
    featureDecay: given.featureDecay,
  });
}

export function changeProblem(part: Partial<ProblemState>): void {
  const { problem: before, view, ...rest } = state.value;
  const next = { ...before, ...part };
  const K = next.counts.length;
  // With fewer than three classes the choice is not shown, and stays for when there are more.
  const fits = K < 3 || view.axes.every((k) => k < K);
  state.value = { ...rest, problem: next, view: fits ? view : { ...view, axes: [0, 1, 2] } };
}

export function changeTraining(part: Partial<TrainingState>): void {
  state.value = { ...state.value, training: { ...state.value.training, ...part } };
}

export function changeNetwork(network: NetworkState): void {
  state.value = { ...state.value, network };
}

export function changeView(part: Partial<ViewState>): void {
  state.value = { ...state.value, view: { ...state.value.view, ...part } };
}

/** Another part of the page, as an entry of the history. */
export function goTo(place: Place): void {
  if (state.value.place === place) return;
  leap(() => (state.value = { ...state.value, place }));
  scrollTo({ top: 0, behavior: 'instant' });
}

/** Sets all that a story sets; what it does not set, such as the view, stays. */
export function setStory(story: StoryName): void {
  const { place, network, view } = state.value;
  state.value = {
    ...state.value,
    place,
    story,
    ...storyOf(story),
    network,
    view: { ...view, axes: [0, 1, 2] },
  };
}

/** Browsers count changes of the address: it follows when the hand rests. */
const REST_MS = 200;

/** Keeps address and state in step, both ways. */
export function followAddress(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const now = state.value;
    clearTimeout(timer);
    timer = setTimeout(() => writeAddress(now, 'replaceState'), REST_MS);
  });
  // What waits to be written belongs to the entry that is left.
  addEventListener('popstate', () => clearTimeout(timer));
  addEventListener('hashchange', () => {
    const found = readHash(location.hash);
    state.value = found.state;
    complaints.value = found.complaints;
  });
}

/** What an entry of the history shows beside its state: the run that was opened in it. */
export interface Entry {
  readonly run: number;
}

/**
 * A change that leads elsewhere in one step (a preset, a story, a run): the browser's Back returns from it to what
 * was there. Sliders and the frame change their own entry of the history. With `entry` it is one of its own in any case.
 */
export function leap(change: () => void, entry?: Entry): void {
  writeAddress(state.value, 'replaceState');
  change();
  writeAddress(state.value, 'pushState', entry);
}

function writeAddress(now: LabState, how: 'replaceState' | 'pushState', entry?: Entry): void {
  const hash = hashOf(now);
  if (location.hash.replace(/^#/, '') === hash && entry === undefined) return;
  const kept: unknown = entry ?? history.state;
  history[how](kept, '', hash === '' ? location.pathname + location.search : `#${hash}`);
}

/** The address of the state as it is now. */
export function linkOf(now: LabState): string {
  const hash = hashOf(now);
  return `${location.href.replace(/#.*$/, '')}${hash === '' ? '' : `#${hash}`}`;
}
