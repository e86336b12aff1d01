/** A snapshot of a training for the measures, from the reduced columns. */
import type { Blas } from '../core/blas.js';
import { copy, zeros, type Matrix } from '../core/matrix.js';
import { broughtIntoRange, classifierOf, createDeviationPass } from '../metrics/index.js';
import { samplesOf, type ClassStatistics, type Head, type Problem, type Snapshot } from '../model/index.js';
import { expandColumns, type ReducedColumns } from './columns.js';
import type { Parameters } from './objective.js';

/**
 * Class means and Σ_W come from the reduced columns; `samples` expands them to all N for what only single samples tell
 * (per-class variances, NC4, accuracy), where their basis was kept. Columns beyond the safe range are divided by a power of two
 * first, the `exponent` of the statistics, so that no square is lost.
 */
export function takeSnapshot(
  problem: Problem,
  reduced: ReducedColumns,
  parameters: Parameters,
  blas: Blas,
  detail: 'classes' | 'samples',
): Snapshot {
  const { weights, bias } = parameters;
  const { scaled: columns, exponent } = broughtIntoRange(parameters.columns);
  const K = problem.counts.length;
  const head: Head = { weights: weights.map(copy), bias: bias === null ? null : bias.slice() };
  const statistics = { ...statisticsOf(problem, reduced, columns), exponent };
  if (detail === 'classes' || reduced.basis === null) return { statistics, head, agreement: null };
  const pass = createDeviationPass({
    statistics,
    classifier: classifierOf(head, columns.rows, K, blas),
    products: 'double',
    blas,
  });
  const { features, labels } = expandColumns(reduced, columns, blas);
  pass.add(features, labels);
  const moments = pass.result();
  return {
    statistics: { ...statistics, variances: moments.statistics.variances },
    head,
    agreement: moments.agreement,
  };
}

/** Means and Σ_W of columns that stand for samples as `reduced` says. */
export function statisticsOf(problem: Problem, { basis }: ReducedColumns, columns: Matrix): ClassStatistics {
  return basis === 'samples' ? statisticsOfSamples(problem, columns) : statisticsOfColumns(problem, columns);
}

/** From √n_k·h̄_k and the deviations, d×(K + r). */
function statisticsOfColumns(problem: Problem, columns: Matrix): ClassStatistics {
  const K = problem.counts.length;
  const d = columns.rows;
  const r = columns.cols - K;
  const means = zeros(K, d);
  const X = zeros(r, d);
  const scale = 1 / Math.sqrt(samplesOf(problem));
  for (let i = 0; i < d; i++) {
    const row = i * columns.cols;
    for (let k = 0; k < K; k++) means.data[k * d + i] = columns.data[row + k] / Math.sqrt(problem.counts[k]);
    for (let j = 0; j < r; j++) X.data[j * d + i] = columns.data[row + K + j] * scale;
  }
  return describe(problem, means, X);
}

/** From the samples themselves, d×N, class after class. */
function statisticsOfSamples(problem: Problem, columns: Matrix): ClassStatistics {
  const { rows: d, cols: N } = columns;
  const means = zeros(problem.counts.length, d);
  const X = zeros(N, d);
  const scale = 1 / Math.sqrt(N);
  for (let i = 0; i < d; i++) {
    let first = 0;
    problem.counts.forEach((n, k) => {
      const row = columns.data.subarray(i * N + first, i * N + first + n);
      let mean = 0;
      for (const value of row) mean += value / n;
      means.data[k * d + i] = mean;
      for (let j = 0; j < n; j++) X.data[(first + j) * d + i] = (row[j] - mean) * scale;
      first += n;
    });
  }
  return describe(problem, means, X);
}

function describe({ counts }: Problem, means: Matrix, X: Matrix): ClassStatistics {
  let withinTrace = 0;
  for (const value of X.data) withinTrace += value * value;
  return { counts, means, variances: null, withinTrace, within: { kind: 'factor', X } };
}
