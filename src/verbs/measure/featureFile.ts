/**
 * A file of features, labels and head weights, as `measure` reads it: rows are samples, weights out×in.
 */
import { refuseShape } from '../../core/errors.js';
import { matrix, zeros, type Matrix } from '../../core/matrix.js';
import type { ArrayEntry, ArrayFile } from '../../data/index.js';
import type { FeatureBatches } from '../../metrics/index.js';
import type { Head } from '../../model/index.js';
import { readHead, refuseMoreThanFile } from './head.js';
import { classesOf, readLabels, type ClassLabels, type RawLabels } from './labels.js';
import {
  featuresName,
  headNames,
  labelsName,
  plainShape,
  shapeOf,
  type ArrayNames,
  type HeadNames,
} from './roles.js';

export interface FeatureFile {
  readonly batches: FeatureBatches;
  /** Class indices 0 … K−1, every class present. */
  readonly labels: Int32Array;
  readonly counts: readonly number[];
  /** The rows of the classes that are there; null when the file holds no weights: feature measures only. */
  readonly head: Head | null;
  /** Where the head has outputs that no sample has: all of it, and the output of each class. */
  readonly all: { readonly head: Head; readonly outputs: Int32Array } | null;
  /** The label of each class in the file. */
  readonly classLabels: readonly number[];
  /** Labels that no sample has. */
  readonly absentClasses: readonly number[];
  /** The words of labels that are words. */
  readonly classNames: readonly string[] | null;
  /** What was read in a way that the user may want to know of. */
  readonly notes: readonly string[];
  /** Arrays of the file that nothing was made of. */
  readonly notUsed: readonly string[];
}

/** About 4 MB of numbers at once: larger buffers lose time to fresh memory. */
const BATCH_ENTRIES = 2 ** 20;
/** Opens the arrays and checks that they fit together; features are not read yet. */
export async function openFeatureFile(file: ArrayFile, names: ArrayNames): Promise<FeatureFile> {
  const labelName = labelsName(file, names);
  const raw = await readLabels(file, labelName);
  const N = raw.values.length;
  const features = await file.get(await featuresName(file, names, labelName, N));
  const d = checkFeatures(features, N);
  const layers = await headNames(file, names, d, [labelName, features.name]);
  const read = layers === null ? null : await readHead(file, layers, d, names.weights !== undefined);
  const whole = read === null ? null : read.head;
  const classes = classesOf(raw, whole?.weights[whole.weights.length - 1].rows);
  const K = classes.counts.length;
  refuseMoreThanFile(file, `means of ${K} classes`, K * d);
  const partial = whole !== null && classes.absent.length > 0;
  return {
    ...{ labels: classes.labels, counts: classes.counts },
    head: partial ? rowsOf(whole, classes.values) : whole,
    all: partial ? { head: whole, outputs: classes.values } : null,
    classLabels: Array.from(classes.values),
    absentClasses: classes.absent,
    classNames: raw.names,
    notes: notesOf({ features, labelName, layers, folded: read?.folded ?? [], raw, classes, whole }),
    notUsed: file.names.filter(
      (name) =>
        name !== labelName &&
        name !== features.name &&
        !(layers?.weights.includes(name) ?? false) &&
        !(layers?.biases.includes(name) ?? false) &&
        name !== layers?.sameAsLast,
    ),
    batches: batchesOf(features, classes.labels, d),
  };
}

/** d. Refuses features that are not a row a sample. */
function checkFeatures(features: ArrayEntry, N: number): number {
  const shape = plainShape(features.shape);
  if (features.shape.length < 2 || shape.length > 2)
    refuseShape(
      features.where,
      'N×d features, rows are samples',
      `shape ${shapeOf(features)}`,
      shape.length > 2 ? 'make one row a sample: features.mean((2, 3)) or features.flatten(1)' : undefined,
    );
  const d = shape.length === 1 ? 1 : shape[1];
  if (shape[0] !== N)
    refuseShape(
      features.where,
      `a row for each of the ${N} labels`,
      `shape ${shapeOf(features)}`,
      d === N ? 'this looks transposed: rows are samples' : undefined,
    );
  return d;
}

function batchesOf(features: ArrayEntry, labels: Int32Array, d: number): FeatureBatches {
  const N = labels.length;
  const isSingle =
    features.dtype === 'float32' || features.dtype === 'float16' || features.dtype === 'bfloat16';
  const rows = Math.max(1, Math.floor(BATCH_ENTRIES / Math.max(1, d)));
  return {
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
  };
}

/** The head with some of its outputs alone. */
function rowsOf({ weights, bias }: Head, outputs: Int32Array): Head {
  const last = weights[weights.length - 1];
  const some: Matrix = zeros(outputs.length, last.cols);
  outputs.forEach((output, k) => {
    some.data.set(last.data.subarray(output * last.cols, (output + 1) * last.cols), k * last.cols);
  });
  return {
    weights: [...weights.slice(0, -1), some],
    bias: bias === null ? null : Float64Array.from(outputs, (output) => bias[output]),
  };
}

function notesOf(read: {
  readonly features: ArrayEntry;
  readonly labelName: string;
  readonly layers: HeadNames | null;
  readonly folded: readonly string[];
  readonly raw: RawLabels;
  readonly classes: ClassLabels;
  readonly whole: Head | null;
}): string[] {
  const { features, labelName, layers, folded, raw, classes, whole } = read;
  const last = layers?.biases[layers.biases.length - 1] ?? null;
  const named = [
    ...(features.name === 'features' ? [] : [`features from ${features.name}`]),
    ...(labelName === 'labels' ? [] : [`labels from ${labelName}`]),
    ...(layers === null || layers.weights.every((name, m) => name === `W${m + 1}`)
      ? []
      : [`head from ${layers.weights.join(', ')}`]),
    ...(layers === null || last === null || last === 'b' || last === `b${layers.weights.length}`
      ? []
      : [`bias from ${last}`]),
  ];
  const gap = layers === null ? [] : layers.weights.map((name) => Number(/(\d+)\.weight$/.exec(name)?.[1]));
  const skips = gap.some((place, m) => m > 0 && place > gap[m - 1] + 1);
  return [
    ...(named.length === 0 ? [] : [named.join('; ')]),
    ...(skips ? ['between the layers of the head nothing is taken to happen: no activation'] : []),
    ...(folded.length === 0
      ? []
      : [`the biases of hidden layers (${folded.join(', ')}) are folded into that of the last`]),
    ...(whole === null && classes.absent.includes(0) && raw.names === null && classes.absent.length === 1
      ? ['class 0 has no samples: do the labels run from 1?']
      : []),
  ];
}
