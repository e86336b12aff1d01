/**
 * Plays the moments that were measured, one after the other: only steps that were measured are ever shown, none between
 * them. Who prefers reduced motion is taken to the end at once.
 */
import { batch, signal } from '@preact/signals';
import { choose, chosen, moments, place } from './history.js';

export const playing = signal(false);

/** All moments take this long, but few of them do not rush by. */
const SECONDS = 10;
const FEWEST_A_SECOND = 4;
/** A page that was out of sight goes on from where it was. */
const LONGEST_FRAME_S = 0.1;

let frame = 0;

export function prefersStill(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** From the moment that is shown; from the first where that is the last. */
export function play(): void {
  const last = moments.value.length - 1;
  if (last < 1) return;
  if (prefersStill()) {
    choose(last);
    return;
  }
  const pace = Math.max(FEWEST_A_SECOND, (last + 1) / SECONDS);
  let at = place.value >= last ? 0 : place.value;
  let before: number | null = null;
  batch(() => {
    playing.value = true;
    choose(Math.floor(at));
  });
  const next = (now: number): void => {
    at += pace * Math.min(LONGEST_FRAME_S, before === null ? 0 : (now - before) / 1000);
    before = now;
    if (Math.floor(at) !== place.value) choose(Math.floor(at));
    if (chosen.value === null) stop();
    else frame = requestAnimationFrame(next);
  };
  frame = requestAnimationFrame(next);
}

export function stop(): void {
  cancelAnimationFrame(frame);
  playing.value = false;
}
