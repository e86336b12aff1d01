/**
 * Kinds of starts from which `verify` tries to get below a prediction.
 *
 * A minimiser's features coincide within a class (the objective is convex in them) and its rank is at most K, so the search
 * runs over class columns and layers no wider than K, and loses nothing. A start of rank r uses layers of width r: what it
 * reaches is embedded back by zeros.
 */
import { zeros, type Matrix } from '../core/matrix.js';
import { createRandom } from '../core/random.js';
import { outputsOf, type Head, type Problem } from '../model/index.js';
import type { Minimiser } from '../theory/index.js';
import { sizesInto } from './featureSign.js';
import { layParameters } from './objective.js';
import type { UfmStart } from './start.js';

export type StartKind =
  | 'small random'
  | 'random'
  | 'large random'
  | 'low rank'
  | 'orthogonal axes'
  | 'antipodal pairs'
  | 'near the prediction'
  | 'near an alternative';

/** A start and the (narrower) problem in which it is optimised. */
export interface SearchStart {
  readonly kind: StartKind;
  readonly problem: Problem;
  readonly start: UfmStart;
}

/** The problem with no layer wider than `rank`; features of at least 0 may use more directions, and get twice as many. */
export function narrowed(problem: Problem, rank: number): Problem {
  const most = (m: number) => (m === 0 && problem.featureSign === 'nonnegative' ? 2 * rank : rank);
  return { ...problem, widths: problem.widths.map((width, m) => Math.min(width, most(m))) };
}

/** A start drawn from N(0, std²) in the narrowed problem. */
export function randomStart(
  kind: StartKind,
  problem: Problem,
  rank: number,
  std: number,
  seed: number,
): SearchStart {
  const small = narrowed(problem, rank);
  const random = createRandom(seed);
  const { parameters } = emptyStart(small);
  random.normalsInto(parameters.flat, std);
  sizesInto(problem, parameters.columns.data);
  parameters.bias?.fill(0);
  return { kind, problem: small, start: asStart(small, parameters.columns, parameters) };
}

/** Each class along an axis of its own, or two classes on one axis with opposite signs, with a little noise. */
export function axisStart(
  kind: 'orthogonal axes' | 'antipodal pairs',
  problem: Problem,
  scale: number,
  seed: number,
): SearchStart {
  const K = problem.counts.length;
  const paired = kind === 'antipodal pairs';
  const small = narrowed(problem, paired ? Math.max(1, Math.floor(K / 2)) : K);
  const random = createRandom(seed);
  const { parameters } = emptyStart(small);
  random.normalsInto(parameters.flat, 0.01);
  parameters.bias?.fill(0);
  const { weights, columns } = parameters;
  const axis = (k: number) => (paired ? Math.floor(k / 2) : k);
  const sign = (k: number) => (paired && k % 2 === 1 ? -1 : 1);
  weights.forEach((W, m) => {
    if (m < weights.length - 1)
      for (let i = 0; i < Math.min(W.rows, W.cols); i++) W.data[i * W.cols + i] += scale;
    else for (let k = 0; k < K; k++) if (axis(k) < W.cols) W.data[k * W.cols + axis(k)] += scale * sign(k);
  });
  for (let k = 0; k < K; k++)
    if (axis(k) < columns.rows)
      columns.data[axis(k) * columns.cols + k] += scale * sign(k) * Math.sqrt(problem.counts[k]);
  sizesInto(problem, columns.data);
  return { kind, problem: small, start: asStart(small, columns, parameters) };
}

/** A known solution, disturbed by N(0, std²) in every entry. */
export function nearStart(
  kind: StartKind,
  problem: Problem,
  solution: Minimiser,
  std: number,
  seed: number,
): SearchStart {
  const { parameters } = emptyStart(problem);
  const { head, classFeatures } = solution;
  head.weights.forEach((W, m) => parameters.weights[m].data.set(W.data));
  const K = problem.counts.length;
  for (let r = 0; r < classFeatures.rows; r++)
    for (let k = 0; k < K; k++)
      parameters.columns.data[r * K + k] = classFeatures.data[r * K + k] * Math.sqrt(problem.counts[k]);
  if (head.bias !== null) parameters.bias?.set(head.bias);
  const noise = createRandom(seed).normalsInto(new Float64Array(parameters.flat.length), std);
  for (let i = 0; i < noise.length; i++) parameters.flat[i] += noise[i];
  sizesInto(problem, parameters.columns.data);
  return { kind, problem, start: asStart(problem, parameters.columns, parameters) };
}

function emptyStart(problem: Problem) {
  return { parameters: layParameters(problem, problem.counts.length) };
}

function asStart(problem: Problem, columns: Matrix, parameters: UfmStart['parameters']): UfmStart {
  return { reduced: { counts: problem.counts, columns, basis: 'collapsed' }, parameters };
}

/** A solution of the narrowed problem in the widths of the full one, padded with zeros. */
export function embed(problem: Problem, parameters: UfmStart['parameters']): Minimiser {
  const K = problem.counts.length;
  const pad = (A: Matrix, rows: number, cols: number): Matrix => {
    const out = zeros(rows, cols);
    for (let i = 0; i < A.rows; i++) out.data.set(A.data.subarray(i * A.cols, (i + 1) * A.cols), i * cols);
    return out;
  };
  const weights = parameters.weights.map((W, m) =>
    pad(W, problem.widths[m + 1] ?? outputsOf(problem), problem.widths[m]),
  );
  const classFeatures = pad(parameters.columns, problem.widths[0], K);
  for (let r = 0; r < classFeatures.rows; r++)
    for (let k = 0; k < K; k++) classFeatures.data[r * K + k] /= Math.sqrt(problem.counts[k]);
  const head: Head = { weights, bias: parameters.bias === null ? null : parameters.bias.slice() };
  return { head, classFeatures };
}
