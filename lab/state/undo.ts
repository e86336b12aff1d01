/** Takes back changes of the problem and the training: a gesture at a time, however many values it passed. */
import { computed, effect, signal, untracked } from '@preact/signals';
import type { LabState } from '../link/labState.js';
import { state } from './store.js';

type Step = Pick<LabState, 'problem' | 'training' | 'story'>;

/** Changes that follow each other faster are one gesture. */
const GESTURE_MS = 700;
const MOST = 50;

const past = signal<readonly Step[]>([]);
export const canUndo = computed(() => past.value.length > 0);

let current: Step | null = null;
let changedAt = -Infinity;
let undoing = false;

/** Remembers from now on. A change of story begins anew: what was before it belongs to another page of the book. */
export function followChanges(): void {
  effect(() => {
    const { problem, training, story } = state.value;
    const before = current;
    current = { problem, training, story };
    if (before === null || undoing) return;
    if (before.problem === problem && before.training === training) return;
    untracked(() => {
      const now = performance.now();
      const sameGesture = now - changedAt < GESTURE_MS;
      changedAt = now;
      if (before.story !== story) past.value = [];
      else if (!sameGesture || past.value.length === 0) past.value = [...past.value, before].slice(-MOST);
    });
  });
}

export function undo(): void {
  const last = past.value.at(-1);
  if (last === undefined) return;
  undoing = true;
  past.value = past.value.slice(0, -1);
  const K = last.problem.counts.length;
  const { view } = state.value;
  state.value = {
    ...state.value,
    ...last,
    view: view.axes.every((k) => k < K) ? view : { ...view, axes: [0, 1, 2] },
  };
  undoing = false;
  changedAt = -Infinity;
}
