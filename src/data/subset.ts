/**
 * Which samples of a data set to train on: counts per class. A sample is in the subset once or not at all.
 */
import { refuse, refuseShape } from '../core/errors.js';
import { createRandom } from '../core/random.js';
import { shuffle } from '../core/order.js';

/** Labels and what messages call them: an ImageSet is one. */
export interface Labelled {
  readonly name: string;
  /** N of 0 … K−1. */
  readonly labels: Int32Array;
  /** K names. */
  readonly classNames: readonly string[];
}

/**
 * How to take n_k of a class: its first n_k in file order, or n_k drawn uniformly without replacement. For one seed a
 * draw of more holds that of fewer, whatever the other classes' counts are.
 */
export type Choice = { readonly kind: 'first-come' } | { readonly kind: 'seeded'; readonly seed: number };

/** Chosen samples. */
export interface Subset {
  /** Places in the data set, rising. */
  readonly indices: Int32Array;
  /** n_k, K of them. */
  readonly counts: readonly number[];
}

/** How many samples each class has. */
export function classCounts(set: Labelled): number[] {
  const counts = new Array<number>(set.classNames.length).fill(0);
  for (const label of set.labels) counts[label]++;
  return counts;
}

/**
 * Takes counts[k] samples of class k. Throws a dimension error where there is not one count a class, and an argument
 * error naming the class for a count that is not a positive whole number or beyond what the class has.
 */
export function chooseSamples(set: Labelled, counts: readonly number[], choice: Choice): Subset {
  const { name, classNames } = set;
  const classes = classNames.length;
  if (counts.length !== classes)
    refuseShape(`${name}, subset`, `a count for each of ${classes} classes`, `${counts.length} counts`);
  const held = classCounts(set);
  counts.forEach((count, k) => {
    const where = `${name}, class ${k} (${classNames[k]})`;
    if (!Number.isSafeInteger(count) || count < 1) refuse(where, 'a positive whole number of samples', count);
    if (count > held[k]) refuse(where, `at most the ${held[k]} samples that it has`, count);
  });
  const indices =
    choice.kind === 'first-come'
      ? firstOfEach(set.labels, counts)
      : drawn(set.labels, held, counts, choice.seed);
  return { indices, counts: [...counts] };
}

/** The first `limit` samples of each class, or all where it has fewer. Throws an argument error for a bad limit. */
export function limitPerClass(set: Labelled, limit: number): Subset {
  if (!Number.isSafeInteger(limit) || limit < 1)
    refuse(`${set.name}, limit`, 'a positive whole number of samples per class', limit);
  const counts = classCounts(set).map((count) => Math.min(count, limit));
  return { indices: firstOfEach(set.labels, counts), counts };
}

function firstOfEach(labels: Int32Array, counts: readonly number[]): Int32Array {
  const remaining = [...counts];
  const indices = new Int32Array(total(counts));
  let filled = 0;
  for (let i = 0; i < labels.length && filled < indices.length; i++) {
    const k = labels[i];
    if (remaining[k] === 0) continue;
    remaining[k]--;
    indices[filled++] = i;
  }
  return indices;
}

/** Each class is shuffled whole, in the order of the classes, so a class's draw does not hang on the counts of others. */
function drawn(
  labels: Int32Array,
  held: readonly number[],
  counts: readonly number[],
  seed: number,
): Int32Array {
  const random = createRandom(seed);
  const members = held.map((count) => new Int32Array(count));
  const filled = held.map(() => 0);
  for (let i = 0; i < labels.length; i++) members[labels[i]][filled[labels[i]]++] = i;
  const indices = new Int32Array(total(counts));
  let at = 0;
  members.forEach((places, k) => {
    indices.set(shuffle(places, random).subarray(0, counts[k]), at);
    at += counts[k];
  });
  return indices.sort();
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
