/**
 * An explicit global minimiser of an MSE problem, so that anyone can check the prediction.
 *
 * With a_i = (Λσ_i²)^{1/L}: W_M = U_R·diag(√(a/λ_M))·Q_Mᵀ, W_m = Q_{m+1}·diag(√(a/λ_m))·Q_mᵀ and
 * H = Q_1·diag(√(a/λ_H))·V_Rᵀ, with arbitrary orthonormal Q_m, and b* = n/N. Features of a class coincide.
 */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Random } from '../../core/random.js';
import { depthOf, samplesOf, type Problem } from '../../model/index.js';
import type { Eigenspace, Partition } from './blocks.js';
import { solveMse } from './solve.js';
import { orthonormal } from '../orthonormal.js';
import type { Minimiser } from '../prediction.js';

/**
 * Builds W_1 … W_M, H̄ and b. Without `random` each Q_m is the first columns of the identity; with it, a random
 * orthonormal basis. O(K·rank) memory plus the weights.
 */
export function buildMinimiser(problem: Problem, blas: Blas, random?: Random): Minimiser {
  const { solved, partition, constants } = solveMse(problem);
  const depth = depthOf(problem);
  const K = problem.counts.length;
  const columns: { u: Float64Array; target: number; logA: number }[] = [];
  for (const { space, solution, multiplicity } of solved) {
    if (space === null || solution.value === 0) continue;
    const logA = (constants.logLambda + 2 * Math.log(solution.value)) / (depth + 1);
    for (const u of basisOf(partition, space, multiplicity))
      columns.push({ u, target: solution.target, logA });
  }
  const rank = columns.length;
  const Q = problem.widths.map((width) => orthonormal(width, rank, blas, random));
  const U = zeros(K, rank);
  columns.forEach(({ u }, i) => {
    for (let k = 0; k < K; k++) U.data[k * rank + i] = u[k];
  });
  /** diag(√(a/λ)) applied to the columns of X. */
  const scaled = (X: Matrix, decay: number): Matrix => {
    const out = zeros(X.rows, rank);
    for (let r = 0; r < X.rows; r++)
      for (let i = 0; i < rank; i++)
        out.data[r * rank + i] = X.data[r * rank + i] * Math.exp((columns[i].logA - Math.log(decay)) / 2);
    return out;
  };
  const weights = problem.weightDecays.map((decay, m) => {
    const left = m === depth - 1 ? U : Q[m + 1];
    const W = zeros(left.rows, problem.widths[m]);
    if (rank > 0) blas.gemm('N', 'T', 1, scaled(left, decay), Q[m], 0, W);
    return W;
  });
  const classFeatures = zeros(problem.widths[0], K);
  if (rank > 0)
    blas.gemm(
      'N',
      'T',
      1,
      scaled(Q[0], problem.featureDecay),
      rightVectors(problem, columns),
      0,
      classFeatures,
    );
  const samples = samplesOf(problem);
  const bias = problem.bias === 'free' ? Float64Array.from(problem.counts, (n) => n / samples) : null;
  return { head: { weights, bias }, classFeatures };
}

/** Rows of V_R for one sample of each class: (Uᵀ c_k)/τ with c_k = e_k, or e_k − n/N with a free bias. K×rank. */
function rightVectors(problem: Problem, columns: readonly { u: Float64Array; target: number }[]): Matrix {
  const K = problem.counts.length;
  const samples = samplesOf(problem);
  const V = zeros(K, columns.length);
  columns.forEach(({ u, target }, i) => {
    let mean = 0;
    if (problem.bias === 'free') for (let k = 0; k < K; k++) mean += (u[k] * problem.counts[k]) / samples;
    for (let k = 0; k < K; k++) V.data[k * columns.length + i] = (u[k] - mean) / target;
  });
  return V;
}

/** An orthonormal basis of (the kept part of) an eigenspace, as K-vectors. */
function* basisOf(partition: Partition, space: Eigenspace, dimension: number): Generator<Float64Array> {
  const K = partition.blockOf.length;
  if (space.kind === 'vector') {
    yield Float64Array.from(partition.blockOf, (block) => space.values[block]);
    return;
  }
  const members = space.blocks.flatMap((block) => partition.blocks[block].members);
  for (let i = 0; i < dimension; i++) {
    const u = new Float64Array(K);
    if (space.kind === 'units') u[members[i]] = 1;
    else {
      // Helmert's contrasts: the first i + 1 members against the next one.
      const norm = Math.sqrt((i + 1) * (i + 2));
      for (let j = 0; j <= i; j++) u[members[j]] = 1 / norm;
      u[members[i + 1]] = -(i + 1) / norm;
    }
    yield u;
  }
}
