/**
 * What a cross-entropy solution Z = (B, c) says: objective, rank, norms, geometry, and the explicit factors.
 *
 * Balanced factors of Z = U·diag(σ)·Vᵀ (they minimise the regularisers): with a_i = (Λσ_i²)^{1/L},
 * P = U·diag(s)·Qᵀ, s_i² = a_i^M/Πλ_m, and H̄ = Q·diag(h)·VᵀD^{−1/2}, h_i² = a_i/λ_H. This holds for every loss.
 * Duality: at an optimum with M = 1, W = ΔH̄ᵀ with Δ = (I − P_softmax)D/(Nλ_W). For M ≥ 2 the factor depends on the mode,
 * and Δ = U·diag(s/h)·VᵀD^{1/2} is given: the least Δ with P = ΔH̄ᵀ on the span (the same up to scale where all σ are equal).
 */
import type { Blas, Svd } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Random } from '../../core/random.js';
import { depthOf, type PredictedGeometry, type Problem } from '../../model/index.js';
import {
  createSoftmax,
  logitsInto,
  softmaxInto,
  type ClassGroups,
  type GroupedLogits,
  type GroupedSoftmax,
  type GroupedState,
} from './groups.js';
import { logLambda } from './scalar.js';
import type { Minimiser } from '../prediction.js';
import { orthonormal } from '../orthonormal.js';

/** A singular value below this part of the largest one is zero: what a converged solver leaves of a dead mode. */
const DEAD = 1e-8;

export interface SolvedState {
  readonly problem: Problem;
  /** Without dead singular values. */
  readonly state: GroupedState;
  readonly logits: GroupedLogits;
  readonly softmax: GroupedSoftmax;
  /** B = U·diag(s)·Vt, living values only; null where B is zero. */
  readonly svd: Svd | null;
  /** Rank of Z. */
  readonly rank: number;
  readonly objective: number;
  /** The part of the objective that is loss. */
  readonly loss: number;
}

/** Drops dead singular values and evaluates what is left. `shiftBias` to mean zero over classes: no logit difference changes. */
export function solveState(problem: Problem, input: GroupedState, blas: Blas): SolvedState {
  const { groups } = input;
  const g = groups.sizes.length;
  let largest = 0;
  for (const c of input.contrasts) largest = Math.max(largest, c);
  const whole = input.between === null ? null : blas.svd(input.between);
  if (whole !== null) largest = Math.max(largest, whole.s[0]);
  const living = (value: number) => value > DEAD * largest;
  const svd = whole === null ? null : truncate(whole, whole.s.filter(living).length);
  const contrasts = input.contrasts.map((c) => (living(c) ? c : 0));
  const state: GroupedState = {
    groups,
    between: svd === null ? null : product(svd, (s) => s, blas),
    contrasts,
    bias: input.bias === null ? null : centred(groups, input.bias),
  };
  const logits = { others: zeros(g, g), own: new Float64Array(g) };
  logitsInto(groups, state.between, contrasts, state.bias, logits);
  const softmax = createSoftmax(g);
  const loss = softmaxInto(groups, logits, softmax);
  const { a } = factorSquares(problem);
  let regulariser = 0;
  let rank = 0;
  for (const s of svd?.s ?? []) {
    regulariser += a(s);
    rank++;
  }
  contrasts.forEach((c, b) => {
    if (c === 0) return;
    regulariser += (groups.sizes[b] - 1) * a(c);
    rank += groups.sizes[b] - 1;
  });
  const objective = loss + ((depthOf(problem) + 1) / 2) * regulariser;
  return { problem, state, logits, softmax, svd, rank, objective, loss };
}

function truncate({ U, s, Vt }: Svd, rank: number): Svd | null {
  if (rank === 0) return null;
  const left = zeros(U.rows, rank);
  for (let i = 0; i < U.rows; i++)
    for (let j = 0; j < rank; j++) left.data[i * rank + j] = U.data[i * U.cols + j];
  return {
    U: left,
    s: s.slice(0, rank),
    Vt: { data: Vt.data.slice(0, rank * Vt.cols), rows: rank, cols: Vt.cols },
  };
}

function centred({ sizes }: ClassGroups, bias: Float64Array): Float64Array {
  let [sum, classes] = [0, 0];
  sizes.forEach((m, a) => {
    sum += m * bias[a];
    classes += m;
  });
  return bias.map((b) => b - sum / classes);
}

