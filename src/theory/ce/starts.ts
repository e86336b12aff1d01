/**
 * Where the search for low cross-entropy solutions starts: which ranks, in which order, and K points in R^r.
 *
 * Kinds: `random`, unrelated factors; `code`, points of the unit sphere pushed apart, the same for rows and means; `related`,
 * rows and means that have half in common; and with a free bias `sites`, where class j has the logit −s‖a_j − a_k‖²/2 + const
 * at the mean of class k, so that any distinct points are separated (along one dimension: equal steps in random order).
 * Arrangements of the lowest objective may have rows and means that differ: `code` alone does not find them.
 *
 * With many classes few ranks pay, those near log₂ K: fewer dimensions do not keep K classes apart, and each further one
 * costs regularisation, the more so the more factors share it.
 */
import type { Random } from '../../core/random.js';
import type { Terms } from './terms.js';

/** The kinds of starts. */
export type StartKind = 'random' | 'code' | 'related' | 'sites';

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
    1,
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
  return [...some].filter((r) => r <= top).sort((a, b) => far(a) - far(b) || a - b);
}

/** Writes a start into x; `logit` is the size of the logits that it begins with. */
export function startInto(
  terms: Terms,
  x: Float64Array,
  kind: StartKind,
  logit: number,
  random: Random,
): void {
  const { K, rank: r, scales, bias, free, depth, roots } = terms;
  let samples = 0;
  for (const root of roots) samples += root * root;
  const mean = Math.sqrt(samples / K);
  // The logit and √n are dealt out over the factors.
  const share = Math.pow(logit * mean, 1 / (depth + 1));
  const spread = share / Math.sqrt(Math.sqrt(r));
  const half = K * r;
  const [A, V] = [x.subarray(0, half), x.subarray(half, 2 * half)];
  x.fill(0);
  random.normalsInto(A, spread);
  switch (kind) {
    case 'random':
      random.normalsInto(V, spread);
      break;
    case 'related':
      random.normalsInto(V, spread);
      for (let i = 0; i < half; i++) V[i] = ((A[i] + V[i]) / Math.SQRT2) * (roots[i % K] / mean);
      break;
    case 'code':
      normalise(A, K, r);
      if (K <= MOST_PUSHED) for (let i = 0; i < PUSHES; i++) pushApart(A, K, r, 8 + i);
      scaledAlikeInto(A, V, share, roots, mean);
      break;
    case 'sites':
      if (r === 1) evenSteps(A, K, random);
      else for (let i = 0; i < half; i++) A[i] /= spread * Math.sqrt(r);
      scaledAlikeInto(A, V, share, roots, mean);
      if (free) siteBias(terms, x, Math.pow(share, depth - 1) / mean);
      break;
    default:
      kind satisfies never;
  }
  for (let i = scales; i < bias; i++) x[i] = share * Math.sqrt(depth - 1);
}

/** Equal steps along a line, in random order, with mean square 1. */
function evenSteps(A: Float64Array, K: number, random: Random): void {
  const order = shuffled(K, random);
  for (let k = 0; k < K; k++) A[k] = (order[k] - (K - 1) / 2) * Math.sqrt(12 / (K * K - 1));
}

/** Rows at their size, and means at the same points: V_k = A_k·√n_k over the root mean square. */
function scaledAlikeInto(
  A: Float64Array,
  V: Float64Array,
  share: number,
  roots: Float64Array,
  mean: number,
): void {
  for (let i = 0; i < A.length; i++) A[i] *= share;
  for (let i = 0; i < A.length; i++) V[i] = A[i] * (roots[i % roots.length] / mean);
}

/** b_k = −s‖a_k‖²/2, by which each mean is nearest to its own site. */
function siteBias({ K, rank, bias, biasScale }: Terms, x: Float64Array, strength: number): void {
  for (let k = 0; k < K; k++) {
    let squares = 0;
    for (let i = 0; i < rank; i++) squares += x[i * K + k] ** 2;
    x[bias + k] = (-strength * squares) / 2 / biasScale[k];
  }
}

const PUSHES = 20;

function shuffled(K: number, random: Random): number[] {
  const order = Array.from({ length: K }, (_, k) => k);
  for (let i = K - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Points (columns of the r×K matrix A) to length 1. */
function normalise(A: Float64Array, K: number, r: number): void {
  for (let k = 0; k < K; k++) {
    let squares = 0;
    for (let i = 0; i < r; i++) squares += A[i * K + k] ** 2;
    if (squares > 0) for (let i = 0; i < r; i++) A[i * K + k] /= Math.sqrt(squares);
  }
}

/** One step of repulsion on the sphere with weights e^{sharpness·cosine}: nearest neighbours count most. */
function pushApart(A: Float64Array, K: number, r: number, sharpness: number): void {
  const force = new Float64Array(K * r);
  const cosines = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    cosines.fill(0);
    for (let i = 0; i < r; i++) {
      const c = A[i * K + k];
      for (let l = 0; l < K; l++) cosines[l] += c * A[i * K + l];
    }
    let total = 0;
    for (let l = 0; l < K; l++) total += cosines[l] = l === k ? 0 : Math.exp(sharpness * (cosines[l] - 1));
    if (total > 0)
      for (let i = 0; i < r; i++) {
        let sum = 0;
        for (let l = 0; l < K; l++) sum += cosines[l] * A[i * K + l];
        force[i * K + k] = -sum / total;
      }
  }
  for (let i = 0; i < A.length; i++) A[i] += 0.2 * force[i];
  normalise(A, K, r);
}
