/**
 * A second way to a minimum under cross-entropy: W_1 … W_M and H̄ themselves, moved along a gradient by the chain rule written
 * down here in plain loops. Nothing of it knows of singular values, certificates or a logit matrix.
 */
import { createLbfgs } from '../../src/core/lbfgs.js';
import { matrix, type Matrix } from '../../src/core/matrix.js';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createRandom } from '../../src/core/random.js';
import type { Problem } from '../../src/model/index.js';
import type { Minimiser } from '../../src/theory/index.js';

type Rows = number[][];

const times = (A: Rows, B: Rows): Rows =>
  A.map((row) => B[0].map((_, j) => row.reduce((sum, a, k) => sum + a * B[k][j], 0)));
const turned = (A: Rows): Rows => A[0].map((_, j) => A.map((row) => row[j]));
const asMatrix = (A: Rows): Matrix => matrix(Float64Array.from(A.flat()), A.length, A[0].length);

/** The lowest of several descents without a bias. Throws where none came to a gradient of 1e-11. */
export function descendCrossEntropy(problem: Problem, starts = 4): { objective: number; point: Minimiser } {
  const found = Array.from({ length: starts }, (_, seed) => descend(problem, seed)).flatMap(
    (end) => end ?? [],
  );
  if (found.length === 0) throw new Error('no descent converged');
  return found.reduce((least, next) => (next.objective < least.objective ? next : least));
}

function descend(problem: Problem, seed: number): { objective: number; point: Minimiser } | null {
  const { counts, widths, weightDecays, featureDecay } = problem;
  const K = counts.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  // Columns of H̄ first, then the layers from W_1 on.
  const sizes = [...widths, K];
  const shapes = [[sizes[0], K], ...sizes.slice(1).map((rows, m) => [rows, sizes[m]])];
  const lengths = shapes.map(([rows, cols]) => rows * cols);
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((sum, n) => sum + n, 0));
  const x = createRandom(seed).normalsInto(new Float64Array(lengths.reduce((sum, n) => sum + n, 0)), 0.6);
  const parts = (): Rows[] =>
    shapes.map(([rows, cols], i) =>
      Array.from({ length: rows }, (_, r) =>
        Array.from(x.subarray(starts[i] + r * cols, starts[i] + (r + 1) * cols)),
      ),
    );
  const evaluate = (gradient: Float64Array): number => {
    const [H, ...layers] = parts();
    const outputs = [H];
    for (const W of layers) outputs.push(times(W, outputs[outputs.length - 1]));
    const Z = outputs[outputs.length - 1];
    let value = 0;
    // Column k is the class mean of class k, n_k samples of N.
    let back: Rows = Z.map((row) => row.map(() => 0));
    for (let k = 0; k < K; k++) {
      const highest = Math.max(...Z.map((row) => row[k]));
      const exponentials = Z.map((row) => Math.exp(row[k] - highest));
      const sum = exponentials.reduce((whole, e) => whole + e, 0);
      value += (counts[k] / N) * (Math.log(sum) + highest - Z[k][k]);
      for (let j = 0; j < K; j++) back[j][k] = (counts[k] / N) * (exponentials[j] / sum - (j === k ? 1 : 0));
    }
    const put = (i: number, G: Rows) => gradient.set(G.flat(), starts[i]);
    for (let m = layers.length - 1; m >= 0; m--) {
      const decay = weightDecays[m];
      const slope = times(back, turned(outputs[m]));
      put(
        m + 1,
        slope.map((row, r) => row.map((g, c) => g + decay * layers[m][r][c])),
      );
      value += (decay / 2) * layers[m].flat().reduce((sum, w) => sum + w * w, 0);
      back = times(turned(layers[m]), back);
    }
    // Each of the n_k samples pays for its feature.
    put(
      0,
      back.map((row, r) => row.map((g, k) => g + featureDecay * counts[k] * H[r][k])),
    );
    for (const row of H) row.forEach((h, k) => (value += (featureDecay / 2) * counts[k] * h * h));
    return value;
  };
  const lbfgs = createLbfgs({ x, evaluate }, { memory: 20, tolerance: 1e-11, blas });
  for (let i = 0; i < 5000; i++) {
    const outcome = lbfgs.iterate();
    if (outcome === 'moved') continue;
    const slope = lbfgs.state().gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
    if (outcome === 'stalled' && slope > 1e-9) return null;
    const [H, ...layers] = parts();
    return {
      objective: lbfgs.state().value,
      point: { head: { weights: layers.map(asMatrix), bias: null }, classFeatures: asMatrix(H) },
    };
  }
  return null;
}
