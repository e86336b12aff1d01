/**
 * The error term of a problem with variations, on the columns of `columns.ts`.
 *
 * On single samples or, where the features of a class coincide, on one column √n_k·h̄_k a class, with ρ_j = 1 or √n_k:
 * N·value = Σ_j (N c_k/n_k)ρ_j²·ℓ_k(z_j/ρ_j + b), k the class of column j, c_k and ℓ_k of the theory room. Reduced columns, under squared
 * error with equal weights, have the targets √n_k·t_k and 0.
 */
import type { Matrix } from '../core/matrix.js';
import { samplesOf, type Problem } from '../model/index.js';
import { columnLossOf } from '../theory/index.js';
import type { ReducedColumns } from './columns.js';

/** The data part on a set of columns, and what the bias meets there. */
export interface ErrorTerm {
  /** ρ, c numbers. */
  readonly biasRow: Float64Array;
  /** Turns E = PH into ∂(N·value)/∂(PH) in place; returns N·value. */
  apply(E: Matrix, bias: Float64Array | null): number;
}

/** Whether the columns must be the samples themselves: where an orthogonal change of them changes the objective. */
export function needsSamples({ loss, classWeights, featureSign }: Problem): boolean {
  return loss === 'ce' || classWeights !== null || featureSign === 'nonnegative';
}

export function createColumnTerm(problem: Problem, { columns, basis }: ReducedColumns): ErrorTerm {
  return basis === 'samples' || basis === 'collapsed' || needsSamples(problem)
    ? classColumns(problem, basis === 'samples')
    : reducedSquares(problem, columns.cols);
}

function classColumns(problem: Problem, single: boolean): ErrorTerm {
  const { counts } = problem;
  const N = samplesOf(problem);
  const loss = columnLossOf(problem);
  const labels = single
    ? Int32Array.from(counts.flatMap((n, k) => new Array<number>(n).fill(k)))
    : Int32Array.from(counts, (_, k) => k);
  const biasRow = Float64Array.from(labels, (k) => (single ? 1 : Math.sqrt(counts[k])));
  const q = loss.outputs;
  const [a, slope] = [new Float64Array(q), new Float64Array(q)];
  return {
    biasRow,
    apply({ data, cols }, bias) {
      let sum = 0;
      for (let j = 0; j < cols; j++) {
        const k = labels[j];
        const rho = biasRow[j];
        for (let r = 0; r < q; r++) a[r] = data[r * cols + j] / rho + (bias === null ? 0 : bias[r]);
        const weight = (N * loss.weights[k]) / counts[k];
        sum += weight * rho * rho * loss.evaluate(a, k, slope);
        for (let r = 0; r < q; r++) data[r * cols + j] = weight * rho * slope[r];
      }
      return sum;
    },
  };
}

/** ½‖PH + bρᵀ − T‖², ρ = √n_k on the class columns and 0 on the deviations. */
function reducedSquares(problem: Problem, c: number): ErrorTerm {
  const { counts } = problem;
  const { outputs: q, target } = columnLossOf(problem);
  const biasRow = new Float64Array(c);
  counts.forEach((n, k) => (biasRow[k] = Math.sqrt(n)));
  return {
    biasRow,
    apply(E: Matrix, bias) {
      for (let k = 0; k < counts.length; k++) {
        const t = target(k);
        for (let r = 0; r < q; r++) E.data[r * c + k] += biasRow[k] * ((bias === null ? 0 : bias[r]) - t[r]);
      }
      let sum = 0;
      for (const value of E.data) sum += value * value;
      return sum / 2;
    },
  };
}
