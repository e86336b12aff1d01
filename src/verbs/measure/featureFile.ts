/**
 * A file of features, labels and head weights, as `measure` and `train` read them: rows are samples, weights out×in.
 */
import { InputError, refuse, refuseShape } from '../../core/errors.js';
import { matrix, transpose, type Matrix } from '../../core/matrix.js';
import { integers, type ArrayEntry, type ArrayFile, listNames } from '../../data/index.js';
import { checkChain } from '../../head/index.js';
import type { FeatureBatches } from '../../metrics/index.js';
import type { Head } from '../../model/index.js';
import type { StartTensors } from '../../ufm/index.js';

/** Which arrays of the file to take; the defaults are `features`, `labels`, `W1` … `WM` and `b`. */
export interface ArrayNames {
  readonly features?: string | undefined;
  readonly labels?: string | undefined;
  readonly weights?: readonly string[] | undefined;
  readonly bias?: string | undefined;
}

export interface FeatureFile {
  readonly batches: FeatureBatches;
  /** Class indices 0 … K−1, every class present. */
  readonly labels: Int32Array;
  readonly counts: readonly number[];
  /** Null when the file holds no weights: feature measures only. */
  readonly head: Head | null;
}

/** About 4 MB of numbers at once: larger buffers lose time to fresh memory. */
const BATCH_ENTRIES = 2 ** 20;
const MOST_CLASSES = 2 ** 20;

/** Opens the arrays and checks that they fit together; features are not read yet. */
export async function openFeatureFile(file: ArrayFile, names: ArrayNames): Promise<FeatureFile> {
  const features = await get(file, names.features, 'features');
  if (features.shape.length !== 2)
    refuseShape(features.where, 'N×d features, rows are samples', `shape ${shapeOf(features)}`);
  const [N, d] = features.shape;
  const labelEntry = await get(file, names.labels, 'labels');
  const labels = await integers(labelEntry);
  if (labels.length !== N)
    refuseShape(
      features.where,
      `a row for each of the ${labels.length} labels`,
      `shape ${shapeOf(features)}`,
      d === labels.length ? 'this looks transposed: rows are samples' : undefined,
    );
  const head = await readHead(file, names, d);
  const counts = countLabels(labels, labelEntry.where, head?.weights[head.weights.length - 1].rows);
  const isSingle =
    features.dtype === 'float32' || features.dtype === 'float16' || features.dtype === 'bfloat16';
  const rows = Math.max(1, Math.floor(BATCH_ENTRIES / Math.max(1, d)));
  return {
    labels,
    counts,
    head,
    batches: {
      samples: N,
      dimension: d,
      kind: isSingle ? 'float32' : 'float64',
      async *batches() {
        for (let start = 0; start < N; start += rows) {
          const count = Math.min(rows, N - start);
          const data = await features.rows(start, count);
          const part = labels.subarray(start, start + count);
          yield data instanceof Float32Array
            ? { features: matrix(data, count, d), labels: part }
            : { features: matrix(data, count, d), labels: part };
        }
      },
    },
  };
}

/** The array that the user named; by its usual name otherwise, and then its absence is told as such. */
async function get(file: ArrayFile, given: string | undefined, usual: string): Promise<ArrayEntry> {
  if (given === undefined && !file.has(usual))
    throw new InputError(
      'argument',
      file.name,
      `an array ${usual}`,
      file.names.length === 0 ? 'none' : `none, but ${listNames(file.names)}`,
      `name another with --${usual}`,
    );
  return file.get(given ?? usual);
}

