/**
 * The inputs of a network from a file of arrays: `inputs` (N×…) and `labels`, streamed; or `means` (K×…) and `counts`.
 *
 * Inputs are taken as the network sees them. Bytes are refused: no network sees pictures before they are normalised.
 */
import { refuse, refuseShape } from '../../../core/errors.js';
import { matrix, type Matrix } from '../../../core/matrix.js';
import { chooseSamples, listNames, type ArrayEntry, type ArrayFile } from '../../../data/index.js';
import type { FeatureBatches } from '../../../metrics/index.js';
import { checkCounts } from '../../../model/index.js';
import { classesOf } from '../../measure/classes.js';
import { readLabels } from '../../measure/labels.js';

/** What of the inputs is known. */
export type SurvivalInputs =
  | { readonly kind: 'samples'; readonly batches: FeatureBatches; readonly classes: InputClasses }
  | { readonly kind: 'means'; readonly means: Matrix; readonly classes: InputClasses }
  | { readonly kind: 'counts'; readonly classes: InputClasses };

export interface InputClasses {
  readonly counts: readonly number[];
  readonly names: readonly string[] | null;
  /** In sentences, what a reader must know. */
  readonly notes: readonly string[];
}

/** Numbers read at a time. */
const PIECE = 2 ** 20;

/** `counts`: the first so many of each class; null for all there are. */
export async function readInputs(file: ArrayFile, counts: readonly number[] | null): Promise<SurvivalInputs> {
  if (file.has('inputs') && file.has('labels')) return readSamples(file, counts);
  if (file.has('means') && file.has('counts')) return readMeans(file, counts);
  return refuse(
    file.name,
    'arrays inputs and labels, or means and counts',
    listNames(file.names),
    'np.savez("inputs.npz", inputs=X, labels=y), X as the network sees it',
  );
}

async function readSamples(file: ArrayFile, counts: readonly number[] | null): Promise<SurvivalInputs> {
  const inputs = await file.get('inputs');
  const raw = await readLabels(file, 'labels');
  const classes = classesOf(raw, undefined);
  const N = classes.labels.length;
  if (inputs.shape.length < 2 || inputs.rowCount !== N)
    refuseShape(
      inputs.where,
      `N×… inputs, a row for each of the ${N} labels`,
      `shape ${inputs.shape.join('×')}`,
    );
  refuseBytesAsInputs(inputs);
  const names = raw.names ?? Array.from(classes.values, String);
  const chosen =
    counts === null
      ? null
      : chooseSamples({ name: file.name, labels: classes.labels, classNames: names }, counts, {
          kind: 'first-come',
        });
  return {
    kind: 'samples',
    batches: batchesOf(inputs, classes.labels, chosen?.indices ?? null),
    classes: {
      counts: counts ?? classes.counts,
      names: raw.names,
      notes:
        classes.absent.length === 0 || raw.names !== null
          ? []
          : [`labels ${classes.absent.join(', ')} have no samples: classes are numbered without them`],
    },
  };
}

/** Rows of the file in order, those of `indices` (rising) alone where it is given. */
function batchesOf(inputs: ArrayEntry, labels: Int32Array, indices: Int32Array | null): FeatureBatches {
  const { rowCount: N, rowLength: D, dtype } = inputs;
  const step = Math.max(1, Math.floor(PIECE / D));
  return {
    samples: indices?.length ?? N,
    dimension: D,
    kind: ['float32', 'float16', 'bfloat16'].includes(dtype) ? 'float32' : 'float64',
    async *batches() {
      let next = 0;
      for (let start = 0; start < N; start += step) {
        const count = Math.min(step, N - start);
        const from = next;
        while (indices !== null && next < indices.length && indices[next] < start + count) next++;
        if (indices !== null && next === from) continue;
        const data = await inputs.rows(start, count);
        if (indices === null) {
          yield batchOf(data, count, D, labels.subarray(start, start + count));
          continue;
        }
        const rows = indices.subarray(from, next);
        const picked = new Float64Array(rows.length * D);
        rows.forEach((row, i) => picked.set(data.subarray((row - start) * D, (row - start + 1) * D), i * D));
        yield batchOf(
          picked,
          rows.length,
          D,
          rows.map((row) => labels[row]),
        );
      }
    },
  };
}

function batchOf(data: Float32Array | Float64Array, rows: number, cols: number, labels: Int32Array) {
  return data instanceof Float32Array
    ? { features: matrix(data, rows, cols), labels }
    : { features: matrix(data, rows, cols), labels };
}

async function readMeans(file: ArrayFile, counts: readonly number[] | null): Promise<SurvivalInputs> {
  const [means, held] = [await file.get('means'), await file.get('counts')];
  refuseBytesAsInputs(means);
  const K = means.rowCount;
  if (means.shape.length < 2 || held.itemCount !== K)
    refuseShape(
      means.where,
      `K×… class means, a row for each of the ${held.itemCount} counts`,
      `shape ${means.shape.join('×')}`,
    );
  if (counts !== null)
    refuse(
      'counts',
      'samples to take the first of',
      `class means in ${file.name}`,
      'leave it out: the file has its counts',
    );
  const values = await means.all();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(means.where, 'finite numbers', values[bad]);
  const list = Array.from(await held.all());
  checkCounts(list);
  return {
    kind: 'means',
    means: matrix(values, K, means.rowLength),
    classes: { counts: list, names: null, notes: [] },
  };
}

function refuseBytesAsInputs({ where, dtype }: ArrayEntry): void {
  if (dtype === 'uint8')
    refuse(where, 'inputs as the network sees them', dtype, 'normalise them: (x/255 - mean)/std as float32');
}
