/**
 * The objective of a measured network if each of its features sat at its class mean.
 *
 * F̄ = Σ_k (n_k/N)·ℓ(P h̄_k + b, k) + Σ λ_m/2·‖W_m‖² + λ_H/2·Σ_k n_k‖h̄_k‖². Both losses and the regulariser are convex in the
 * features, so F̄ is a lower bound of the network's own objective (Jensen), and equal to it where features have collapsed.
 */
import type { Blas } from '../core/blas.js';
import { frobenius, zeros, type Matrix } from '../core/matrix.js';
import type { Measurement } from '../metrics/index.js';
import { columnLossOf } from '../theory/index.js';
import { forEachColumn, variationsOf, type Head, type MeasuredFrame, type Problem } from '../model/index.js';

/** Null without a head, or where numbers overflow. */
export function objectiveAtMeans(
  { classes, geometry, samples }: Measurement,
  head: Head | null,
  problem: Problem,
): number | null {
  if (head === null || geometry.logits === null) return null;
  const bias = head.bias;
  const lossOf = lossAtMeans(problem, samples);
  let total = 0;
  if (bias !== null) for (const value of bias) total += ((problem.biasDecay ?? 0) / 2) * value ** 2;
  forEachColumn(geometry.logits, (column, k) => {
    const { count, featureNorm } = classes[k];
    const logit = (j: number) => column[j] + (bias === null ? 0 : bias[j]);
    total += lossOf(logit, k, count) + (problem.featureDecay / 2) * count * featureNorm ** 2;
  });
  head.weights.forEach((W, m) => (total += (problem.weightDecays[m] / 2) * frobenius(W) ** 2));
  return Number.isFinite(total) ? total : null;
}

/**
 * What the decays cost beyond what the outputs need: the regulariser of F̄ minus the least one of any factorisation of the same
 * Z = P H̄ D^{1/2}, (L/2)·Σ_i (Λσ_i(Z)²)^{1/L} with L = M + 1 and Λ = λ_H·Π λ_m. It is the part of F̄ that lies in directions
 * which no class uses, or in layers out of balance; frames and norms of classes do not see it. Null where F̄ is.
 */
export function surplusDecay(
  { classes, geometry }: Measurement,
  head: Head | null,
  { weightDecays, featureDecay, featureSign }: Problem,
  blas: Blas,
): number | null {
  // The least one is not known where features must not be negative.
  if (head === null || geometry.logits === null || featureSign === 'nonnegative') return null;
  let cost = 0;
  for (const { count, featureNorm } of classes) cost += (featureDecay / 2) * count * featureNorm ** 2;
  head.weights.forEach((W, m) => (cost += (weightDecays[m] / 2) * frobenius(W) ** 2));
  const values = outputSpectrum(
    geometry.logits,
    classes.map(({ count }) => Math.sqrt(count)),
    blas,
  );
  if (!Number.isFinite(cost) || values === null) return null;
  const L = weightDecays.length + 1;
  const Lambda = weightDecays.reduce((product, decay) => product * decay, featureDecay);
  const least = values.reduce((sum, value) => sum + (L / 2) * Math.pow(Lambda * value * value, 1 / L), 0);
  return cost - least;
}

/**
 * The singular values of LRᵀ·diag(scale): of the matrix where it is formed, else those of diag(s)Vᵀ·(diag(scale)R)ᵀ, d×K,
 * with L = U diag(s) Vᵀ. Null where a number is not finite.
 */
function outputSpectrum(frame: MeasuredFrame, scale: readonly number[], blas: Blas): Float64Array | null {
  const scaled = (rows: number, cols: number, entry: (i: number, j: number) => number) => {
    const out = zeros(rows, cols);
    for (let i = 0; i < rows; i++) for (let j = 0; j < cols; j++) out.data[i * cols + j] = entry(i, j);
    return out;
  };
  const spectrum = (Z: Matrix) => (Z.data.every(Number.isFinite) ? blas.svd(Z).s : null);
  if (frame.kind === 'diagonal') return frame.entries.map((value, k) => Math.abs(value) * scale[k]);
  if (frame.kind === 'dense') {
    const { data, rows, cols } = frame.matrix;
    return spectrum(scaled(rows, cols, (i, j) => data[i * cols + j] * scale[j]));
  }
  const { left, right } = frame;
  const d = left.cols;
  if (!left.data.every(Number.isFinite)) return null;
  const { s, Vt } = blas.svd(left);
  const A = scaled(s.length, d, (i, j) => s[i] * Vt.data[i * d + j]);
  const B = scaled(right.rows, d, (k, j) => right.data[k * d + j] * scale[k]);
  const Z = zeros(s.length, right.rows);
  blas.gemm('N', 'T', 1, A, B, 0, Z);
  return spectrum(Z);
}

/** The share of the loss that a class has at its mean, given its logits. */
function lossAtMeans(
  problem: Problem,
  samples: number,
): (logit: (j: number) => number, k: number, count: number) => number {
  const K = problem.counts.length;
  if (variationsOf(problem).length === 0)
    return (logit, k, count) =>
      (count / samples) * (problem.loss === 'mse' ? squares(logit, K, k) / 2 : logLoss(logit, K, k));
  const loss = columnLossOf(problem);
  const [a, slope] = [new Float64Array(K), new Float64Array(K)];
  return (logit, k) => {
    for (let j = 0; j < K; j++) a[j] = logit(j);
    return loss.weights[k] * loss.evaluate(a, k, slope);
  };
}

function squares(logit: (j: number) => number, K: number, k: number): number {
  let sum = 0;
  for (let j = 0; j < K; j++) sum += (logit(j) - (j === k ? 1 : 0)) ** 2;
  return sum;
}

/** −log softmax_k, small losses with their digits: log1p of what the other classes get. */
function logLoss(logit: (j: number) => number, K: number, k: number): number {
  let top = -Infinity;
  for (let j = 0; j < K; j++) if (j !== k) top = Math.max(top, logit(j));
  if (top === -Infinity) return 0;
  let others = 0;
  for (let j = 0; j < K; j++) if (j !== k) others += Math.exp(logit(j) - top);
  const t = top - logit(k) + Math.log(others);
  return t > 0 ? t + Math.log1p(Math.exp(-t)) : Math.log1p(Math.exp(t));
}
