/** What a change of the problem or the settings does to the training that is shown. */
import { computed, effect, untracked } from '@preact/signals';
import { sameHead } from '../theory/sameHead.js';
import type { PredictionFacts } from '../theory/facts.js';
import { hushIfOld } from './farewell.js';
import { moments } from './history.js';
import { prefersStill } from './player.js';
import { facts } from './predicted.js';
import { status } from './session.js';
import { state } from './store.js';
import { changeUnderWay, clear, go, isAlive } from './training.js';

interface Followed {
  readonly facts: PredictionFacts | null;
  readonly problem: string;
  readonly start: string;
  readonly method: string;
}

/**
 * Another problem goes on with the weights where the heads are alike, and so does another rate; another start is another
 * training. Records of a file stay: they are no longer compared.
 */
export function followPrediction(): void {
  const settings = computed(() => {
    const { seed, scale, learningRate, momentum } = state.value.training;
    return { start: [seed, scale].join(), method: [learningRate, momentum].join() };
  });
  const now = computed((): Followed => {
    const known = facts.value;
    return { facts: known, problem: JSON.stringify(known?.problem), ...settings.value };
  });
  let before: Followed | null = null;
  effect(() => {
    const next = now.value;
    const last = before;
    before = next;
    if (last === null) return;
    untracked(() => follow(last, next));
  });
}

function follow(last: Followed, next: Followed): void {
  const another = next.problem !== last.problem;
  const anew = next.start !== last.start;
  if (status.value === 'replay' || (!another && !anew && next.method === last.method)) return;
  // A word about a training that is long gone goes with the next change.
  if (moments.value.length === 0) hushIfOld();
  const keeps = isAlive() && !anew && last.facts !== null && next.facts !== null;
  if (keeps && sameHead(last.facts.problem, next.facts.problem))
    changeUnderWay(next.facts, 'Changed under way: the weights stay, and steps count from here.');
  else {
    clear(
      another
        ? 'The problem changed: its training was cleared.'
        : 'The start changed: the training from the one before was cleared.',
    );
    if (state.value.place === 'story' && !prefersStill()) go();
  }
}
