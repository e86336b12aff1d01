/**
 * The data part of the objective on a set of columns: its value and ∂(N·value)/∂(PH) as a K×c matrix E.
 *
 * Everything behind E (gradients of layers, columns and bias) is the same for every loss: ∂F/∂P = EHᵀ/N, ∂F/∂H = PᵀE/N,
 * ∂F/∂b = Eρ/N, with ρ_j what the bias meets in column j.
 */
import { variationsOf, type Problem } from '../model/index.js';
import type { ReducedColumns } from './columns.js';
import { createColumnTerm, type ErrorTerm } from './columnTerm.js';

/** The error term of a problem's loss on the columns of its start. */
export function createErrorTerm(problem: Problem, reduced: ReducedColumns): ErrorTerm {
  if (variationsOf(problem).length > 0) return createColumnTerm(problem, reduced);
  const { columns, basis } = reduced;
  switch (problem.loss) {
    case 'mse':
      return meanSquares(problem.counts, columns.cols);
    case 'ce':
      return crossEntropy(problem.counts, basis === 'samples');
    default:
      return problem.loss satisfies never;
  }
}

/** ½‖PH + bρᵀ − T‖²: on reduced columns the targets are √n_k e_k and 0, and the bias meets √n_k and 0. */
function meanSquares(counts: readonly number[], c: number): ErrorTerm {
  const K = counts.length;
  const biasRow = new Float64Array(c);
  counts.forEach((n, k) => (biasRow[k] = Math.sqrt(n)));
  return {
    biasRow,
    apply(E, bias) {
      for (let k = 0; k < K; k++) E.data[k * c + k] -= biasRow[k];
      if (bias !== null)
        for (let j = 0; j < K; j++) for (let k = 0; k < K; k++) E.data[j * c + k] += bias[j] * biasRow[k];
      let sum = 0;
      for (const value of E.data) sum += value * value;
      return sum / 2;
    },
  };
}

/**
 * Σ_j ρ_j² CE(z_j/ρ_j + b, y_j) on columns ρ_j·h_j: single samples with ρ = 1, or, where the features of a class coincide,
 * one column a class with ρ = √n_k. E_j = ρ_j(softmax − e_{y_j}). Log-sum-exp throughout.
 */
function crossEntropy(counts: readonly number[], single: boolean): ErrorTerm {
  const K = counts.length;
  const labels = single
    ? Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)))
    : Int32Array.from(counts, (_, k) => k);
  const c = labels.length;
  const biasRow = Float64Array.from(labels, (k) => (single ? 1 : Math.sqrt(counts[k])));
  const largest = new Float64Array(c);
  const total = new Float64Array(c);
  return {
    biasRow,
    apply({ data }, bias) {
      largest.fill(-Infinity);
      for (let k = 0; k < K; k++) {
        const shift = bias === null ? 0 : bias[k];
        for (let j = 0; j < c; j++) {
          const z = data[k * c + j] / biasRow[j] + shift;
          data[k * c + j] = z;
          if (z > largest[j]) largest[j] = z;
        }
      }
      let sum = 0;
      for (let j = 0; j < c; j++) sum -= biasRow[j] ** 2 * (data[labels[j] * c + j] - largest[j]);
      total.fill(0);
      for (let k = 0; k < K; k++)
        for (let j = 0; j < c; j++) {
          const value = Math.exp(data[k * c + j] - largest[j]);
          data[k * c + j] = value;
          total[j] += value;
        }
      for (let j = 0; j < c; j++) sum += biasRow[j] ** 2 * Math.log(total[j]);
      for (let k = 0; k < K; k++) for (let j = 0; j < c; j++) data[k * c + j] *= biasRow[j] / total[j];
      for (let j = 0; j < c; j++) data[labels[j] * c + j] -= biasRow[j];
      return sum;
    },
  };
}
