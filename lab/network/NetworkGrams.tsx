/** The Gram matrices of a file, measured beside predicted, as the report's heat maps on a common scale. */
import type { GramMatrices } from 'collapsar/runs';
import type { JSX } from 'preact';
import { Drawn } from '../page/Drawn.js';
import { SaveButtons } from '../share/SaveButtons.js';
import type { Result } from './measuring.js';

const MATRICES = [
  ['weights', 'PPᵀ', 'inner products of the classifier’s rows'],
  ['features', 'H̄ᵀH̄', 'inner products of the class means'],
  ['logits', 'PH̄', 'row j, column k: logit j of the mean of class k'],
] as const;

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
      <div class="grams">
        {MATRICES.map(([key, symbol, meaning]) => {
          const found = measured[key];
          const theory = awaited ? undefined : predicted?.[key];
          const size = Math.max(largest(found), largest(theory));
          return (
            <div key={key} class="gram">
              <h4 title={meaning}>{symbol}</h4>
              <div class="gram-pair">
                <Drawn
                  on={[found, size]}
                  draw={({ heatmap }, page) => heatmap(page, `${symbol} measured`, 'measured', found, size)}
                />
                {(theory !== undefined || awaited) && (
                  <Drawn
                    on={[theory, size]}
                    draw={({ heatmap }, page) =>
                      theory === undefined
                        ? null
                        : heatmap(page, `${symbol} predicted`, 'predicted', theory, size)
                    }
                  />
                )}
              </div>
              <SaveButtons name={`network-${key}`} within=".gram" />
            </div>
          );
        })}
      </div>
    </>
  );
}

function largest(rows: readonly (readonly number[])[] | undefined): number {
  return (rows ?? []).reduce((most, row) => row.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
}
