/**
 * Where the search for low cross-entropy solutions starts: which ranks, in which order, and K points in R^r.
 *
 * A start of rank r places classes at K points of the unit sphere in R^r: random codes pushed apart, the orthoplex and the
 * simplex with noise. With many classes few ranks pay, those near log₂ K: fewer dimensions do not keep K classes apart, and
 * each further one costs regularisation, the more so the more factors share it.
 */
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Random } from '../../core/random.js';

/** The kinds of starts, in the order in which a rank meets them. */
export type ArrangementKind = 'code' | 'random' | 'structured';

/** Up to this rank every one is tried. */
const FEW_RANKS = 11;
/** Above this many classes pushing points apart costs more than the descent that follows. */
const MOST_PUSHED = 200;

/** The ranks that are tried, in this order: all for few classes; for many, those that pay first. */
export function ranksToTry(K: number, M: number, top: number): number[] {
  if (top <= FEW_RANKS) return Array.from({ length: top }, (_, i) => i + 1);
  // Measured: best ranks are 1.2·log₂ K for M = 2, log₂ K for M = 3 and 0.6·log₂ K for M = 5 (K = 50, 257 and 300).
  const likely = (3 * Math.log2(K)) / (M + 0.5);
  const some = new Set([
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    10,
    12,
    16,
    24,
    Math.round(likely),
    Math.round(2 * Math.log2(K)),
  ]);
  const far = (r: number) => Math.abs(Math.log(r / likely));
  const low = [...some].filter((r) => r <= top).sort((a, b) => far(a) - far(b) || a - b);
  // Those of the orthoplex and the simplex last: both are known in closed form where counts are equal.
  const high =
    K <= 1000 ? [Math.round(Math.sqrt(K)), K >> 1, top].filter((r) => r <= top && !some.has(r)) : [];
  return [...low, ...new Set(high)];
}

/** K rows in R^r. */
export function arrangement(
  kind: ArrangementKind,
  K: number,
  r: number,
  round: number,
  random: Random,
): Matrix {
  const A = zeros(K, r);
  if (kind === 'structured') {
    // Orthoplex-like: class k on axis ±(k/2 mod r); every second time coordinates of the simplex. With noise.
    const noise = 0.02 * (1 + round);
    random.normalsInto(A.data, noise);
    for (let k = 0; k < K; k++) {
      if (round % 8 === 1) A.data[k * r + ((k >> 1) % r)] += k % 2 === 0 ? 1 : -1;
      else if (k < r) A.data[k * r + k] += 1;
      else for (let j = 0; j < r; j++) A.data[k * r + j] -= 1 / Math.sqrt(r);
    }
  } else random.normalsInto(A.data, 1);
  normaliseRows(A);
  if (kind === 'code' && K <= MOST_PUSHED) for (let i = 0; i < 30; i++) pushApart(A, 8 + i);
  return A;
}

function normaliseRows(A: Matrix): void {
  for (let k = 0; k < A.rows; k++) {
    const row = A.data.subarray(k * A.cols, (k + 1) * A.cols);
    const norm = Math.hypot(...row);
    if (norm > 0) for (let j = 0; j < row.length; j++) row[j] /= norm;
  }
}

/** One step of repulsion on the sphere with weights e^{sharpness·cosine}: nearest neighbours count most. */
function pushApart(A: Matrix, sharpness: number): void {
  const { rows: K, cols: r, data } = A;
  const force = zeros(K, r);
  for (let k = 0; k < K; k++) {
    let total = 0;
    for (let l = 0; l < K; l++) {
      if (l === k) continue;
      let cosine = 0;
      for (let j = 0; j < r; j++) cosine += data[k * r + j] * data[l * r + j];
      const weight = Math.exp(sharpness * (cosine - 1));
      total += weight;
      for (let j = 0; j < r; j++) force.data[k * r + j] -= weight * data[l * r + j];
    }
    if (total > 0) for (let j = 0; j < r; j++) force.data[k * r + j] /= total;
  }
  for (let i = 0; i < data.length; i++) data[i] += 0.2 * force.data[i];
  normaliseRows(A);
}
