/** The Gram matrices of a file, measured beside predicted, as the report's heat maps on a common scale. */
import type { GramMatrices } from 'collapsar/runs';
import type { JSX } from 'preact';
import { GramPairs } from '../parts/GramPairs.js';
import type { Result } from '../state/measuring.js';

/** As in the worker: matrices of more classes are not drawn. */
const MOST_DRAWN = 200;

interface Props {
  readonly measured: GramMatrices;
  readonly predicted: Result['predicted'];
  /** Whether there is a prediction at all. */
  readonly expected: boolean;
}

export function NetworkGrams({ measured, predicted, expected }: Props): JSX.Element {
  const K = measured.weights.length;
  if (K > MOST_DRAWN)
    return (
      <p class="hint">
        Matrices of more than {MOST_DRAWN} classes are not drawn; the JSON has those of the file.
      </p>
    );
  const awaited = predicted === 'awaited';
  return (
    <>
      <h3>Every pair of classes</h3>
      <p class="hint" role="status">
        Blue: positive, orange: negative, paper: zero; measured and predicted on one scale.
        {awaited && ' The predicted matrices are being worked out …'}
        {!awaited &&
          predicted === null &&
          expected &&
          ' The predicted matrices are missing: measure again for them.'}
      </p>
      <GramPairs
        name="network"
        heading="h4"
        sides={[
          { title: 'measured', matrices: measured },
          { title: 'predicted', matrices: awaited ? null : predicted, awaited },
        ]}
      />
    </>
  );
}
