/**
 * The largest ‖Gh‖ over unit vectors h, all of them or those with h ≥ 0: what a dual bound asks to be at most √(λ_Wλ_H).
 *
 * For h ≥ 0, ‖Gh‖² = Σ_ij h_i h_j ⟨g_i, g_j⟩ only grows where negative products of columns are left out, so the largest
 * eigenvalue of what is left bounds it; where no two columns have a positive product it is the longest column, exactly.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { FeatureSign } from '../model/index.js';

/** Exact for `free`; an upper bound for `nonnegative`. G: q×K. */
export function dualNorm(G: Matrix, sign: FeatureSign, blas: Blas): number {
  let largest = 0;
  for (const value of G.data) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) return 0;
  const scaled = { ...G, data: G.data.map((value) => value / largest) };
  const gram = zeros(G.cols, G.cols);
  blas.gramInto(1, scaled, 0, gram);
  if (sign === 'nonnegative')
    for (let i = 0; i < gram.data.length; i++) gram.data[i] = Math.max(0, gram.data[i]);
  const { values } = blas.eigenSymmetric(gram);
  return largest * Math.sqrt(Math.max(0, values[values.length - 1]));
}
