/**
 * The prediction across the linear layers: at every minimum the geometry of the features after layer m and of the product
 * W_M … W_{m+1} above it follows from P and Z̄ = PH̄ alone.
 *
 * Stationarity in the weights balances them, λ_{m+1}W_{m+1}ᵀW_{m+1} = λ_mW_mW_mᵀ, for any loss, any bias and any constraint on
 * the features. So the singular values of the layers along mode i are w_m = (p_i·Π√λ_j)^{1/M}/√λ_m with P = U diag(p) Vᵀ, and
 * with α_m² = Π_{j>m} w_j² = (p²Πλ)^{(M−m)/M}/Π_{j>m}λ_j
 *
 *   W_M … W_{m+1} = U diag(α_m) Qᵀ,    W_m … W_1H̄ = Q diag(1/α_m) UᵀZ̄,    Q orthonormal:
 *   (PPᵀ)^{(M−m)/M} up to a factor, Z̄ᵀU diag(1/α_m²)UᵀZ̄, and between them Z̄ at every layer.
 *
 * m = 0 are the features, of which the prediction itself speaks; m = M the logits without bias, which nothing reads.
 * Source: ours, from the balance that is well known for deep linear networks.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import {
  DENSE_LIMIT,
  frameEntry,
  frameSize,
  variationsOf,
  type Frame,
  type PredictedGeometry,
  type Problem,
} from '../model/index.js';
import { headProduct } from '../head/index.js';
import { leastDuality } from './leastDuality.js';
import type { PointPrediction } from './point.js';
import type { Prediction } from './prediction.js';

/** What stands above a layer, and the features there, up to a rotation of the layer's r dimensions. */
export interface LayerPoint {
  /** K×r. */
  readonly head: Matrix;
  /** r×K: column k is the feature of class k. */
  readonly classFeatures: Matrix;
}

export interface PredictedLayer {
  readonly geometry: PredictedGeometry;
  /** Formed when called; null for many classes. */
  readonly point: () => LayerPoint | null;
}

/** A mode of P: its place among the classes, log α_m² is linear in `logSquare`. */
interface Modes {
  /** log p_i² of the r modes that live. */
  readonly logSquares: readonly number[];
  /** K×r, or the classes themselves where every mode is a class. */
  readonly U: Matrix | readonly number[];
}

/** m = 0 … M. Null where Z̄ is not K×K, and for more than a thousand classes that mix. */
export function predictedLayers(prediction: Prediction, blas: Blas): PredictedLayer[] | null {
  const { problem, rank } = prediction;
  if (problem.targets !== null && problem.targets.length !== problem.counts.length) return null;
  const K = problem.counts.length;
  const isDiagonal = problem.loss === 'mse' && problem.bias === 'none' && variationsOf(problem).length === 0;
  if (!isDiagonal && K > DENSE_LIMIT) return null;
  const geometry = prediction.geometry();
  const { logits } = geometry;
  const modes = modesOf(geometry.weights, rank, blas);
  return Array.from({ length: problem.weightDecays.length + 1 }, (_, m): PredictedLayer => {
    const logAlphas = modes.logSquares.map((logSquare) => logProductAbove(problem, m, logSquare));
    const form = (): LayerPoint =>
      (m === 0 ? featuresOf(prediction, blas) : null) ?? pointOf(modes, logAlphas, logits, blas);
    const at = m === 0 ? geometry : geometryOf(modes, logAlphas, logits, blas);
    return { geometry: at, point: () => (K <= DENSE_LIMIT ? form() : null) };
  });
}

/** Features of at least 0 need not lie where P sees them: theirs are those of the point that the prediction holds. */
function featuresOf(prediction: Prediction | PointPrediction, blas: Blas): LayerPoint | null {
  if (prediction.problem.featureSign === 'free' || !('minimiser' in prediction)) return null;
  const { head, classFeatures } = prediction.minimiser();
  return { head: headProduct(blas, head.weights), classFeatures };
}

/** log α_m² of a mode with log p². */
function logProductAbove({ weightDecays }: Problem, m: number, logSquare: number): number {
  const M = weightDecays.length;
  const logs = weightDecays.map(Math.log);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return ((M - m) / M) * (logSquare + sum(logs)) - sum(logs.slice(m));
}

/** The `rank` largest modes of PPᵀ. */
function modesOf(weights: Frame, rank: number, blas: Blas): Modes {
  if (weights.kind === 'diagonal') {
    const classes = Array.from(weights.entries.keys()).filter((k) => weights.entries[k] > 0);
    return { logSquares: classes.map((k) => Math.log(weights.entries[k])), U: classes };
  }
  const { values, vectors } = blas.eigenSymmetric(weights.matrix);
  const K = values.length;
  const leading = Array.from({ length: rank }, (_, i) => K - 1 - i).filter((i) => values[i] > 0);
  const U = zeros(K, leading.length);
  leading.forEach((i, j) => {
    for (let k = 0; k < K; k++) U.data[k * U.cols + j] = vectors.data[k * K + i];
  });
  return { logSquares: leading.map((i) => Math.log(values[i])), U };
}

/** U diag(α), and diag(1/α)UᵀZ̄. */
function pointOf(
  { U, logSquares }: Modes,
  logAlphas: readonly number[],
  logits: Frame,
  blas: Blas,
): LayerPoint {
  const r = logSquares.length;
  const K = frameSize(logits);
  const head = zeros(K, r);
  const classFeatures = zeros(r, K);
  const entry = (k: number, i: number) => {
    if ('data' in U) return U.data[k * r + i];
    return U[i] === k ? 1 : 0;
  };
  const scaled = zeros(K, r);
  for (let k = 0; k < K; k++)
    for (let i = 0; i < r; i++) {
      head.data[k * r + i] = entry(k, i) * Math.exp(logAlphas[i] / 2);
      scaled.data[k * r + i] = entry(k, i) * Math.exp(-logAlphas[i] / 2);
    }
  blas.gemm('T', 'N', 1, scaled, denseOf(logits, K), 0, classFeatures);
  return { head, classFeatures };
}

function geometryOf(
  modes: Modes,
  logAlphas: readonly number[],
  logits: Frame,
  blas: Blas,
): PredictedGeometry {
  if (!('data' in modes.U) && logits.kind === 'diagonal') {
    const K = logits.entries.length;
    const diagonal = (of: (alphaSquare: number, logit: number) => number): Frame => {
      const entries = new Float64Array(K);
      const classes = modes.U as readonly number[];
      classes.forEach((k, i) => (entries[k] = of(Math.exp(logAlphas[i]), logits.entries[k])));
      return { kind: 'diagonal', entries };
    };
    return {
      weights: diagonal((square) => square),
      features: diagonal((square, logit) => (logit * logit) / square),
      logits,
      duality: diagonal((square, logit) => square / logit),
    };
  }
  const { head, classFeatures } = pointOf(modes, logAlphas, logits, blas);
  const K = head.rows;
  const [weights, features] = [zeros(K, K), zeros(K, K)];
  blas.gemm('N', 'T', 1, head, head, 0, weights);
  blas.gramInto(1, classFeatures, 0, features);
  const dense = (matrix: Matrix) => ({ kind: 'dense', matrix }) as const;
  return {
    weights: dense(weights),
    features: dense(features),
    logits,
    duality: dense(leastDuality(head, classFeatures, blas)),
  };
}

function denseOf(frame: Frame, K: number): Matrix {
  if (frame.kind === 'dense') return frame.matrix;
  const out = zeros(K, K);
  for (let k = 0; k < K; k++) out.data[k * K + k] = frameEntry(frame, k, k);
  return out;
}
