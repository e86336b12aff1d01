/**
 * Features that must not be negative: projected after every step of gradient descent, and as squares y² for L-BFGS, which knows no
 * bounds. Entries [from, to) of a flat vector of parameters are the columns of H.
 */
import type { Problem } from '../model/index.js';
import type { Parameters } from './objective.js';

export interface ColumnRange {
  readonly from: number;
  readonly to: number;
}

/** Where the columns of H lie; empty where features may have any sign. */
export function boundedRange({ featureSign }: Problem, { weights, columns }: Parameters): ColumnRange {
  const from = weights.reduce((sum, { data }) => sum + data.length, 0);
  return { from, to: featureSign === 'nonnegative' ? from + columns.data.length : from };
}

/** Sets negative entries of the range between `start` and `end` to 0. */
export function projectInto(flat: Float64Array, { from, to }: ColumnRange, start: number, end: number): void {
  for (let i = Math.max(from, start); i < Math.min(to, end); i++) if (flat[i] < 0) flat[i] = 0;
}

/** ‖∇F‖² without the entries that press against the bound. */
export function freeSquare(flat: Float64Array, gradient: Float64Array, { from, to }: ColumnRange): number {
  let sum = 0;
  for (let i = 0; i < gradient.length; i++) {
    const held = i >= from && i < to && flat[i] <= 0 && gradient[i] > 0;
    if (!held) sum += gradient[i] * gradient[i];
  }
  return sum;
}

/** y of x = y² on the range, x itself elsewhere. */
export function rootsOf(flat: Float64Array, { from, to }: ColumnRange): Float64Array {
  return flat.map((value, i) => (i >= from && i < to ? Math.sqrt(Math.max(0, value)) : value));
}

/** x of y into `flat`. */
export function squaresInto(y: Float64Array, flat: Float64Array, { from, to }: ColumnRange): void {
  flat.set(y);
  for (let i = from; i < to; i++) flat[i] = y[i] * y[i];
}

/** Turns ∂F/∂x into ∂F/∂y in place. */
export function slopeOfRoots(y: Float64Array, gradient: Float64Array, { from, to }: ColumnRange): void {
  for (let i = from; i < to; i++) gradient[i] *= 2 * y[i];
}

/** Entries of a start as a bound of 0 asks for them: their sizes. */
export function sizesInto({ featureSign }: Problem, values: Float64Array): void {
  if (featureSign === 'nonnegative') for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i]);
}
