/**
 * The statistics of one epoch, from the safetensors file of the companion: the head, class statistics of every layer, and a
 * sample of features and logits. Shapes, signs and sums are checked here, so that nothing behind has to look again.
 */
import { InputError, refuseShape } from '../core/errors.js';
import { matrix, type Matrix } from '../core/matrix.js';
import { integers, type ArrayEntry, type ArrayFile } from '../data/index.js';
import type { WithinScatter } from '../model/index.js';
import type { MonitorManifest } from './monitorText.js';

/** Of one layer; classes without samples have zeros. */
export interface MonitoredStatistics {
  /** K×d. */
  readonly means: Matrix;
  /** v_k about the split's own means. */
  readonly variances: Float64Array;
  /** Σ_W about the same, between the class means at least (of test samples between those of training too). */
  readonly within: WithinScatter;
  /** Samples of each class whose nearest training mean is their class, and is what the network names. */
  readonly nearestIsLabel: readonly number[];
  readonly nearestIsOutput: readonly number[];
}

/** Training or test samples. */
export interface MonitoredSplit {
  /** n_k; zero for a class without samples. */
  readonly counts: readonly number[];
  /** Of each class, what the network names rightly. */
  readonly correct: readonly number[];
  /** Of each class, samples whose class is among the five largest outputs; null of five outputs or fewer, and of older runs. */
  readonly amongFive: readonly number[] | null;
  /** In the order of the manifest. */
  readonly layers: readonly MonitoredStatistics[];
}

export interface MonitoredSample {
  /** Rows of what the head saw, and of what the model returned. */
  readonly features: Matrix;
  readonly logits: Matrix;
}

export interface MonitoredTensors {
  readonly weights: readonly Matrix[];
  readonly biases: readonly (Float64Array | null)[];
  readonly train: MonitoredSplit;
  readonly test: MonitoredSplit | null;
  readonly sample: MonitoredSample;
}

/** Sums of float64 in another order differ by no more of the whole. */
const SUMMATION = 1e-9;

/** Reads and checks a file. Throws one-line errors that name the tensor. */
export async function readMonitorTensors(
  file: ArrayFile,
  manifest: MonitorManifest,
): Promise<MonitoredTensors> {
  const weights: Matrix[] = [];
  const biases: (Float64Array | null)[] = [];
  for (const [m, { inputs, outputs, bias }] of manifest.head.entries()) {
    weights.push(await readMatrix(file, `head.${m}.weight`, outputs, inputs));
    biases.push(bias ? await readVector(file, `head.${m}.bias`, outputs) : null);
  }
  const rows = (await file.get('sample.features')).rowCount;
  return {
    weights,
    biases,
    train: await readSplit(file, 'train', manifest),
    test: file.has('test.counts') ? await readSplit(file, 'test', manifest) : null,
    sample: {
      features: await readMatrix(file, 'sample.features', rows, manifest.head[0].inputs),
      logits: await readMatrix(file, 'sample.logits', rows, manifest.outputs),
    },
  };
}

async function readSplit(
  file: ArrayFile,
  split: 'train' | 'test',
  { classes: K, layers }: MonitorManifest,
): Promise<MonitoredSplit> {
  const counts = await readCounts(file, `${split}.counts`, K, null);
  if (!counts.some((n) => n > 0)) refuseTensor(file, `${split}.counts`, 'at least one sample', 'none');
  const statistics: MonitoredStatistics[] = [];
  for (const [i, { dimension }] of layers.entries())
    statistics.push(await readStatistics(file, `${split}.${i}`, dimension, counts));
  const amongFive = `${split}.amongFive`;
  return {
    counts,
    correct: await readCounts(file, `${split}.correct`, K, counts),
    amongFive: file.has(amongFive) ? await readCounts(file, amongFive, K, counts) : null,
    layers: statistics,
  };
}

