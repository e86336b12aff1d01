/** Second, deliberately plain ways for the tests of cross-entropy: all N samples, no grouping, no BLAS. */
import { zeros, type Matrix } from '../../../src/core/matrix.js';
import { portableBlas } from '../../../src/core/portableBlas.js';
import { samplesOf, type Problem } from '../../../src/model/index.js';
import type { Minimiser } from '../../../src/theory/index.js';
import { labelsOf, multiply, transposed } from '../../support/naive.js';

/** F and its gradient over all samples in the definition's own words, and the largest entry of the gradient. */
export function naiveCe(problem: Problem, { head, classFeatures }: Minimiser) {
  const labels = labelsOf(problem.counts);
  const N = samplesOf(problem);
  const K = problem.counts.length;
  const H = zeros(classFeatures.rows, N);
  for (let r = 0; r < H.rows; r++)
    labels.forEach((k, i) => (H.data[r * N + i] = classFeatures.data[r * K + k]));
  const Z = [H];
  for (const W of head.weights) Z.push(multiply(W, Z[Z.length - 1]));
  let back = zeros(K, N);
  let value = 0;
  labels.forEach((label, i) => {
    const z = Array.from({ length: K }, (_, k) => Z[Z.length - 1].data[k * N + i] + (head.bias?.[k] ?? 0));
    const top = Math.max(...z);
    const sum = z.reduce((total, entry) => total + Math.exp(entry - top), 0);
    value += (top + Math.log(sum) - z[label]) / N;
    z.forEach((entry, k) => {
      back.data[k * N + i] = (Math.exp(entry - top) / sum - (k === label ? 1 : 0)) / N;
    });
  });
  const square = (A: Matrix) => A.data.reduce((total, a) => total + a * a, 0);
  head.weights.forEach((W, m) => (value += (problem.weightDecays[m] / 2) * square(W)));
  value += (problem.featureDecay / 2) * square(H);
  let steepest = 0;
  const see = (A: Matrix) => A.data.forEach((entry) => (steepest = Math.max(steepest, Math.abs(entry))));
  if (head.bias !== null)
    for (let k = 0; k < K; k++)
      steepest = Math.max(
        steepest,
        Math.abs(back.data.subarray(k * N, (k + 1) * N).reduce((a, b) => a + b, 0)),
      );
  for (let m = head.weights.length - 1; m >= 0; m--) {
    const G = multiply(back, transposed(Z[m]));
    G.data.forEach((_, i) => (G.data[i] += problem.weightDecays[m] * head.weights[m].data[i]));
    see(G);
    back = multiply(transposed(head.weights[m]), back);
  }
  back.data.forEach((_, i) => (back.data[i] += problem.featureDecay * H.data[i]));
  see(back);
  return { value, steepest };
}

/** f(Z̄, b) + μ‖Z̄D^{1/2}‖_* in the definition's own words (sorted sums are not needed at test sizes). */
export function naiveConvex(
  counts: readonly number[],
  mu: number,
  logits: Matrix,
  bias: Float64Array | null,
) {
  const K = counts.length;
  const N = counts.reduce((a, b) => a + b, 0);
  let value = 0;
  const G = zeros(K, K);
  const biasGradient = new Float64Array(K);
  for (let k = 0; k < K; k++) {
    const z = Array.from({ length: K }, (_, j) => logits.data[j * K + k] + (bias?.[j] ?? 0));
    const top = Math.max(...z);
    const sum = z.reduce((total, entry) => total + Math.exp(entry - top), 0);
    value += (counts[k] / N) * (top + Math.log(sum) - z[k]);
    z.forEach((entry, j) => {
      const slope = (Math.exp(entry - top) / sum - (j === k ? 1 : 0)) / N;
      G.data[j * K + k] = Math.sqrt(counts[k]) * slope;
      biasGradient[j] += counts[k] * slope;
    });
  }
  const Z = { data: logits.data.map((l, i) => l * Math.sqrt(counts[i % K])), rows: K, cols: K };
  const nuclear = portableBlas.svd(Z).s.reduce((a, b) => a + b, 0);
  return { value: value + mu * nuclear, Z, G, biasGradient };
}

/**
 * Proximal gradient with Nesterov's momentum and restarts (FISTA) on Z: singular values are shrunk by μ·step. Slow, and
 * sharing nothing with the solver under test. Returns the lowest objective met.
 */
export function proximalMinimum(counts: readonly number[], mu: number, free: boolean, steps: number): number {
  const K = counts.length;
  const N = counts.reduce((a, b) => a + b, 0);
  // The softmax Hessian is at most ½, its Z-part therefore 1/(2N); with the bias beside it, twice n/N at most.
  const step = 1 / (1 / (2 * N));
  const biasStep = 1;
  const roots = counts.map(Math.sqrt);
  let Z = zeros(K, K);
  let bias = new Float64Array(K);
  let [Y, shift] = [{ ...Z, data: Z.data.slice() }, bias.slice()];
  let best = Infinity;
  let t = 1;
  let last = Infinity;
  const half = free ? 0.5 : 1;
  for (let i = 0; i < steps; i++) {
    const at = naiveConvex(
      counts,
      mu,
      { data: Y.data.map((y, j) => y / roots[j % K]), rows: K, cols: K },
      free ? shift : null,
    );
    const moved = { data: Y.data.map((y, j) => y - half * step * at.G.data[j]), rows: K, cols: K };
    const { U, s, Vt } = portableBlas.svd(moved);
    const shrunk = { data: U.data.slice(), rows: K, cols: K };
    for (let a = 0; a < K; a++)
      for (let b = 0; b < K; b++) shrunk.data[a * K + b] *= Math.max(0, s[b] - half * step * mu);
    const next = multiply(shrunk, Vt);
    const nextBias = free ? shift.map((b, a) => b - half * biasStep * at.biasGradient[a]) : bias;
    const value = naiveConvex(
      counts,
      mu,
      { data: next.data.map((z, j) => z / roots[j % K]), rows: K, cols: K },
      free ? nextBias : null,
    ).value;
    best = Math.min(best, value);
    if (value > last) t = 1;
    last = value;
    const following = (1 + Math.sqrt(1 + 4 * t * t)) / 2;
    const momentum = (t - 1) / following;
    Y = { data: next.data.map((z, j) => z + momentum * (z - Z.data[j])), rows: K, cols: K };
    shift = nextBias.map((b, j) => b + momentum * (b - bias[j]));
    [Z, bias, t] = [next, nextBias, following];
  }
  return best;
}
