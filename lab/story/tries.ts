/** Starts that a visitor has tried on one problem: which were trapped and which found the minimum, as the trainings ended. */
import { computed, effect, signal } from '@preact/signals';
import { newest } from '../state/history.js';
import { status } from '../state/session.js';
import { state } from '../state/store.js';

export interface Try {
  readonly scale: number;
  readonly reached: boolean;
}

const all = signal<readonly (Try & { readonly of: string })[]>([]);

/** All but the size of the start. */
const experiment = computed(() => {
  const { problem, training } = state.value;
  return JSON.stringify({ ...problem, ...training, scale: null });
});

export const tries = computed((): readonly Try[] => all.value.filter(({ of }) => of === experiment.value));

/** Remembers from now on; returns what ends it. Weights that went on under another problem had no start of their own. */
export function followTries(): () => void {
  return effect(() => {
    const reached = newest.value?.more?.verdict.held ?? null;
    if (status.value !== 'finished' || reached === null) return;
    const [of, scale] = [experiment.peek(), state.peek().training.scale];
    const others = all.peek().filter((known) => known.of !== of || known.scale !== scale);
    all.value = [...others, { of, scale, reached }];
  });
}

/** Between the largest start that was trapped and the smallest above it that was not; null for what no try has shown. */
export function edgeOf(tried: readonly Try[]): {
  readonly trapped: number | null;
  readonly reached: number | null;
} {
  const trapped = Math.max(-Infinity, ...tried.filter((one) => !one.reached).map(({ scale }) => scale));
  const above = tried.filter((one) => one.reached && one.scale > trapped).map(({ scale }) => scale);
  return {
    trapped: trapped > 0 ? trapped : null,
    reached: above.length > 0 ? Math.min(...above) : null,
  };
}
