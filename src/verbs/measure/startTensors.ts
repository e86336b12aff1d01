/**
 * A start for `train`: `labels`, `W1` … `WM`, `b`, and either `H` (d×N, columns are samples) or `features` (N×d).
 */
import { refuse, refuseShape } from '../../core/errors.js';
import { matrix, transpose } from '../../core/matrix.js';
import { integers, type ArrayFile } from '../../data/index.js';
import type { StartTensors } from '../../ufm/index.js';
import { finite, readHead } from './head.js';
import { numberedWeights, shapeOf } from './roles.js';

export async function readStartTensors(file: ArrayFile): Promise<StartTensors> {
  const useColumns = file.has('H') || !file.has('features');
  const entry = await file.get(useColumns ? 'H' : 'features');
  if (entry.shape.length !== 2) refuseShape(entry.where, 'a matrix of features', `shape ${shapeOf(entry)}`);
  const stored = matrix(await finite(entry), entry.shape[0], entry.shape[1]);
  const features = useColumns ? stored : transpose(stored);
  const weights = numberedWeights(file);
  if (weights.length === 0) refuse(file.name, 'weights W1 … WM', file.names.join(', '));
  const biases = weights.map((_, m) => (m === weights.length - 1 && file.has('b') ? 'b' : null));
  const { head } = await readHead(file, { weights, biases, sameAsLast: null }, features.rows, false);
  return {
    labels: await integers(await file.get('labels')),
    features,
    weights: head.weights,
    bias: head.bias,
  };
}
