/** What became of the training or replay before, in a sentence that stays until the next one. */
import { signal } from '@preact/signals';

export const farewell = signal<string | null>(null);

/** Long enough to be read while a slider still moves. */
const LEAST_MS = 5000;
let saidAt = 0;

export function say(word: string | null): void {
  farewell.value = word;
  saidAt = performance.now();
}

/** Takes a word back that has been there for long. */
export function hushIfOld(): void {
  if (performance.now() - saidAt > LEAST_MS) farewell.value = null;
}
