/**
 * The objective of any problem at the class means, on one flat vector of parameters.
 *
 * Where the loss is convex in the features (all but focal loss) the minimiser has no within-class variability, so K columns
 * x_k = √n_k·h̄_k stand for N: F = Σ_k c_k·ℓ_k(P x_k/√n_k + b) + Σ λ_m/2‖W_m‖² + λ_H/2‖X‖² + λ_b/2‖b‖². θ = [W_1 … W_M | X | b];
 * the last layer has q rows. Features that must not be negative are x = y², entry by entry, so that θ is free.
 */
import type { Blas } from '../../core/blas.js';
import type { Smooth } from '../../core/lbfgs.js';
import { matrix, zeros, type Matrix } from '../../core/matrix.js';
import { createHeadChain } from '../../head/index.js';
import { outputsOf, type Problem } from '../../model/index.js';
import { columnLossOf } from '../columnLoss.js';
import type { Minimiser } from '../prediction.js';

/** Views into θ. */
interface Layout {
  readonly weights: readonly Matrix[];
  /** d_0×K: X, or Y with X = Y∘Y. */
  readonly columns: Matrix;
  readonly bias: Float64Array | null;
}

export interface MeansObjective extends Smooth {
  readonly layout: Layout;
  /** F at x. */
  value(): number;
  /** The factors, class means and bias at x. */
  point(): Minimiser;
}

/** At θ = 0 until `x` is set; `widths` (of the same depth) replace those of the problem. */
export function createMeansObjective(
  problem: Problem,
  widths: readonly number[],
  blas: Blas,
): MeansObjective {
  const K = problem.counts.length;
  const q = outputsOf(problem);
  const loss = columnLossOf(problem);
  const outs = [...widths.slice(1), q];
  const hasBias = problem.bias !== 'none';
  const size = widths.reduce((sum, width, m) => sum + width * outs[m], 0) + widths[0] * K + (hasBias ? q : 0);
  const lay = (flat: Float64Array): Layout => {
    let offset = 0;
    const next = (rows: number, cols: number) => {
      const view = matrix(flat.subarray(offset, offset + rows * cols), rows, cols);
      offset += rows * cols;
      return view;
    };
    const weights = widths.map((width, m) => next(outs[m], width));
    const columns = next(widths[0], K);
    return { weights, columns, bias: hasBias ? next(1, q).data : null };
  };
  const x = new Float64Array(size);
  const layout = lay(x);
  const { weights, columns, bias } = layout;
  const squared = problem.featureSign === 'nonnegative';
  const X = squared ? zeros(columns.rows, K) : columns;
  const chain = createHeadChain(blas, weights);
  const error = zeros(q, K);
  const R1 = zeros(widths[0], q);
  const dX = zeros(widths[0], K);
  const [a, slope] = [new Float64Array(q), new Float64Array(q)];
  const roots = problem.counts.map(Math.sqrt);
  let Pt = zeros(0, 0);

  const squareInto = () => {
    if (squared) for (let i = 0; i < X.data.length; i++) X.data[i] = columns.data[i] ** 2;
  };
  /** The data part; leaves ∂/∂(PX) in `error` and ∂/∂b in `biasSlope`. */
  const forward = (biasSlope: Float64Array | null): number => {
    squareInto();
    Pt = chain.product();
    blas.gemm('T', 'N', 1, Pt, X, 0, error);
    biasSlope?.fill(0);
    let sum = 0;
    for (let k = 0; k < K; k++) {
      for (let j = 0; j < q; j++) a[j] = error.data[j * K + k] / roots[k] + (bias === null ? 0 : bias[j]);
      const share = loss.weights[k];
      sum += share * loss.evaluate(a, k, slope);
      for (let j = 0; j < q; j++) {
        error.data[j * K + k] = (share * slope[j]) / roots[k];
        if (biasSlope !== null) biasSlope[j] += share * slope[j];
      }
    }
    return sum;
  };
  const regulariser = (): number => {
    let sum = (problem.featureDecay / 2) * blas.dot(X.data, X.data);
    weights.forEach((W, m) => (sum += (problem.weightDecays[m] / 2) * blas.dot(W.data, W.data)));
    if (bias !== null && problem.biasDecay !== null) sum += (problem.biasDecay / 2) * blas.dot(bias, bias);
    return sum;
  };

  return {
    x,
    layout,
    value: () => forward(null) + regulariser(),
    evaluate(gradient) {
      const G = lay(gradient);
      const data = forward(G.bias);
      blas.gemm('N', 'T', 1, X, error, 0, R1);
      chain.backward(R1, G.weights, 0);
      weights.forEach((W, m) => blas.axpy(problem.weightDecays[m], W.data, G.weights[m].data));
      blas.gemm('N', 'N', 1, Pt, error, 0, dX);
      blas.axpy(problem.featureDecay, X.data, dX.data);
      for (let i = 0; i < dX.data.length; i++)
        G.columns.data[i] = squared ? 2 * columns.data[i] * dX.data[i] : dX.data[i];
      if (bias !== null && G.bias !== null && problem.biasDecay !== null)
        blas.axpy(problem.biasDecay, bias, G.bias);
      return data + regulariser();
    },
    point() {
      squareInto();
      const classFeatures = zeros(X.rows, K);
      for (let r = 0; r < X.rows; r++)
        for (let k = 0; k < K; k++) classFeatures.data[r * K + k] = X.data[r * K + k] / roots[k];
      return {
        head: {
          weights: weights.map((W) => ({ ...W, data: W.data.slice() })),
          bias: bias === null ? null : bias.slice(),
        },
        classFeatures,
      };
    },
  };
}

/** F of an explicit point of a problem, by its definition. */
export function objectiveAt(problem: Problem, { head, classFeatures }: Minimiser, blas: Blas): number {
  const widths = head.weights.map((W) => W.cols);
  const objective = createMeansObjective(problem, widths, blas);
  head.weights.forEach((W, m) => objective.layout.weights[m].data.set(W.data));
  const K = problem.counts.length;
  const squared = problem.featureSign === 'nonnegative';
  objective.layout.columns.data.forEach((_, i, data) => {
    const value = classFeatures.data[i] * Math.sqrt(problem.counts[i % K]);
    data[i] = squared ? Math.sqrt(Math.max(0, value)) : value;
  });
  if (head.bias !== null) objective.layout.bias?.set(head.bias);
  return objective.value();
}
