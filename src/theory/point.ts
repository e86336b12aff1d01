/**
 * A prediction read off an explicit point: factors, class means and bias. For problems whose solution is found as a point,
 * numerically or in closed form, rather than mode by mode.
 */
import type { Blas } from '../core/blas.js';
import { zeros, type Matrix } from '../core/matrix.js';
import { headProduct } from '../head/index.js';
import {
  outputsAreClasses,
  type FrameName,
  type Optimality,
  type PredictedGeometry,
  type Problem,
} from '../model/index.js';
import { columnLossOf } from './columnLoss.js';
import { biasAlone, fitsAt } from './fit.js';
import { leastDuality } from './leastDuality.js';
import {
  SEPARATION,
  SOLUTION_NAMES,
  type Certificate,
  type ClassPrediction,
  type Minimiser,
  type ModeLevel,
  type Prediction,
  type SearchSummary,
} from './prediction.js';

/** A prediction that holds the point it was read from. */
export interface PointPrediction extends Prediction {
  readonly minimiser: () => Minimiser;
}

export interface DescribedPoint {
  readonly problem: Problem;
  readonly point: Minimiser;
  readonly objective: number;
  readonly optimality: Optimality;
  readonly frame: FrameName;
  readonly certificate: Certificate | null;
  readonly unique: boolean | null;
  readonly levels?: readonly ModeLevel[];
  /** What a closed form knows of each class beyond its point: regime, share and limits. */
  readonly classes?: readonly Partial<ClassPrediction>[];
  readonly search: SearchSummary | null;
  readonly interrupted?: boolean;
}

/** Singular values and norms below this part of the largest are zero: what a converged solver leaves. */
const NOISE = 1e-6;

export function describePoint(described: DescribedPoint, blas: Blas): PointPrediction {
  const { problem, point, objective, certificate, optimality, unique, search } = described;
  const P = headProduct(blas, point.head.weights);
  const logits = zeros(P.rows, point.classFeatures.cols);
  blas.gemm('N', 'N', 1, P, point.classFeatures, 0, logits);
  const rank = rankOf(problem, logits, blas);
  const lost = biasAlone(problem).objective;
  return {
    problem,
    objective,
    optimality,
    interrupted: described.interrupted ?? false,
    unique,
    rank,
    levels: described.levels ?? [],
    classes: classesAt(described, P, logits, rank),
    frame: rank === 0 ? 'nothing: every class lost' : described.frame,
    bias: point.head.bias,
    geometry: () => geometryAt(problem, point, P, logits, blas),
    certificate,
    alternatives: rank === 0 ? [] : [{ kind: 'lost', name: SOLUTION_NAMES.lost, objective: lost }],
    search,
    minimiser: () => point,
  };
}

/** Z̄ + b1ᵀ of a point, q×K. */
export function logitsAt({ head, classFeatures }: Minimiser, blas: Blas): Matrix {
  const P = headProduct(blas, head.weights);
  const K = classFeatures.cols;
  const out = zeros(P.rows, K);
  blas.gemm('N', 'N', 1, P, classFeatures, 0, out);
  if (head.bias !== null)
    for (let j = 0; j < out.rows; j++) for (let k = 0; k < K; k++) out.data[j * K + k] += head.bias[j];
  return out;
}

/** Rank of Z̄D^{1/2}; what is smaller than any output that matters is zero. */
function rankOf({ counts }: Problem, logits: Matrix, blas: Blas): number {
  const Z = zeros(logits.rows, logits.cols);
  for (let i = 0; i < Z.data.length; i++) Z.data[i] = logits.data[i] * Math.sqrt(counts[i % logits.cols]);
  const { s } = blas.svd(Z);
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const floor = NOISE * Math.max(s[0], 1e-3 * Math.sqrt(samples));
  return s.filter((value) => value > floor).length;
}

function classesAt(
  { problem, point, classes }: DescribedPoint,
  P: Matrix,
  logits: Matrix,
  rank: number,
): ClassPrediction[] {
  const K = problem.counts.length;
  const q = P.rows;
  const { head, classFeatures: H } = point;
  const fits = fitsAt(problem, logits, head.bias);
  const rows = Float64Array.from({ length: q }, (_, j) =>
    Math.sqrt(P.data.subarray(j * P.cols, (j + 1) * P.cols).reduce((sum, value) => sum + value * value, 0)),
  );
  const means = new Float64Array(K);
  for (let i = 0; i < H.data.length; i++) means[i % K] += H.data[i] ** 2;
  const floors = [rows, means.map(Math.sqrt)].map(
    (norms) => NOISE * norms.reduce((a, b) => Math.max(a, b), 0),
  );
  const owned = outputsAreClasses(problem);
  return problem.counts.map((count, k): ClassPrediction => {
    const margin = owned && K > 1 ? marginAt(logits, head.bias, k) : null;
    const featureNorm = Math.sqrt(means[k]);
    return {
      count,
      weightNorm: owned && rank > 0 && rows[k] > floors[0] ? rows[k] : 0,
      featureNorm: rank > 0 && featureNorm > floors[1] ? featureNorm : 0,
      weightNormRange: null,
      featureNormRange: null,
      regime: null,
      share: 1,
      fit: rank === 0 ? 0 : (fits[k] ?? 0),
      margin,
      separated: margin === null ? null : margin > SEPARATION,
      maxWeightDecay: null,
      maxTiedDecay: null,
      ...classes?.[k],
    };
  });
}

function marginAt(logits: Matrix, bias: Float64Array | null, k: number): number {
  const at = (j: number) => logits.data[j * logits.cols + k] + (bias?.[j] ?? 0);
  let rival = -Infinity;
  for (let j = 0; j < logits.rows; j++) if (j !== k) rival = Math.max(rival, at(j));
  return at(k) - rival;
}

/**
 * PPᵀ (q×q), H̄ᵀH̄ (K×K), PH̄ (q×K) and Δ (q×K). M = 1: stationarity in W gives W = ΔH̄ᵀ with Δ = −(c_k∇ℓ_k)/λ_W; with more layers
 * the least Δ that has P = ΔH̄ᵀ on the span of the means.
 */
function geometryAt(
  problem: Problem,
  point: Minimiser,
  P: Matrix,
  logits: Matrix,
  blas: Blas,
): PredictedGeometry {
  const { classFeatures: H } = point;
  const [q, K] = [P.rows, H.cols];
  const [weights, features] = [zeros(q, q), zeros(K, K)];
  blas.gemm('N', 'T', 1, P, P, 0, weights);
  blas.gramInto(1, H, 0, features);
  const dense = (matrix: Matrix) => ({ kind: 'dense', matrix }) as const;
  return {
    weights: dense(weights),
    features: dense(features),
    logits: dense(logits),
    duality: dense(
      problem.weightDecays.length === 1 ? slopes(problem, point, blas) : leastDuality(P, H, blas),
    ),
  };
}

function slopes(problem: Problem, point: Minimiser, blas: Blas): Matrix {
  const loss = columnLossOf(problem);
  const logits = logitsAt(point, blas);
  const K = logits.cols;
  const out = zeros(loss.outputs, K);
  const [a, slope] = [new Float64Array(loss.outputs), new Float64Array(loss.outputs)];
  for (let k = 0; k < K; k++) {
    for (let j = 0; j < a.length; j++) a[j] = logits.data[j * K + k];
    loss.evaluate(a, k, slope);
    for (let j = 0; j < a.length; j++)
      out.data[j * K + k] = (-loss.weights[k] * slope[j]) / problem.weightDecays[0];
  }
  return out;
}
