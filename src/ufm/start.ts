/**
 * Where a training of the unconstrained-features model starts: drawn from a seed, or given tensors.
 */
import type { Blas } from '../core/blas.js';
import { refuse, refuseShape } from '../core/errors.js';
import { shape, zeros, type Matrix } from '../core/matrix.js';
import { createRandom } from '../core/random.js';
import { checkChain } from '../head/index.js';
import { outputsOf, samplesOf, type Problem } from '../model/index.js';
import {
  createReducer,
  drawReduced,
  SAMPLES_KEPT,
  type ColumnBasis,
  type ReducedColumns,
} from './columns.js';
import { needsSamples } from './columnTerm.js';
import { sizesInto } from './featureSign.js';
import { layParameters, parameterCount, type Parameters } from './objective.js';

export interface UfmStart {
  readonly reduced: ReducedColumns;
  readonly parameters: Parameters;
}

/** Numbers of features that a training which keeps every sample may take: 1 GiB as float64. */
const MOST_NUMBERS = 2 ** 27;

/** Features (their sizes, where they must not be negative) and weights from N(0, std²), bias zero. Draws H sample by sample (class after class), then W_1 … W_M. */
export function drawStart(problem: Problem, std: number, seed: number, blas: Blas): UfmStart {
  if (!(std >= 0 && Number.isFinite(std))) refuse('init.std', 'a finite number of at least 0', std);
  checkOutputs(problem);
  const random = createRandom(seed);
  const d = problem.widths[0];
  const few = !needsSamples(problem) && samplesOf(problem) * d > SAMPLES_KEPT;
  const reduced = few
    ? drawReduced(problem.counts, d, std, random)
    : gather(problem, blas, function* () {
        const feature = new Float64Array(d);
        for (let k = 0; k < problem.counts.length; k++)
          for (let i = 0; i < problem.counts[k]; i++) {
            random.normalsInto(feature, std);
            sizesInto(problem, feature);
            yield [k, feature];
          }
      });
  const parameters = layParameters(problem, reduced.columns.cols);
  for (const W of parameters.weights) random.normalsInto(W.data, std);
  parameters.columns.data.set(reduced.columns.data);
  return { reduced, parameters };
}

/** The measures ask for an output for each class. */
function checkOutputs(problem: Problem): void {
  const K = problem.counts.length;
  if (outputsOf(problem) !== K)
    refuse(
      'training',
      `targets with as many rows as there are classes, ${K}`,
      `${outputsOf(problem)}×${K}`,
      'predict and verify take any number of rows',
    );
}

/** Tensors of a start, as a file gives them. */
export interface StartTensors {
  /** N class indices 0 … K−1, in any order. */
  readonly labels: Int32Array;
  /** d×N, columns are samples. */
  readonly features: Matrix;
  /** W_1 … W_M, out×in. */
  readonly weights: readonly Matrix[];
  /** K, or null. */
  readonly bias: Float64Array | null;
}

/** Takes the given tensors as the start; they must fit the problem. `where` names their origin in errors. */
export function givenStart(problem: Problem, tensors: StartTensors, blas: Blas, where: string): UfmStart {
  const { labels, features, weights, bias } = tensors;
  checkOutputs(problem);
  checkShapes(problem, tensors, where);
  checkLabels(problem, labels, where);
  checkNumbers(problem, tensors, where);
  const d = problem.widths[0];
  const reduced = gather(problem, blas, function* () {
    const feature = new Float64Array(d);
    for (let i = 0; i < labels.length; i++) {
      for (let r = 0; r < d; r++) feature[r] = features.data[r * features.cols + i];
      yield [labels[i], feature];
    }
  });
  const parameters = layParameters(problem, reduced.columns.cols);
  weights.forEach((W, m) => parameters.weights[m].data.set(W.data));
  parameters.columns.data.set(reduced.columns.data);
  if (bias !== null) parameters.bias?.set(bias);
  return { reduced, parameters };
}

function checkShapes(
  problem: Problem,
  { labels, features, weights, bias }: StartTensors,
  where: string,
): void {
  const K = problem.counts.length;
  checkChain(weights);
  const expected = problem.widths.map((width, m) => `${problem.widths[m + 1] ?? K}×${width}`);
  if (weights.length !== expected.length || weights.some((W, m) => shape(W) !== expected[m]))
    refuseShape(where, `weights W1…WM of ${expected.join(', ')}`, weights.map(shape).join(', '));
  const columns = `${problem.widths[0]}×${samplesOf(problem)}`;
  if (shape(features) !== columns)
    refuseShape(where, `features H of ${columns} (columns are samples)`, shape(features));
  if (labels.length !== features.cols)
    refuseShape(where, `a label for each of the ${features.cols} samples`, `${labels.length} labels`);
  if ((bias !== null) !== (problem.bias !== 'none'))
    refuse(
      where,
      problem.bias === 'none' ? 'no bias b, since bias is none' : `a bias b, since bias is ${problem.bias}`,
      bias === null ? 'none' : 'b',
    );
  if (bias !== null && bias.length !== K) refuseShape(where, `a bias of ${K}`, `${bias.length}`);
}

