/**
 * Sums of products of rows with themselves, Σ AᵀA, in the precision that is asked for.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Floats, type Matrix } from '../core/matrix.js';

/** `single`: float32 products; `double`: float64. */
export type Products = 'single' | 'double';

/** Products summed in float32 before they are added up in float64: each costs one rounding, 6e-8, of random sign. */
const TOGETHER = 8;

/** Σ AᵀA over many A (n×p); in single precision a few products are summed, and those sums in float64. */
export function createGramSum(p: number, products: Products, blas: Blas) {
  const total = zeros(p, p);
  const part = products === 'single' ? allocate(products, p, p) : total;
  let pending = 0;
  const collect = (): void => {
    if (part !== total && pending > 0) addUpper(part.data, total.data, p);
    pending = 0;
  };
  return {
    add(A: Matrix<Floats>): void {
      blas.gramInto<Floats>(1, A, part === total || pending > 0 ? 1 : 0, part, 'upper');
      if (++pending === TOGETHER) collect();
    },
    result(factor: number): Matrix {
      collect();
      const S = zeros(p, p);
      for (let i = 0; i < p; i++)
        for (let j = i; j < p; j++) {
          S.data[i * p + j] = total.data[i * p + j] * factor;
          S.data[j * p + i] = S.data[i * p + j];
        }
      return S;
    },
  };
}

/** to += from over the upper triangle of p×p. */
function addUpper(from: Floats, to: Float64Array, p: number): void {
  for (let i = 0; i < p; i++) for (let j = i * p + i; j < (i + 1) * p; j++) to[j] += from[j];
}

const MOST_ROWS = 4096;
/** Bytes of a buffer of rows. */
const BUFFER = 32 * 2 ** 20;

/** How many rows of `width` numbers are multiplied at once. */
export function rowsTogether(products: Products, width: number): number {
  return Math.max(1, Math.min(MOST_ROWS, Math.floor(BUFFER / ((products === 'single' ? 4 : 8) * width))));
}

export function allocate(products: Products, rows: number, cols: number): Matrix<Floats> {
  const data = products === 'single' ? new Float32Array(rows * cols) : new Float64Array(rows * cols);
  return { data, rows, cols };
}
