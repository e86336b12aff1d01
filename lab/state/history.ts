/**
 * What has been measured, step by step, and the moment of it that the page shows: the newest, or one the reader went back
 * to. A training adds to it while it runs; a run folder brings it whole.
 */
import { computed, signal } from '@preact/signals';
import type { TrainRecord } from 'collapsar/runs';
import type { MeasuredMore } from '../workers/trainMessages.js';

export interface Moment {
  readonly record: TrainRecord;
  /** What records of a file do not hold. */
  readonly more: MeasuredMore | null;
}

/** Moments of a training are kept to this many; older ones are thinned to every second. */
const MOST_MOMENTS = 600;

export const moments = signal<readonly Moment[]>([]);
/** What the reader looks back at; null: the newest, whatever comes. */
export const chosen = signal<Moment | null>(null);

export const newest = computed(() => moments.value.at(-1) ?? null);
export const shown = computed(() => chosen.value ?? newest.value);
/** Of `shown` among the moments; −1 where there are none. */
export const place = computed(() =>
  chosen.value === null ? moments.value.length - 1 : moments.value.indexOf(chosen.value),
);
export const records = computed(() => moments.value.map(({ record }) => record));

/** Adds a moment; one that is looked back at is never thinned away. */
export function remember(moment: Moment): void {
  const known = moments.value;
  if (known.at(-1)?.record.step === moment.record.step) return;
  const kept =
    known.length < MOST_MOMENTS ? known : known.filter((one, i) => i % 2 === 0 || one === chosen.value);
  moments.value = [...kept, moment];
}

/** Shows one of the moments; the last of them is the newest, which goes on being followed. */
export function choose(at: number): void {
  const all = moments.value;
  chosen.value = at >= all.length - 1 ? null : all[Math.max(0, at)];
}