async function readHead(file: ArrayFile, names: ArrayNames, d: number): Promise<Head | null> {
  const given = names.weights;
  const weightNames = given ?? defaultWeightNames(file);
  if (weightNames.length === 0) {
    if (names.bias !== undefined) refuse('bias-name', 'weights beside the bias', names.bias);
    return null;
  }
  const weights: Matrix[] = [];
  for (const name of weightNames) {
    const entry = await file.get(name);
    if (entry.shape.length !== 2)
      refuseShape(entry.where, 'a weight matrix, out×in', `shape ${shapeOf(entry)}`);
    weights.push(matrix(await finite(entry), entry.shape[0], entry.shape[1]));
  }
  const names1 = weightNames.join(',');
  if (weights[0].cols !== d)
    refuseShape(
      `${file.name}[${weightNames[0]}]`,
      `${d} columns, one for each feature (weights are out×in, the first is nearest the features)`,
      `${weights[0].rows}×${weights[0].cols}`,
      given === undefined ? undefined : `the order was ${names1}`,
    );
  checkChain(weights, [...weightNames]);
  const K = weights[weights.length - 1].rows;
  const biasName = names.bias ?? (file.has('b') ? 'b' : null);
  if (biasName === null) return { weights, bias: null };
  const entry = await file.get(biasName);
  const bias = await finite(entry);
  if (bias.length !== K)
    refuseShape(entry.where, `a bias of ${K}, one for each class`, `shape ${shapeOf(entry)}`);
  return { weights, bias };
}

function defaultWeightNames(file: ArrayFile): string[] {
  const names: string[] = [];
  while (file.has(`W${names.length + 1}`)) names.push(`W${names.length + 1}`);
  const stray = file.names.find((name) => /^W\d+$/.test(name) && !names.includes(name));
  if (stray !== undefined)
    refuse(file.name, `weights W1, W2, … without a gap`, stray, 'name them with --weights');
  return names;
}

async function finite(entry: ArrayEntry): Promise<Float64Array> {
  const values = await entry.all();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(entry.where, 'finite numbers', values[bad], `entry ${bad}`);
  return values;
}

/** n_k for classes 0 … K−1; refuses negative labels and classes without a sample. */
function countLabels(labels: Int32Array, where: string, outputs: number | undefined): number[] {
  if (labels.length === 0) refuse(where, 'at least one sample', 0);
  let largest = 0;
  labels.forEach((label, i) => {
    if (label < 0) refuse(where, 'class indices from 0', label, `sample ${i}`);
    if (outputs !== undefined && label >= outputs)
      refuse(where, `class indices below ${outputs}, the outputs of the head`, label, `sample ${i}`);
    if (label >= MOST_CLASSES) refuse(where, `class indices below ${MOST_CLASSES}`, label, `sample ${i}`);
    largest = Math.max(largest, label);
  });
  const counts = new Array<number>(outputs ?? largest + 1).fill(0);
  for (const label of labels) counts[label]++;
  const empty = counts.indexOf(0);
  if (empty >= 0)
    throw new InputError(
      'argument',
      where,
      `a sample of every class from 0 to ${counts.length - 1}`,
      `none of class ${empty}`,
      'number the classes without gaps',
    );
  return counts;
}

/**
 * A start for `train`: `labels`, `W1` … `WM`, `b`, and either `H` (d×N, columns are samples) or `features` (N×d).
 */
export async function readStartTensors(file: ArrayFile): Promise<StartTensors> {
  const useColumns = file.has('H') || !file.has('features');
  const entry = await file.get(useColumns ? 'H' : 'features');
  if (entry.shape.length !== 2) refuseShape(entry.where, 'a matrix of features', `shape ${shapeOf(entry)}`);
  const stored = matrix(await finite(entry), entry.shape[0], entry.shape[1]);
  const features = useColumns ? stored : transpose(stored);
  const head = await readHead(file, {}, features.rows);
  if (head === null) refuse(file.name, 'weights W1 … WM', file.names.join(', '));
  return {
    labels: await integers(await file.get('labels')),
    features,
    weights: head.weights,
    bias: head.bias,
  };
}

function shapeOf(entry: ArrayEntry): string {
  return entry.shape.join('×') || 'of a single number';
}
