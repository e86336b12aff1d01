/** Plays the files of a series, one after the other. Who prefers reduced motion is taken to the last at once. */
import { signal } from '@preact/signals';
import { file, series, showFile } from './measuring.js';
import { prefersStill } from './player.js';

export const playingSeries = signal(false);

const EACH_MS = 700;
let timer: ReturnType<typeof setInterval> | undefined;

/** From the file that is shown; from the first where that is the last. */
export function playSeries(): void {
  const last = series.value.length - 1;
  if (prefersStill()) {
    showFile(last);
    return;
  }
  const at = series.value.findIndex((one) => one === file.value);
  let next = at >= last ? 0 : at + 1;
  playingSeries.value = true;
  showFile(next);
  timer = setInterval(() => {
    next++;
    showFile(next);
    if (next >= last) stopSeries();
  }, EACH_MS);
}

export function stopSeries(): void {
  clearInterval(timer);
  playingSeries.value = false;
}
