/** Both sides in turn, A B A B, so that a machine that slows down or speeds up does so for both. */
import { spread } from './stats.js';

/**
 * @template A, B
 * @param {number} count
 * @param {() => Promise<A>} ours
 * @param {(() => Promise<B>) | null} theirs
 */
export async function alternate(count, ours, theirs) {
  /** @type {A[]} */
  const a = [];
  /** @type {B[]} */
  const b = [];
  for (let i = 0; i < count; i++) {
    a.push(await ours());
    if (theirs !== null) b.push(await theirs());
  }
  return { ours: a, theirs: b };
}

/** Ratio of each pair. @param {readonly number[]} over @param {readonly number[]} under */
export function ratios(over, under) {
  return spread(over.map((value, i) => value / under[i]));
}
