/** What the prediction of a problem with variations rests on, in a sentence, where it is not proved to be the minimum. */
import { depthOf } from '../model/index.js';
import { ceNote, searchWords } from './ce/note.js';
import { statementFor } from './coverage.js';
import type { Prediction } from './prediction.js';

/** The note of any prediction; null where there is nothing to say. */
export function predictionNote(prediction: Prediction): string | null {
  const { problem, optimality, interrupted, search, certificate } = prediction;
  const statement = statementFor(problem);
  if (statement === 'plain') return ceNote(prediction);
  if (optimality === 'global') return null;
  const bound =
    certificate === null
      ? ''
      : ` The true minimum lies at most ${(100 * certificate.relativeGap).toPrecision(2)} % below it, by a rigorous lower bound.`;
  if (statement === 'weights')
    return 'Class by class this is the lowest point; that no other arrangement is lower is proved for one layer, and where n·w is ordered like w, and not for these weights or this bottleneck. No lower one was ever found.';
  if (statement === 'one scalar')
    return 'The focal loss is not convex: this is the lowest simplex, and no lower point was found, but none is proved to be the minimum.';
  if (interrupted) return `The numeric solution was not brought to its end.${bound}`;
  const open =
    depthOf(problem) > 1
      ? 'No theorem says where the minimum is for this problem with two or more layers: this is the best found'
      : 'No closed form and no tight bound is known for this problem: this is the best found';
  return search === null
    ? `The numeric solution is too far from its bound to be called the minimum.${bound}`
    : `${open} (${searchWords(search)}), an upper bound of the minimum.${bound}`;
}