async function readStatistics(
  file: ArrayFile,
  prefix: string,
  d: number,
  counts: readonly number[],
): Promise<MonitoredStatistics> {
  const K = counts.length;
  const variances = await readVector(file, `${prefix}.variances`, K);
  if (variances.some((value) => value < 0))
    refuseTensor(file, `${prefix}.variances`, 'variances from 0', 'a negative one');
  const N = counts.reduce((sum, n) => sum + n, 0);
  const trace = counts.reduce((sum, n, k) => sum + (n / N) * variances[k], 0);
  return {
    means: await readMatrix(file, `${prefix}.means`, K, d),
    variances,
    within: await readWithin(file, prefix, d, trace),
    nearestIsLabel: await readCounts(file, `${prefix}.nearestIsLabel`, K, counts),
    nearestIsOutput: await readCounts(file, `${prefix}.nearestIsOutput`, K, counts),
  };
}

/** Σ_W whole, whose trace is known beside, or between orthonormal rows. */
async function readWithin(file: ArrayFile, prefix: string, d: number, trace: number): Promise<WithinScatter> {
  const most = trace * (1 + SUMMATION);
  const whole = `${prefix}.within`;
  if (file.has(whole)) {
    const S = await readMatrix(file, whole, d, d);
    if (!(Math.abs(traceOf(S) - trace) <= SUMMATION * trace))
      refuseTensor(file, whole, `a trace of ${trace}, as the variances have`, traceOf(S));
    return { kind: 'full', S };
  }
  const basisName = `${prefix}.basis`;
  const q = (await file.get(basisName)).rowCount;
  const basis = await readMatrix(file, basisName, q, d);
  const norms = Array.from({ length: q }, (_, i) => dotRows(basis, i, i));
  const neighbours = Array.from({ length: Math.max(0, q - 1) }, (_, i) => dotRows(basis, i, i + 1));
  if (norms.some((x) => Math.abs(x - 1) > SUMMATION) || neighbours.some((x) => Math.abs(x) > SUMMATION))
    refuseTensor(file, basisName, 'orthonormal rows', 'others');
  const S = await readMatrix(file, `${prefix}.projected`, q, q);
  if (!(traceOf(S) <= most))
    refuseTensor(
      file,
      `${prefix}.projected`,
      `a trace of at most ${trace}, as the variances have`,
      traceOf(S),
    );
  return { kind: 'projected', basis, S };
}

function traceOf({ data, rows }: Matrix): number {
  let trace = 0;
  for (let i = 0; i < rows; i++) trace += data[i * rows + i];
  return trace;
}

function dotRows({ data, cols }: Matrix, i: number, j: number): number {
  let sum = 0;
  for (let l = 0; l < cols; l++) sum += data[i * cols + l] * data[j * cols + l];
  return sum;
}

async function readMatrix(file: ArrayFile, name: string, rows: number, cols: number): Promise<Matrix> {
  const entry = await file.get(name);
  if (entry.shape.length !== 2 || entry.shape[0] !== rows || entry.shape[1] !== cols)
    refuseShape(entry.where, `${rows}×${cols}`, entry.shape.join('×'));
  return matrix(await finiteNumbers(entry), rows, cols);
}

async function readVector(file: ArrayFile, name: string, size: number): Promise<Float64Array> {
  const entry = await file.get(name);
  if (entry.shape.length !== 1 || entry.itemCount !== size)
    refuseShape(entry.where, `${size} numbers`, entry.shape.join('×'));
  return finiteNumbers(entry);
}

/** Whole numbers from 0, each at most that of `most`. */
async function readCounts(
  file: ArrayFile,
  name: string,
  K: number,
  most: readonly number[] | null,
): Promise<number[]> {
  const entry = await file.get(name);
  if (entry.itemCount !== K) refuseShape(entry.where, `${K} counts`, entry.shape.join('×'));
  const counts = Array.from(await integers(entry));
  counts.forEach((n, k) => {
    if (n < 0 || n > (most?.[k] ?? Infinity))
      refuseTensor(file, name, `from 0 to the samples of class ${k}`, n);
  });
  return counts;
}

async function finiteNumbers(entry: ArrayEntry): Promise<Float64Array> {
  const values = await entry.all();
  if (!values.every(Number.isFinite))
    throw new InputError('format', entry.where, 'finite numbers', 'NaN or Infinity', 'the file is damaged');
  return values;
}

function refuseTensor(file: ArrayFile, name: string, requirement: string, got: unknown): never {
  throw new InputError('format', `${file.name}[${name}]`, requirement, String(got), 'the file is damaged');
}
