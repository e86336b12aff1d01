/** A file of features with a target for each sample: no labels, and a head with as many outputs as targets have rows. */
import { InputError, refuse, refuseShape } from '../../../core/errors.js';
import { matrix, type Matrix } from '../../../core/matrix.js';
import type { ArrayEntry, ArrayFile } from '../../../data/index.js';
import type { FeatureBatches } from '../../../metrics/index.js';
import type { Head } from '../../../model/index.js';
import { batchesOf } from '../featureBatches.js';
import { readHead } from '../head.js';
import {
  featureNames,
  hasHeadFor,
  headNames,
  labelsName,
  plainShape,
  shapeOf,
  type Reading,
} from '../roles.js';

/** Rows of a q×N or q×K array. */
export type TargetRows = readonly (readonly number[])[];

/**
 * Whether targets are of samples: as many columns as there are features, and no labels named. Where a file has no labels, targets
 * of another shape are refused.
 */
export async function targetsAreOfSamples(
  file: ArrayFile,
  reading: Reading,
  targets: TargetRows,
): Promise<boolean> {
  if (reading.labels !== undefined) return false;
  const columns = targets.at(0)?.length ?? 0;
  const features = await featuresOf(file, reading, columns);
  if (features?.shape[0] === columns) return true;
  if (hasLabels(file, reading)) return false;
  if (features === null)
    throw new InputError(
      'argument',
      file.name,
      `an array features of ${columns} rows`,
      'none',
      undefined,
      'features',
    );
  return refuseShape(
    'targets',
    `a column for each of the ${features.shape[0]} samples of ${file.name}, or labels in it and a column a class`,
    `${targets.length}×${columns}`,
    targets.length === features.shape[0] ? 'this looks transposed: columns are samples' : undefined,
  );
}

function hasLabels(file: ArrayFile, reading: Reading): boolean {
  try {
    return !/^targets?$/.test(labelsName(file, reading));
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

async function featuresOf(file: ArrayFile, reading: Reading, N: number): Promise<ArrayEntry | null> {
  try {
    const fits = (d: number) => hasHeadFor(reading.headFile ?? file, reading, d, N);
    return await file.get((await featureNames(file, reading, '', N, fits)).features);
  } catch (error) {
    // Which array it is may be open as long as the labels are not known.
    if (error instanceof InputError && reading.features === undefined) return null;
    throw error;
  }
}

export interface RegressionFile {
  readonly batches: FeatureBatches;
  /** q×N. */
  readonly T: Matrix;
  readonly head: Head | null;
  readonly notUsed: readonly string[];
}

export async function openRegression(
  file: ArrayFile,
  reading: Reading,
  targets: TargetRows,
): Promise<RegressionFile> {
  const [q, N] = [targets.length, targets.at(0)?.length ?? 0];
  const T = matrix(Float64Array.from(targets.flat()), q, N);
  const bad = T.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse('targets', 'finite numbers', T.data[bad]);
  const features = await featuresOf(file, reading, N);
  if (features === null) return refuse(file.name, `an array features of ${N} rows`, 'none');
  const shape = plainShape(features.shape);
  if (features.shape.length < 2 || shape.length > 2)
    refuseShape(features.where, 'N×d features, rows are samples', `shape ${shapeOf(features)}`);
  const d = shape.length === 1 ? 1 : shape[1];
  const from = reading.headFile ?? file;
  const names = await headNames(from, reading, d, [features.name], q);
  const read = names === null ? null : await readHead(from, names, d, reading.weights !== undefined);
  const outputs = read?.head.weights.at(-1)?.rows;
  if (outputs !== undefined && outputs !== q)
    refuseShape('targets', `a row for each of the ${outputs} outputs of the head`, `${q}×${N}`);
  const used = new Set<string | null>([
    features.name,
    'targets',
    ...(names === null || from !== file ? [] : [...names.weights, ...names.biases, names.sameAsLast]),
  ]);
  return {
    batches: batchesOf([{ features, labels: new Int32Array(N) }], d, false),
    T,
    head: read?.head ?? null,
    notUsed: file.names.filter((name) => !used.has(name)),
  };
}
