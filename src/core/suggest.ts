/** "Did you mean …?": the known word nearest to one that is not known. */
import { closest, distance } from 'fastest-levenshtein';

/** Longer words and longer lists are not compared: they come from a file, not from a hand. */
const LIMIT = 1000;

/**
 * The nearest of `known` words, or null when none is near enough to have been meant: part of one another, or a third of
 * the letters (at least two) differ. Case does not count.
 */
export function nearest(word: string, known: readonly string[]): string | null {
  const short = known.filter(({ length }) => length > 0 && length <= LIMIT).slice(0, LIMIT);
  if (short.length === 0 || word === '' || word.length > LIMIT) return null;
  const lower = short.map((name) => name.toLowerCase());
  const typed = word.toLowerCase();
  const nearestName = likeliest(typed, lower);
  const within = typed.includes(nearestName) || nearestName.includes(typed);
  const near = within || distance(typed, nearestName) <= Math.max(2, Math.floor(word.length / 3));
  return near ? short[lower.indexOf(nearestName)] : null;
}

/** Of several that are as near the first in which letters were left out or added: these are missed more often than mistaken. */
function likeliest(typed: string, known: readonly string[]): string {
  const first = closest(typed, known);
  const least = distance(typed, first);
  const ties = known.filter((name) => distance(typed, name) === least);
  return ties.find((name) => isWithin(typed, name) || isWithin(name, typed)) ?? first;
}

/** Whether the letters of one are in the other, in their order. */
function isWithin(letters: string, word: string): boolean {
  let at = 0;
  for (const letter of word) if (letter === letters[at]) at++;
  return at === letters.length;
}