/** a, s² and h² as functions of σ; all 0 at σ = 0. */
export function factorSquares(
  problem: Problem,
): Record<'a' | 'weight' | 'feature', (sigma: number) => number> {
  const M = depthOf(problem);
  const whole = logLambda(problem);
  const logFeature = Math.log(problem.featureDecay);
  const logA = (sigma: number) => (whole + 2 * Math.log(sigma)) / (M + 1);
  const at = (log: (sigma: number) => number) => (sigma: number) => (sigma > 0 ? Math.exp(log(sigma)) : 0);
  return {
    a: at(logA),
    weight: at((sigma) => M * logA(sigma) - (whole - logFeature)),
    feature: at((sigma) => logA(sigma) - logFeature),
  };
}

/** X·diag(f(s))·Y of an SVD; `left` and `right` choose U or V on either side. */
function product(
  svd: Svd,
  f: (s: number) => number,
  blas: Blas,
  left: 'U' | 'V' = 'U',
  right: 'U' | 'V' = 'V',
): Matrix {
  const { U, s, Vt } = svd;
  const rank = s.length;
  const scaled = { data: U.data.slice(), rows: U.rows, cols: rank };
  for (let i = 0; i < scaled.rows; i++)
    for (let j = 0; j < rank; j++)
      scaled.data[i * rank + j] = f(s[j]) * (left === 'U' ? U.data[i * rank + j] : Vt.data[j * Vt.cols + i]);
  const out = zeros(scaled.rows, scaled.rows);
  if (right === 'V') blas.gemm('N', 'N', 1, scaled, Vt, 0, out);
  else blas.gemm('N', 'T', 1, scaled, U, 0, out);
  return out;
}

/** ‖p_k‖² and ‖h̄_k‖² of the classes of each group. */
export function groupNorms(solved: SolvedState): { weights: Float64Array; features: Float64Array } {
  const { problem, state, svd } = solved;
  const { sizes, counts } = state.groups;
  const { weight, feature } = factorSquares(problem);
  const g = sizes.length;
  const weights = state.contrasts.map((c, a) => (1 - 1 / sizes[a]) * weight(c));
  const features = state.contrasts.map((c, a) => (1 - 1 / sizes[a]) * feature(c));
  svd?.s.forEach((s, i) => {
    const [s2, h2] = [weight(s), feature(s)];
    for (let a = 0; a < g; a++) {
      weights[a] += (s2 * svd.U.data[a * svd.s.length + i] ** 2) / sizes[a];
      features[a] += (h2 * svd.Vt.data[i * g + a] ** 2) / sizes[a];
    }
  });
  for (let a = 0; a < g; a++) features[a] /= counts[a];
  return { weights, features };
}

/** The K×K matrix Σ_ab B_ab u_a u_bᵀ + Σ_a c_a(I_a − u_a u_aᵀ), column k times column(k) and row j times row(j). */
function expand(
  { groupOf, sizes }: ClassGroups,
  B: Matrix | null,
  contrasts: Float64Array,
  row: (j: number) => number,
  column: (k: number) => number,
): Matrix {
  const K = groupOf.length;
  const g = sizes.length;
  const out = zeros(K, K);
  for (let j = 0; j < K; j++) {
    const a = groupOf[j];
    for (let k = 0; k < K; k++) {
      const b = groupOf[k];
      let entry = B === null ? 0 : B.data[a * g + b] / Math.sqrt(sizes[a] * sizes[b]);
      if (a === b) entry += contrasts[a] * ((j === k ? 1 : 0) - 1 / sizes[a]);
      out.data[j * K + k] = entry * row(j) * column(k);
    }
  }
  return out;
}

