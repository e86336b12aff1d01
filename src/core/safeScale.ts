/**
 * Factorisations of matrices whose squares leave the range of float64: scaled by a power of two first, which rounds nothing.
 *
 * LAPACK does this itself where its iterations need it; the portable methods square and sum as they stand.
 */
import type { Matrix } from './matrix.js';

/** Squares of entries between these are far from both ends of the range, for sums of up to 2⁴⁰⁰ of them. */
const [SMALL, LARGE] = [2 ** -300, 2 ** 300];

/** The power of two to divide A by; 1 where its largest entry is of a usual size, or none is. Entries must be finite. */
export function safeScale({ data }: Matrix): number {
  let largest = 0;
  for (let i = 0; i < data.length; i++) largest = Math.max(largest, Math.abs(data[i]));
  if (largest === 0 || (largest >= SMALL && largest <= LARGE)) return 1;
  return 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
}

/** A / scale; A itself for 1. */
export function dividedBy(A: Matrix, scale: number): Matrix {
  return scale === 1 ? A : { ...A, data: A.data.map((value) => value / scale) };
}
