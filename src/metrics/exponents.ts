/**
 * Powers of two that keep squares and products within the range of float64.
 *
 * Most measures do not change when all features, or a layer of the head, are multiplied by a number. Where the largest entry lies
 * outside [2^−200, 2^200] its fourth power would come near the end of the range (2^−1022 to 2^1024); such numbers are measured
 * divided by a power of two, which rounds nothing, and what has a scale (norms, Gram matrices) is multiplied by it again.
 */
import type { Floats, Matrix } from '../core/matrix.js';
import type { ClassStatistics, MeasuredFrame, WithinScatter } from '../model/index.js';

const SAFE_EXPONENT = 200;

/** The largest finite |x|. */
export function largestSize(values: Floats): number {
  let largest = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > largest && size < Infinity) largest = size;
  }
  return largest;
}

/** e with 2^e ≤ `largest` < 2^(e+1) where that is outside the safe range; 0 within it, and for 0 and Infinity. */
export function exponentBeyond(largest: number): number {
  if (!(largest > 0) || largest === Infinity) return 0;
  const exponent = Math.floor(Math.log2(largest));
  return Math.abs(exponent) <= SAFE_EXPONENT ? 0 : exponent;
}

/** x·2^e for any whole e; ±Infinity or 0 where that is beyond float64. */
export function timesPowerOfTwo(x: number, e: number): number {
  let [value, rest] = [x, e];
  for (; rest > 1000; rest -= 1000) value *= 2 ** 1000;
  for (; rest < -1000; rest += 1000) value *= 2 ** -1000;
  return value * 2 ** rest;
}

/** A·2^e, in new storage unless e = 0. */
export function scaledMatrix(A: Matrix, e: number): Matrix {
  return e === 0 ? A : { ...A, data: A.data.map((value) => timesPowerOfTwo(value, e)) };
}

/** A·2^−e and the e that brings A into the safe range. */
export function broughtIntoRange(A: Matrix): { readonly scaled: Matrix; readonly exponent: number } {
  const exponent = exponentBeyond(largestSize(A.data));
  return { scaled: scaledMatrix(A, -exponent), exponent };
}

/** Statistics within the safe range: of the features times 2^−exponent, `exponent` being set. */
export function statisticsInRange(
  statistics: ClassStatistics,
): ClassStatistics & { readonly exponent: number } {
  const { means, variances, withinTrace, within, exponent: before = 0 } = statistics;
  const largest = Math.max(largestSize(means.data), Math.sqrt(withinTrace) || 0);
  const more = exponentBeyond(largest);
  if (more === 0) return { ...statistics, exponent: before };
  return {
    counts: statistics.counts,
    means: scaledMatrix(means, -more),
    variances: variances === null ? null : variances.map((value) => timesPowerOfTwo(value, -2 * more)),
    withinTrace: timesPowerOfTwo(withinTrace, -2 * more),
    within: within === null ? null : scaledScatter(within, -more),
    exponent: before + more,
  };
}

/** Σ_W of the features times 2^e. */
function scaledScatter(within: WithinScatter, e: number): WithinScatter {
  switch (within.kind) {
    case 'factor':
      return { kind: 'factor', X: scaledMatrix(within.X, e) };
    case 'full':
      return { kind: 'full', S: scaledMatrix(within.S, 2 * e) };
    case 'projected':
      return { kind: 'projected', basis: within.basis, S: scaledMatrix(within.S, 2 * e) };
    default:
      return within satisfies never;
  }
}

/** LRᵀ·2^(l + r), with the factors L·2^l and R·2^r where they are at hand. Entries beyond float64 are ±Infinity or 0. */
export function scaledFrame(frame: MeasuredFrame, l: number, r: number): MeasuredFrame {
  const e = l + r;
  switch (frame.kind) {
    case 'diagonal':
      return { kind: 'diagonal', entries: frame.entries.map((value) => timesPowerOfTwo(value, e)) };
    case 'dense':
      return { kind: 'dense', matrix: scaledMatrix(frame.matrix, e) };
    case 'product':
      return {
        kind: 'product',
        left: scaledMatrix(frame.left, l),
        right: scaledMatrix(frame.right, r),
        columns: (first, count, from) => scaledMatrix(frame.columns(first, count, from), e),
      };
    default:
      return frame satisfies never;
  }
}
