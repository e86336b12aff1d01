/**
 * Gradient descent with momentum on layers too wide for a cache, where a step is as slow as memory: every W_m is read twice a
 * step, once forwards and once backwards, and written once.
 *
 * The columns of H are one more layer of the chain. With L_m = W_M … W_{m+1} (K×d_m), E = ∂(N·value)/∂(PH) and R_0 = E/N, the
 * gradient of the columns is Pᵀ R_0 and R_1 = R_0 Hᵀ; that of W_m is L_mᵀ R_m and R_{m+1} = R_m W_mᵀ. So one pass over a layer
 * and its velocity takes the product that the next layer needs and makes the step. What is optimised is in `objective.ts`.
 */
import type { Blas } from '../core/blas.js';
import type { ClassRows, LayerPasses } from '../core/layerPasses.js';
import { zeros } from '../core/matrix.js';
import { outputsOf, samplesOf, type Problem } from '../model/index.js';
import type { ReducedColumns } from './columns.js';
import { createErrorTerm } from './errorTerm.js';
import { parameterCount, type Parameters } from './objective.js';

/** Fewer parameters stay in the caches, where a BLAS has wider vectors than the passes. */
const FEWEST_PARAMETERS = 2 ** 19;
/** With more classes a layer is worked on, not waited for. */
const MOST_CLASSES = 8;

export interface WideMemory {
  readonly passes: LayerPasses;
  /** Room for the parameters and for their velocities. */
  readonly parameters: Float64Array;
  readonly velocity: Float64Array;
}

/** Memory for the parameters of a problem with c columns; null where the passes would not pay or cannot be. */
export function openWideMemory(problem: Problem, columnCount: number, blas: Blas): WideMemory | null {
  const size = parameterCount(problem, columnCount);
  const classes = outputsOf(problem);
  if (blas.openPasses === undefined || size < FEWEST_PARAMETERS || classes > MOST_CLASSES) return null;
  // E and R_0, then P = L_0, L_1 … and R_1, R_2 …
  const rows = [columnCount, ...problem.widths, ...problem.widths];
  const columns = Math.max(columnCount, ...problem.widths);
  const passes = blas.openPasses({ classes, vectors: [size, size], rows, columns });
  if (passes === null) return null;
  const [parameters, velocity] = passes.vectors;
  return { passes, parameters, velocity };
}

export interface WideDescent {
  /** The data part of the objective at the parameters as they are. */
  forward(): number;
  /** One step, after `forward`. */
  step(rate: number, momentum: number): void;
}

/** Descent on parameters and velocities that were laid out over `passes`' memory. */
export function createWideDescent(
  problem: Problem,
  reduced: ReducedColumns,
  parameters: Parameters,
  velocity: Parameters,
  passes: LayerPasses,
): WideDescent {
  const { weights, columns, bias } = parameters;
  const depth = weights.length;
  const N = samplesOf(problem);
  const term = createErrorTerm(problem, reduced);
  const error = zeros(outputsOf(problem), columns.cols);
  const [errorRows, ...chainRows] = passes.classRows;
  // left[m] = W_M … W_{m+1}, K×d_m, and right[m] = R_{m+1}, K×d_m, for m = 0 … M−1.
  const left = chainRows.slice(0, depth);
  const right = chainRows.slice(depth);
  const last = weights[depth - 1];
  const biasDecay = problem.biasDecay ?? 0;

  return {
    forward() {
      left[depth - 1].rows.forEach((row, k) =>
        row.set(last.data.subarray(k * last.cols, (k + 1) * last.cols)),
      );
      for (let m = depth - 2; m >= 0; m--) passes.product(weights[m], left[m + 1], left[m]);
      passes.product(columns, left[0], errorRows);
      errorRows.rows.forEach((row, k) => error.data.set(row, k * error.cols));
      return term.apply(error, bias) / N;
    },
    step(rate, momentum) {
      const rule = (decay: number) => ({ momentum, decay, rate });
      errorRows.rows.forEach((row, k) => {
        for (let c = 0; c < row.length; c++) row[c] = error.data[k * row.length + c] / N;
      });
      passes.step(columns, velocity.columns, left[0], errorRows, right[0], rule(problem.featureDecay));
      for (let m = 0; m < depth - 1; m++) {
        const decay = problem.weightDecays[m];
        passes.step(weights[m], velocity.weights[m], left[m + 1], right[m], right[m + 1], rule(decay));
      }
      descend(
        last.data,
        velocity.weights[depth - 1].data,
        right[depth - 1],
        rule(problem.weightDecays[depth - 1]),
      );
      if (bias === null || velocity.bias === null) return;
      for (let k = 0; k < bias.length; k++) {
        let sum = 0;
        for (let c = 0; c < error.cols; c++) sum += error.data[k * error.cols + c] * term.biasRow[c];
        velocity.bias[k] = momentum * velocity.bias[k] + sum / N + biasDecay * bias[k];
        bias[k] -= rate * velocity.bias[k];
      }
    },
  };
}

/** The last layer, K×d_{M−1}: its gradient is R_M itself. */
function descend(
  W: Float64Array,
  V: Float64Array,
  { rows }: ClassRows,
  { momentum, decay, rate }: { readonly momentum: number; readonly decay: number; readonly rate: number },
): void {
  rows.forEach((gradient, k) => {
    const first = k * gradient.length;
    for (let j = 0; j < gradient.length; j++) {
      const i = first + j;
      V[i] = momentum * V[i] + decay * W[i] + gradient[j];
      W[i] -= rate * V[i];
    }
  });
}
