/** The free orthonormal bases Q_m of an explicit minimiser. */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import type { Random } from '../core/random.js';

/** width×rank with orthonormal columns: the first columns of the identity, or, with `random`, a random basis. */
export function orthonormal(width: number, rank: number, blas: Blas, random: Random | undefined): Matrix {
  const Q = zeros(width, rank);
  if (random !== undefined) {
    random.normalsInto(Q.data, 1);
    return blas.qr(Q).Q;
  }
  for (let i = 0; i < rank; i++) Q.data[i * rank + i] = 1;
  return Q;
}