function checkLabels({ counts }: Problem, labels: Int32Array, where: string): void {
  const K = counts.length;
  const seen = new Array<number>(K).fill(0);
  for (const label of labels) {
    if (!(label >= 0 && label < K)) refuse(`${where}: labels`, `class indices from 0 to ${K - 1}`, label);
    seen[label]++;
  }
  const odd = seen.findIndex((n, k) => n !== counts[k]);
  if (odd >= 0)
    refuse(`${where}: labels`, `${counts[odd]} samples of class ${odd}, as in the spec`, seen[odd]);
}

function checkNumbers(problem: Problem, { features, weights, bias }: StartTensors, where: string): void {
  const arrays = [
    ['H', features.data],
    ...weights.map((W, m) => [`W${m + 1}`, W.data] as const),
    ['b', bias ?? []],
  ] as const;
  for (const [name, data] of arrays)
    for (const value of data)
      if (!Number.isFinite(value)) refuse(`${where}: ${name}`, 'finite numbers', value);
  const negative =
    problem.featureSign === 'nonnegative' ? features.data.find((value) => value < 0) : undefined;
  if (negative !== undefined)
    refuse(`${where}: H`, 'features of at least 0, as the problem asks for', negative);
}

/** How a saved training held its features. */
export interface SavedColumns {
  readonly columns: number;
  readonly basis: ColumnBasis;
  /** How many parameters were saved. */
  readonly parameters: number;
}

/** The start that a saved state fills: its columns are zero. Throws where they cannot be of the problem; `where` names the file. */
export function savedStart(problem: Problem, saved: SavedColumns, where: string): UfmStart {
  const { columns, basis, parameters } = saved;
  const size = parameterCount(problem, columns);
  if (!fitsProblem(problem, columns, basis) || parameters !== size)
    refuseShape(
      where,
      `the columns and parameters of a problem with ${problem.counts.length} classes and ${samplesOf(problem)} samples`,
      `${columns} columns and ${parameters} parameters`,
      'is it of another run, or damaged?',
    );
  return {
    reduced: { counts: problem.counts, columns: zeros(problem.widths[0], columns), basis },
    parameters: layParameters(problem, columns),
  };
}

/** Whether `gather` or `drawReduced` could have made such columns. */
function fitsProblem(problem: Problem, columns: number, basis: ColumnBasis): boolean {
  const { counts, widths } = problem;
  const K = counts.length;
  const N = counts.reduce((sum, n) => sum + n, 0);
  if (needsSamples(problem))
    return basis === 'samples' ? columns === N : basis === 'collapsed' && columns === K;
  const r = Math.min(widths[0], N - K);
  if (columns !== K + r || basis === 'samples' || basis === 'collapsed') return false;
  if (basis === null) return true;
  return basis === 'identity' ? r === N - K : basis.rows === N - K && basis.cols === r;
}

/** The columns that stand for a stream of samples, as the loss allows. */
function gather(
  problem: Problem,
  blas: Blas,
  samples: () => Generator<[label: number, feature: Float64Array]>,
): ReducedColumns {
  const { counts } = problem;
  const d = problem.widths[0];
  if (!needsSamples(problem)) {
    const reducer = createReducer(counts, d, blas);
    for (const [label, feature] of samples()) reducer.add(label, feature);
    return reducer.finish();
  }
  const N = samplesOf(problem);
  if (N * d > MOST_NUMBERS)
    refuse(
      'counts',
      `at most ${MOST_NUMBERS} numbers of features (N×d) where every sample is kept: cross-entropy, class weights, features of at least 0`,
      N * d,
    );
  const columns = zeros(d, N);
  const next = new Float64Array(counts.length);
  for (let k = 1; k < counts.length; k++) next[k] = next[k - 1] + counts[k - 1];
  for (const [label, feature] of samples()) {
    const i = next[label]++;
    for (let r = 0; r < d; r++) columns.data[r * N + i] = feature[r];
  }
  return collapsedColumns(counts, columns) ?? { counts, columns, basis: 'samples' };
}

/** One column a class, √n_k·h̄_k, where all features of each class are the same; otherwise null. Samples class after class. */
function collapsedColumns(counts: readonly number[], samples: Matrix): ReducedColumns | null {
  const K = counts.length;
  const columns = zeros(samples.rows, K);
  for (let r = 0; r < samples.rows; r++) {
    let first = r * samples.cols;
    for (let k = 0; k < K; k++) {
      const value = samples.data[first];
      for (let i = 1; i < counts[k]; i++) if (samples.data[first + i] !== value) return null;
      columns.data[r * K + k] = Math.sqrt(counts[k]) * value;
      first += counts[k];
    }
  }
  return { counts, columns, basis: 'collapsed' };
}
