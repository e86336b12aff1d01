/** Where numeric descents of the objective at the class means start: near what the targets ask for, or at random. */
import type { Blas } from '../../core/blas.js';
import { zeros, type Matrix } from '../../core/matrix.js';
import type { Random } from '../../core/random.js';
import type { Problem } from '../../model/index.js';
import { columnLossOf } from '../columnLoss.js';
import type { MeansObjective } from './objective.js';

/** The spread that keeps a start off the saddles of its own symmetry. */
const NOISE = 0.02;

/** Every entry N(0, gain²/width of the layer). */
export function randomStart({ layout }: MeansObjective, gain: number, random: Random): void {
  for (const W of layout.weights) random.normalsInto(W.data, gain / Math.sqrt(W.cols));
  random.normalsInto(layout.columns.data, gain / Math.sqrt(layout.columns.rows));
  layout.bias?.fill(0);
}

/**
 * The balanced factors of gain·(T − T̄)D^{1/2} at a rank, with a little noise. Features that must not be negative stand along the
 * axes instead, a class each, and the head alone is factored.
 */
export function targetStart(
  problem: Problem,
  { layout }: MeansObjective,
  { gain, rank, random, blas }: { gain: number; rank: number; random: Random; blas: Blas },
): void {
  const { weights, columns, bias } = layout;
  const squared = problem.featureSign === 'nonnegative';
  const wanted = centredTargets(problem);
  const K = wanted.cols;
  if (!squared)
    for (let i = 0; i < wanted.data.length; i++) wanted.data[i] *= Math.sqrt(problem.counts[i % K]);
  const { U, s, Vt } = blas.svd(wanted);
  const factors = squared ? weights.length : weights.length + 1;
  const share = (i: number) => (i < rank ? Math.pow(gain * s[i], 1 / factors) : 0);
  const noisy = () => NOISE * random.normal();
  const last = weights.length - 1;
  weights.forEach((W, m) => {
    const inner = Math.min(s.length, W.cols, m === last ? s.length : W.rows);
    for (let i = 0; i < W.data.length; i++) W.data[i] = noisy();
    if (m === last && !(squared && m === 0))
      for (let j = 0; j < W.rows; j++)
        for (let i = 0; i < inner; i++) W.data[j * W.cols + i] += U.data[j * U.cols + i] * share(i);
    else if (squared && m === 0) addHead(W, m === last ? U : null, s.length, Vt, share);
    else for (let i = 0; i < inner; i++) W.data[i * W.cols + i] += share(i);
  });
  const most = problem.counts.reduce((a, b) => Math.max(a, b), 1);
  for (let i = 0; i < columns.data.length; i++) {
    const [r, k] = [Math.floor(i / K), i % K];
    if (squared)
      columns.data[i] =
        0.1 * Math.abs(noisy()) + (r % K === k && r < K ? Math.pow(problem.counts[k] / most, 0.25) : 0);
    else columns.data[i] = noisy() + (r < s.length && r < rank ? share(r) * Vt.data[r * K + k] : 0);
  }
  bias?.fill(0);
}

/** Adds U·diag(share)·Vᵀ, or diag(share)·Vᵀ without U: the first layer on features along the axes. */
function addHead(W: Matrix, U: Matrix | null, modes: number, Vt: Matrix, share: (i: number) => number): void {
  const K = Vt.cols;
  for (let j = 0; j < W.rows; j++)
    for (let k = 0; k < Math.min(K, W.cols); k++)
      for (let i = 0; i < modes; i++) {
        const left = U === null ? Number(i === j) : U.data[j * U.cols + i];
        W.data[j * W.cols + k] += left * share(i) * Vt.data[i * K + k];
      }
}

/** T − T̄, or T itself without a bias under MSE, q×K. */
function centredTargets(problem: Problem): Matrix {
  const { outputs: q, weights, target } = columnLossOf(problem);
  const K = weights.length;
  const whole = weights.reduce((sum, c) => sum + c, 0);
  const out = zeros(q, K);
  const centre = problem.bias === 'free' || problem.loss === 'ce';
  for (let j = 0; j < q; j++) {
    let mean = 0;
    if (centre)
      for (let k = 0; k < K; k++)
        mean += problem.loss === 'ce' ? target(k)[j] / K : (weights[k] * target(k)[j]) / whole;
    for (let k = 0; k < K; k++) out.data[j * K + k] = target(k)[j] - mean;
  }
  return out;
}
