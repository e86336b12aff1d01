/**
 * Snapshots of z_m = W_m … W_1h for m = 1 … M, each with what is left of the head; z_M, the logits without bias, with none. The
 * reduced columns of z_m are W_m … W_1 times those of the features.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { broughtIntoRange } from '../metrics/index.js';
import type { Head, Problem, Snapshot } from '../model/index.js';
import { variancesOfDeviations, type ReducedColumns } from './columns.js';
import type { Parameters } from './objective.js';
import { statisticsOf } from './snapshot.js';

/** What single samples tell is left out, but for the variances of classes, where samples are kept. */
export function takeLayerSnapshots(
  problem: Problem,
  reduced: ReducedColumns,
  { columns, weights, bias }: Parameters,
  blas: Blas,
): Snapshot[] {
  let { scaled: Z, exponent } = broughtIntoRange(columns);
  return weights.map((W, i): Snapshot => {
    const next = zeros(W.rows, Z.cols);
    blas.gemm('N', 'N', 1, W, Z, 0, next);
    const inRange = broughtIntoRange(next);
    Z = inRange.scaled;
    exponent += inRange.exponent;
    const statistics = { ...statisticsOf(problem, reduced, Z), exponent };
    const rest = weights.slice(i + 1);
    const head: Head | null = rest.length === 0 ? null : { weights: rest, bias };
    const variances = statistics.variances ?? variancesOf(reduced, Z, statistics.means, blas);
    return { statistics: { ...statistics, variances }, head, agreement: null };
  });
}

/** v_k, from the samples. means: K×d. */
function variancesOf(
  reduced: ReducedColumns,
  columns: Matrix,
  means: Matrix,
  blas: Blas,
): Float64Array | null {
  const { counts, basis } = reduced;
  if (basis === null) return null;
  if (basis !== 'samples') return variancesOfDeviations(reduced, basis, columns, blas);
  const [d, N] = [columns.rows, columns.cols];
  let first = 0;
  return Float64Array.from(counts, (n, k) => {
    let square = 0;
    for (let r = 0; r < d; r++)
      for (let i = first; i < first + n; i++)
        square += (columns.data[r * N + i] - means.data[k * d + r]) ** 2;
    first += n;
    return square / n;
  });
}
