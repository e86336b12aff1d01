/**
 * ρ_k: how far the mean of a class, with a one for the bias of the first layer, is from the span of the classes that matter more.
 *
 * x̃_k = (x̄_k, 1). ρ_k is the distance of x̃_k from the span of x̃_j over the other classes with at least its share of the loss.
 * From the Gram matrix in groups of equal share, largest first: with S the Schur complement of a group over those before it,
 * ρ_k² = 1/(S⁻¹)_kk; for distinct shares these are the squared diagonal of a Cholesky factor.
 *
 * Limits: the Gram matrix squares the condition, so a ρ below 1e-5 of the length of x̃_k cannot be told from zero; it is zero.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';

/** Squares of lengths below this part of the largest are rounding. */
const NOTHING = 1e-10;

/** ρ, K of them; 0 where a mean lies in the span. means: K×D; shares: ω_k, equal ones stand together. */
export function distancesOfMeans(means: Matrix, shares: readonly number[], blas: Blas): number[] {
  const K = means.rows;
  const G = gramOfMeans(means, blas);
  const lengths = Array.from({ length: K }, (_, k) => G.data[k * K + k]);
  const distances = new Array<number>(K).fill(0);
  let rest = Array.from({ length: K }, (_, k) => k).sort((a, b) => shares[b] - shares[a]);
  while (rest.length > 0) {
    const group = rest.filter((k) => shares[k] === shares[rest[0]]);
    rest = rest.slice(group.length);
    const { values, vectors } = blas.eigenSymmetric(blockOf(G, group, group));
    const size = group.length;
    const floor = NOTHING * Math.max(...group.map((k) => lengths[k]));
    const [inverse, within] = [new Array<number>(size).fill(0), new Array<number>(size).fill(0)];
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const square = vectors.data[i * size + j] ** 2;
        if (values[j] > floor) inverse[i] += square / values[j];
        else within[i] += square;
      }
    // A class with a part in the null space is a combination of the others of its group.
    group.forEach((k, i) => (distances[k] = within[i] > NOTHING ? 0 : Math.sqrt(1 / inverse[i])));
    eliminate(G, group, rest, values, vectors, floor);
  }
  return distances;
}

/** x̃_jᵀx̃_k, K×K. */
function gramOfMeans(means: Matrix, blas: Blas): Matrix {
  const G = zeros(means.rows, means.rows);
  blas.gemm('N', 'T', 1, means, means, 0, G);
  for (let i = 0; i < G.data.length; i++) G.data[i] += 1;
  return G;
}

function blockOf(G: Matrix, rows: readonly number[], cols: readonly number[]): Matrix {
  const block = zeros(rows.length, cols.length);
  rows.forEach((r, i) => cols.forEach((c, j) => (block.data[i * cols.length + j] = G.data[r * G.cols + c])));
  return block;
}

/** Takes the span of a group out of the classes that are left: G_rr −= G_rg S⁺ G_gr. */
function eliminate(
  G: Matrix,
  group: readonly number[],
  rest: readonly number[],
  values: Float64Array,
  vectors: Matrix,
  floor: number,
): void {
  const K = G.cols;
  const size = group.length;
  for (let j = 0; j < size; j++) {
    if (!(values[j] > floor)) continue;
    const along = rest.map((r) =>
      group.reduce((sum, g, i) => sum + vectors.data[i * size + j] * G.data[r * K + g], 0),
    );
    rest.forEach((r, a) => {
      const factor = along[a] / values[j];
      rest.forEach((c, b) => (G.data[r * K + c] -= factor * along[b]));
    });
  }
}
