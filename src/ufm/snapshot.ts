/** A snapshot of a training for the measures, from the reduced columns. */
import type { Blas } from '../core/blas.js';
import { copy, zeros } from '../core/matrix.js';
import { classifierOf, createDeviationPass } from '../metrics/index.js';
import { samplesOf, type ClassStatistics, type Head, type Problem, type Snapshot } from '../model/index.js';
import { expandColumns, type ReducedColumns } from './columns.js';
import type { Parameters } from './objective.js';

/**
 * Class means and Σ_W come from the reduced columns; `samples` expands them to all N for what only single samples tell
 * (per-class variances, NC4, accuracy), where their basis was kept.
 */
export function takeSnapshot(
  problem: Problem,
  reduced: ReducedColumns,
  parameters: Parameters,
  blas: Blas,
  detail: 'classes' | 'samples',
): Snapshot {
  const { columns, weights, bias } = parameters;
  const K = problem.counts.length;
  const N = samplesOf(problem);
  const d = columns.rows;
  const r = columns.cols - K;
  const means = zeros(K, d);
  const X = zeros(r, d);
  let withinTrace = 0;
  for (let i = 0; i < d; i++) {
    const row = i * columns.cols;
    for (let k = 0; k < K; k++) means.data[k * d + i] = columns.data[row + k] / Math.sqrt(problem.counts[k]);
    for (let j = 0; j < r; j++) {
      const value = columns.data[row + K + j] / Math.sqrt(N);
      X.data[j * d + i] = value;
      withinTrace += value * value;
    }
  }
  const head: Head = { weights: weights.map(copy), bias: bias === null ? null : bias.slice() };
  const statistics: ClassStatistics = {
    counts: problem.counts,
    means,
    variances: null,
    withinTrace,
    within: { kind: 'factor', X },
  };
  if (detail === 'classes' || reduced.basis === null) return { statistics, head, agreement: null };
  const pass = createDeviationPass({
    statistics,
    classifier: classifierOf(head, d, K, blas),
    products: 'double',
    blas,
  });
  const { features, labels } = expandColumns(reduced, columns, blas);
  pass.add(features, labels);
  const found = pass.result();
  return {
    statistics: { ...statistics, variances: found.statistics.variances },
    head,
    agreement: found.agreement,
  };
}
