/** The three predicted Gram matrices as the report's heat maps; beside them the measured ones while a training is shown. */
import { useComputed } from '@preact/signals';
import { frameEntry, frameSize, type Frame } from 'collapsar/model';
import type { JSX } from 'preact';
import { Drawn } from '../page/Drawn.js';
import { SaveButtons } from '../share/SaveButtons.js';
import { measuredGrams } from '../training/session.js';
import { facts } from './predicted.js';

const MATRICES = [
  ['weights', 'PPᵀ'],
  ['features', 'H̄ᵀH̄'],
  ['logits', 'PH̄'],
] as const;

export function GramMaps(): JSX.Element {
  const predicted = useComputed(() => {
    if (facts.value === null) return null;
    const { weights, features, logits } = facts.value.geometry;
    return { weights: rowsOf(weights), features: rowsOf(features), logits: rowsOf(logits) };
  }).value;
  const measured = measuredGrams.value;
  return (
    <div class="grams">
      {MATRICES.map(([key, symbol]) => {
        const theory = predicted?.[key];
        const found = measured?.[key];
        const size = Math.max(largest(theory), largest(found));
        return (
          <div key={key} class="gram">
            <h3>{symbol}</h3>
            <div class="gram-pair">
              <Drawn
                on={[theory, size]}
                draw={({ heatmap }, page) =>
                  theory === undefined
                    ? null
                    : heatmap(page, `${symbol} predicted`, 'predicted', theory, size)
                }
              />
              {found !== undefined && (
                <Drawn
                  on={[found, size]}
                  draw={({ heatmap }, page) => heatmap(page, `${symbol} measured`, 'measured', found, size)}
                />
              )}
            </div>
            <SaveButtons
              name={`gram-${key}`}
              make={({ heatmapsDrawing }, page) =>
                theory === undefined
                  ? null
                  : heatmapsDrawing(page, `${symbol}, predicted and measured`, [
                      { title: `${symbol} predicted`, matrix: theory, size },
                      ...(found === undefined ? [] : [{ title: `${symbol} measured`, matrix: found, size }]),
                    ])
              }
            />
          </div>
        );
      })}
    </div>
  );
}

function rowsOf(frame: Frame): number[][] {
  const K = frameSize(frame);
  return Array.from({ length: K }, (_, i) => Array.from({ length: K }, (__, j) => frameEntry(frame, i, j)));
}

function largest(rows: readonly (readonly number[])[] | undefined): number {
  return (rows ?? []).reduce((most, row) => row.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
}
