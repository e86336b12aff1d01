/**
 * The measures a second, deliberately plain way: explicit d×d matrices, explicit pseudo-inverses, arrays of arrays,
 * every definition written out as in the papers. Slow, small, and sharing no code with src/metrics.
 */
import { portableBlas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import { fromRows, zeros, type Matrix } from '../../src/core/matrix.js';
import type { Head } from '../../src/model/index.js';

export interface Samples {
  /** N×d. */
  readonly features: Matrix;
  readonly labels: Int32Array;
  readonly K: number;
}

/** Gaussian clouds around Gaussian class means, the labels shuffled. */
export function clouds(options: {
  counts: readonly number[];
  d: number;
  seed: number;
  spread?: number;
  offset?: number;
  /** Size of the class means themselves. */
  size?: number;
}): Samples {
  const { counts, d, seed, spread = 0.3, offset = 0, size = 1 } = options;
  const random = createRandom(seed);
  const K = counts.length;
  const means = random.normalsInto(new Float64Array(K * d), size);
  const labels = Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)));
  for (let i = labels.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [labels[i], labels[j]] = [labels[j], labels[i]];
  }
  const features = zeros(labels.length, d);
  random.normalsInto(features.data, spread);
  labels.forEach((y, i) => {
    for (let j = 0; j < d; j++) features.data[i * d + j] += means[y * d + j] + offset;
  });
  return { features, labels, K };
}

/** A random head with the given widths d_0 … d_M. */
export function randomHead(widths: readonly number[], seed: number, bias: boolean): Head {
  const random = createRandom(seed);
  const weights = widths.slice(1).map((rows, m) => ({
    data: random.normalsInto(new Float64Array(rows * widths[m]), 1),
    rows,
    cols: widths[m],
  }));
  const K = widths[widths.length - 1];
  return { weights, bias: bias ? random.normalsInto(new Float64Array(K), 1) : null };
}

export type Rows = number[][];

export function toRows(A: Matrix): Rows {
  return Array.from({ length: A.rows }, (_, i) => Array.from(A.data.subarray(i * A.cols, (i + 1) * A.cols)));
}

export const times = (A: Rows, B: Rows): Rows =>
  A.map((row) => B[0].map((_, j) => row.reduce((sum, a, l) => sum + a * B[l][j], 0)));
export const turn = (A: Rows): Rows => A[0].map((_, j) => A.map((row) => row[j]));
export const dot = (a: number[], b: number[]) => a.reduce((sum, x, j) => sum + x * b[j], 0);
export const minus = (a: number[], b: number[]) => a.map((x, j) => x - b[j]);
export const norm = (a: number[]) => Math.sqrt(dot(a, a));
export const frobenius = (A: Rows) => norm(A.flat());

/** Pseudo-inverse of a symmetric positive matrix, eigenvalues below 1e-11 of the largest being zero. */
export function pinv(A: Rows): Rows {
  const { values, vectors } = portableBlas.eigenSymmetric(fromRows(A));
  const V = toRows(vectors);
  const largest = Math.max(...values);
  return times(
    V.map((row) => row.map((v, i) => (values[i] > 1e-11 * largest ? v / values[i] : 0))),
    turn(V),
  );
}

/** ‖A/‖A‖ − F/‖F‖‖. */
export function apart(A: Rows, F: Rows): number {
  const [a, f] = [frobenius(A), frobenius(F)];
  return frobenius(A.map((row, i) => row.map((x, j) => x / a - F[i][j] / f)));
}

/** All measures; `globalMean` is that of the snapshot. */
export function naiveMeasures(
  samples: Samples,
  head: Head | null,
  globalMean: 'samples' | 'classes' = 'samples',
) {
  const X = toRows(samples.features);
  const { labels, K } = samples;
  const [N, d] = [X.length, X[0].length];
  const of = (k: number) => X.filter((_, i) => labels[i] === k);
  const mean = (rows: Rows) =>
    rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  const classes = Array.from({ length: K }, (_, k) => of(k));
  const counts = classes.map((rows) => rows.length);
  const means = classes.map(mean);
  const centre = globalMean === 'samples' ? mean(X) : mean(means);
  const centred = means.map((row) => minus(row, centre));
  const deviations = X.map((row, i) => minus(row, means[labels[i]]));
  const square = (rows: Rows, weight: (i: number) => number) =>
    Array.from({ length: d }, (_, a) =>
      Array.from({ length: d }, (_, b) => rows.reduce((sum, row, i) => sum + weight(i) * row[a] * row[b], 0)),
    );
  const within = square(deviations, () => 1 / N);
  const unweighted = square(centred, () => 1 / K);
  const weighted = square(centred, (k) => counts[k] / N);
  const trace = (A: Rows) => A.reduce((sum, row, i) => sum + row[i], 0);
  const variances = classes.map((rows, k) =>
    rows.reduce((sum, row) => sum + norm(minus(row, means[k])) ** 2 / rows.length, 0),
  );
  const pairs = means.flatMap((_, k) => means.slice(k + 1).map((_, l) => [k, k + 1 + l] as const));
  const average = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const cosines = pairs.map(([k, l]) => dot(centred[k], centred[l]) / norm(centred[k]) / norm(centred[l]));
  const sd = (values: number[]) => Math.sqrt(average(values.map((x) => (x - average(values)) ** 2)));
  const norms = centred.map(norm);
  const gram = (A: Rows) => times(A, turn(A));
  const identity = means.map((_, k) => means.map((_, l) => (k === l ? 1 : 0)));
  const etf = identity.map((row) => row.map((x) => x - 1 / K));
  const P = head?.weights.map(toRows).reduce((below, W) => times(W, below)) ?? null;
  const argmax = (values: number[]) => values.indexOf(Math.max(...values));
  const named = P === null ? null : X.map((x) => argmax(P.map((p, k) => dot(p, x) + (head?.bias?.[k] ?? 0))));
  const nearest = X.map((x) => argmax(means.map((m) => -(norm(minus(x, m)) ** 2))));
  const share = (test: (i: number) => boolean) => X.filter((_, i) => test(i)).length / N;
  return {
    counts,
    means,
    variances,
    within,
    nc1: {
      pinv: trace(times(within, pinv(unweighted))) / K,
      pinvWeighted: trace(times(within, pinv(weighted))) / K,
      quotient: trace(within) / trace(unweighted),
    },
    cdnv: average(
      pairs.map(([k, l]) => (variances[k] + variances[l]) / (2 * norm(minus(means[k], means[l])) ** 2)),
    ),
    nc2: {
      equinorm: sd(norms) / average(norms),
      equiangular: average(cosines.map((c) => Math.abs(c + 1 / (K - 1)))),
      cosineMean: average(cosines),
      cosineSd: sd(cosines),
      weights:
        P === null
          ? { orthogonal: null, etf: null }
          : { orthogonal: apart(gram(P), identity), etf: apart(gram(P), etf) },
      features: { orthogonal: apart(gram(means), identity), etf: apart(gram(centred), etf) },
    },
    nc3:
      P === null
        ? { orthogonal: null, etf: null, duality: null, dualityCentred: null }
        : {
            orthogonal: apart(times(P, turn(means)), identity),
            etf: apart(times(P, turn(centred)), etf),
            duality: apart(P, means),
            dualityCentred: apart(P, centred),
          },
    nc4: named === null ? null : share((i) => named[i] === nearest[i]),
    accuracy: named === null ? null : share((i) => named[i] === labels[i]),
    classAccuracy:
      named === null
        ? null
        : counts.map((n, k) => X.filter((_, i) => labels[i] === k && named[i] === k).length / n),
  };
}