/** PPᵀ, H̄ᵀH̄, PH̄ and Δ, dense K×K. */
export function ceGeometry(solved: SolvedState, blas: Blas): PredictedGeometry {
  const { problem, state, svd, softmax } = solved;
  const { groups, contrasts } = state;
  const { weight, feature } = factorSquares(problem);
  const roots = problem.counts.map(Math.sqrt);
  const unscaled = () => 1;
  const thin = (k: number) => 1 / roots[k];
  const of = (f: (s: number) => number, left: 'U' | 'V', right: 'U' | 'V') => {
    if (svd === null) return null;
    return left === 'U' && right === 'U' ? product(svd, f, blas, 'U', 'U') : product(svd, f, blas, left, 'V');
  };
  const dense = (matrix: Matrix) => ({ kind: 'dense', matrix }) as const;
  return {
    weights: dense(expand(groups, of(weight, 'U', 'U'), contrasts.map(weight), unscaled, unscaled)),
    features: dense(expand(groups, of(feature, 'V', 'V'), contrasts.map(feature), thin, thin)),
    logits: dense(expand(groups, state.between, contrasts, unscaled, thin)),
    duality: dense(
      depthOf(problem) === 1
        ? softmaxDuality(problem, groups, softmax)
        : expand(
            groups,
            of((s) => Math.sqrt(weight(s) / feature(s)), 'U', 'V'),
            contrasts.map((c) => (c > 0 ? Math.sqrt(weight(c) / feature(c)) : 0)),
            unscaled,
            (k) => roots[k],
          ),
    ),
  };
}

/** (I − P_softmax)·D/(Nλ_W). */
function softmaxDuality(problem: Problem, groups: ClassGroups, softmax: GroupedSoftmax): Matrix {
  const { groupOf, samples } = groups;
  const K = groupOf.length;
  const g = groups.sizes.length;
  const out = zeros(K, K);
  for (let j = 0; j < K; j++)
    for (let k = 0; k < K; k++) {
      const b = groupOf[k];
      const value = j === k ? softmax.leak[b] : -softmax.wrong.data[groupOf[j] * g + b];
      out.data[j * K + k] = (value * problem.counts[k]) / samples / problem.weightDecays[0];
    }
  return out;
}

/**
 * W_1 … W_M, H̄ (d×K) and b. Without `random` each Q_m is the first columns of the identity; with it, a random orthonormal
 * basis. Every width must hold the rank of the state.
 */
export function ceFactors(solved: SolvedState, blas: Blas, random?: Random): Minimiser {
  const { problem, state, svd, rank } = solved;
  const { groups, contrasts } = state;
  const { groupOf, sizes } = groups;
  const K = problem.counts.length;
  const M = depthOf(problem);
  const { a } = factorSquares(problem);
  const [U, V] = [zeros(K, rank), zeros(K, rank)];
  const squares = new Float64Array(rank);
  let column = 0;
  svd?.s.forEach((s, i) => {
    for (let k = 0; k < K; k++) {
      const root = Math.sqrt(sizes[groupOf[k]]);
      U.data[k * rank + column] = svd.U.data[groupOf[k] * svd.s.length + i] / root;
      V.data[k * rank + column] =
        svd.Vt.data[i * sizes.length + groupOf[k]] / root / Math.sqrt(problem.counts[k]);
    }
    squares[column++] = a(s);
  });
  const members = Array.from(sizes, (): number[] => []);
  groupOf.forEach((b, k) => members[b].push(k));
  members.forEach((list, b) => {
    if (contrasts[b] === 0) return;
    for (let i = 0; i + 1 < list.length; i++) {
      // Helmert's contrasts: the first i + 1 members against the next one.
      const norm = Math.sqrt((i + 1) * (i + 2));
      for (let j = 0; j <= i + 1; j++) {
        const entry = (j <= i ? 1 : -(i + 1)) / norm;
        U.data[list[j] * rank + column] = entry;
        V.data[list[j] * rank + column] = entry / Math.sqrt(problem.counts[list[j]]);
      }
      squares[column++] = a(contrasts[b]);
    }
  });
  const Q = problem.widths.map((width) => orthonormal(width, rank, blas, random));
  const multiply = (left: Matrix, decay: number, right: Matrix): Matrix => {
    const scaled = { data: left.data.slice(), rows: left.rows, cols: rank };
    for (let i = 0; i < scaled.data.length; i++) scaled.data[i] *= Math.sqrt(squares[i % rank] / decay);
    const out = zeros(left.rows, right.rows);
    if (rank > 0) blas.gemm('N', 'T', 1, scaled, right, 0, out);
    return out;
  };
  const weights = problem.weightDecays.map((decay, m) => multiply(m === M - 1 ? U : Q[m + 1], decay, Q[m]));
  const classFeatures = multiply(Q[0], problem.featureDecay, V);
  const { bias } = state;
  return {
    head: { weights, bias: bias === null ? null : Float64Array.from(groupOf, (b) => bias[b]) },
    classFeatures,
  };
}
