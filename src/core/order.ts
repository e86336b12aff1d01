/**
 * The order in which samples are seen: shuffles and blocks of indices.
 *
 * Source: Fisher and Yates's shuffle in Durstenfeld's form. A place is ⌊u·n⌋ with u of 53 bits, so no place is preferred by
 * more than n/2^53 of its probability.
 */
import { refuse } from './errors.js';
import type { Random } from './random.js';

/** Shuffles in place, every order equally likely, and gives its argument. Draws length − 1 uniform numbers. */
export function shuffle(values: Int32Array, random: Random): Int32Array {
  for (let last = values.length - 1; last > 0; last--) {
    const other = Math.floor(random.uniform() * (last + 1));
    const value = values[other];
    values[other] = values[last];
    values[last] = value;
  }
  return values;
}

/** 0 … n−1 in random order. Throws an argument error unless n is a whole number from 0 to 2^31 − 1. */
export function shuffledOrder(n: number, random: Random): Int32Array {
  if (!Number.isSafeInteger(n) || n < 0 || n >= 2 ** 31)
    refuse('order', 'a whole number of samples below 2^31', n);
  return shuffle(
    Int32Array.from({ length: n }, (_, i) => i),
    random,
  );
}

/**
 * Cuts an order into blocks of `size`, the last one smaller where it does not divide; the blocks are views. Throws an
 * argument error unless the size is a positive whole number.
 */
export function indexBlocks(order: Int32Array, size: number): Iterable<Int32Array> {
  if (!Number.isSafeInteger(size) || size < 1) refuse('batch size', 'a positive whole number', size);
  return {
    *[Symbol.iterator]() {
      for (let start = 0; start < order.length; start += size) yield order.subarray(start, start + size);
    },
  };
}
