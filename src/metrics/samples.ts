/**
 * Checks that both streaming passes share: a batch that fits, labels in range, finite features.
 */
import { InputError, refuse, refuseShape } from '../core/errors.js';
import { shape, type Floats, type Matrix } from '../core/matrix.js';

/** Refuses a batch whose width or number of labels does not fit. features: B×d, labels: B. */
export function checkBatch(features: Matrix<Floats>, labels: Int32Array, dimension: number): void {
  if (features.cols !== dimension)
    refuseShape('features', `a batch of ${dimension} columns`, shape(features));
  if (labels.length !== features.rows)
    refuseShape('labels', `one for each of ${features.rows} samples`, `${labels.length}`);
}

/** Refuses a label that names no class. `sample` counts from 0 over the whole stream; K null: still growing. */
export function refuseLabel(label: number, sample: number, K: number | null): never {
  refuse(
    `labels, sample ${sample}`,
    K === null ? 'a class number from 0 up' : `a class number from 0 to ${K - 1}`,
    label,
    'classes are numbered from 0',
  );
}

/** Names the first feature of a row that is not finite; `at` is where the row starts in `data`. */
export function refuseRow(data: Floats, at: number, dimension: number, sample: number): never {
  for (let j = 0; j < dimension; j++)
    if (!Number.isFinite(data[at + j]))
      throw new InputError(
        'argument',
        'features',
        'finite numbers',
        `${data[at + j]} at sample ${sample}, column ${j} (both from 0)`,
      );
  return refuse('features', 'numbers whose squares are finite', `larger ones at sample ${sample} (from 0)`);
}

/** Refuses K classes where some class below K was never seen. `seen(k)` is its number of samples. */
export function checkCovered(K: number, seen: (k: number) => number): void {
  for (let k = 0; k < K; k++)
    if (!(seen(k) > 0))
      throw new InputError(
        'argument',
        'labels',
        `labels must cover 0..${K - 1}`,
        `no sample of class ${k}`,
        'leave empty classes out and number the rest from 0',
      );
}
