/**
 * The objective of the unconstrained-features model and its gradient, on one flat vector of parameters.
 *
 * θ = [W_1 … W_M | columns of H (d×c) | b]. The columns are those of `columns.ts`, the loss is in `errorTerm.ts`; the value
 * is that of the full problem.
 */
import type { Blas } from '../core/blas.js';
import { matrix, zeros, type Matrix } from '../core/matrix.js';
import { createHeadChain, rowBlock, rowBlocks } from '../head/index.js';
import { outputsOf, samplesOf, type Problem } from '../model/index.js';
import type { ReducedColumns } from './columns.js';
import { createErrorTerm } from './errorTerm.js';

/** Views into one flat vector. */
export interface Parameters {
  readonly flat: Float64Array;
  readonly weights: readonly Matrix[];
  /** d_0×c. */
  readonly columns: Matrix;
  readonly bias: Float64Array | null;
}

/** Lays the parameters of a problem with c columns out over a flat vector (a new one of zeros unless given). */
export function layParameters(problem: Problem, columnCount: number, flat?: Float64Array): Parameters {
  const q = outputsOf(problem);
  const outs = [...problem.widths.slice(1), q];
  const size = parameterCount(problem, columnCount);
  const vector = flat ?? new Float64Array(size);
  let offset = 0;
  const lay = (rows: number, cols: number) => {
    const view = matrix(vector.subarray(offset, offset + rows * cols), rows, cols);
    offset += rows * cols;
    return view;
  };
  const weights = problem.widths.map((width, m) => lay(outs[m], width));
  const columns = lay(problem.widths[0], columnCount);
  const bias = problem.bias === 'none' ? null : lay(1, q).data;
  return { flat: vector, weights, columns, bias };
}

export function parameterCount(problem: Problem, columnCount: number): number {
  const q = outputsOf(problem);
  const outs = [...problem.widths.slice(1), q];
  const weights = problem.widths.reduce((sum, width, m) => sum + width * outs[m], 0);
  return weights + problem.widths[0] * columnCount + (problem.bias === 'none' ? 0 : q);
}

/** Called when entries [start, end) of the flat gradient are final; the same entries of θ are not read again. */
export type RangeVisitor = (start: number, end: number) => void;

export interface Objective {
  /** F(θ). */
  value(): number;
  /** Σ λ_m/2 ‖W_m‖² + λ_H/2 ‖H‖² (and λ_b/2 ‖b‖² of a decayed bias), the part of F(θ) that is not data. */
  regulariser(): number;
  /** The data part of F(θ), without regularisers; what `gradientInto` builds on. */
  forward(): number;
  /**
   * G ← scale·G + ∇F(θ), at the θ of the last `forward`. (scale = β makes G the velocity of gradient descent with
   * momentum.) `visit` may update θ range by range while it is in cache.
   */
  gradientInto(G: Parameters, scale: number, visit?: RangeVisitor): void;
}

/** The objective at `parameters`, which it reads in place at every call. Buffers are allocated once. */
export function createObjective(
  problem: Problem,
  reduced: ReducedColumns,
  parameters: Parameters,
  blas: Blas,
): Objective {
  const { weights, columns, bias, flat } = parameters;
  const q = outputsOf(problem);
  const biasDecay = problem.biasDecay ?? 0;
  const N = samplesOf(problem);
  const term = createErrorTerm(problem, reduced);
  const chain = createHeadChain(blas, weights);
  const error = zeros(q, columns.cols);
  const R1 = zeros(columns.rows, q);
  const layers = layerOffsets(problem, parameters);
  const columnBlocks = rowBlocks(columns.rows, columns.cols);

  let Pt = zeros(0, 0);

  const forward = (): number => {
    Pt = chain.product();
    blas.gemm('T', 'N', 1, Pt, columns, 0, error);
    return term.apply(error, bias) / N;
  };
  const regulariser = () =>
    layers.reduce((sum, { decay, values }) => sum + (decay / 2) * blas.dot(values, values), 0) +
    (bias === null || biasDecay === 0 ? 0 : (biasDecay / 2) * blas.dot(bias, bias));
  /** G += λθ on rows of one block, after which the range is final. */
  const finish = (
    G: Parameters,
    visit: RangeVisitor | undefined,
    layer: number,
    start: number,
    end: number,
  ) => {
    const { decay, offset, cols } = layers[layer];
    const [first, past] = [offset + start * cols, offset + end * cols];
    blas.axpy(decay, flat.subarray(first, past), G.flat.subarray(first, past));
    visit?.(first, past);
  };

  return {
    value: () => forward() + regulariser(),
    regulariser,
    forward,
    gradientInto(G, scale, visit) {
      blas.gemm('N', 'T', 1 / N, columns, error, 0, R1);
      chain.backward(R1, G.weights, scale, (m, start, end) => finish(G, visit, m, start, end));
      for (const { start, end } of columnBlocks) {
        blas.gemm('N', 'N', 1 / N, rowBlock(Pt, start, end), error, scale, rowBlock(G.columns, start, end));
        finish(G, visit, layers.length - 1, start, end);
      }
      if (G.bias !== null) {
        for (let j = 0; j < q; j++) {
          let sum = 0;
          for (let c = 0; c < error.cols; c++) sum += error.data[j * error.cols + c] * term.biasRow[c];
          const decayed = biasDecay === 0 || bias === null ? 0 : biasDecay * bias[j];
          G.bias[j] = (scale === 0 ? 0 : scale * G.bias[j]) + sum / N + decayed;
        }
        visit?.(flat.length - q, flat.length);
      }
    },
  };
}

/** Decay and place of W_1 … W_M and of the columns of H in the flat vector. */
function layerOffsets(problem: Problem, { weights, columns }: Parameters) {
  const decays = [...problem.weightDecays, problem.featureDecay];
  let offset = 0;
  return [...weights, columns].map(({ data, cols }, m) => {
    const place = { decay: decays[m], offset, cols, values: data };
    offset += data.length;
    return place;
  });
}
