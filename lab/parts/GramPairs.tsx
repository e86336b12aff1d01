/** The three Gram matrices, predicted and measured on one scale, as the report's heat maps. */
import type { JSX } from 'preact';
import { SaveButtons } from './SaveButtons.js';
import { Drawn } from './Drawn.js';

type Rows = readonly (readonly number[])[];
type Key = 'weights' | 'features' | 'logits';
type Matrices = Readonly<Record<Key, Rows>>;

const MATRICES = [
  ['weights', 'PPᵀ', 'inner products of the classifier’s rows'],
  ['features', 'H̄ᵀH̄', 'inner products of the class means'],
  ['logits', 'PH̄', 'row j, column k: logit j of the mean of class k'],
] as const;

interface Side {
  readonly title: 'predicted' | 'measured';
  readonly matrices: Matrices | null;
  /** Room is kept for matrices that are still to come. */
  readonly awaited?: boolean;
}

interface Props {
  /** Of the files that are saved. */
  readonly name: string;
  readonly heading: 'h3' | 'h4';
  /** From top to bottom. */
  readonly sides: readonly Side[];
}

export function GramPairs({ name, heading: Heading, sides }: Props): JSX.Element {
  return (
    <div class="grams">
      {MATRICES.map(([key, symbol, meaning]) => {
        const panels = sides.map(({ title, matrices, awaited = false }) => ({
          title,
          matrix: matrices?.[key] ?? null,
          awaited,
        }));
        const size = Math.max(...panels.map(({ matrix }) => largest(matrix)));
        return (
          <div key={key} class="gram">
            <Heading title={meaning}>{symbol}</Heading>
            <div class="gram-pair">
              {panels.map(
                ({ title, matrix, awaited }) =>
                  (matrix !== null || awaited) && (
                    <Drawn
                      key={title}
                      on={[matrix, size]}
                      draw={({ heatmap }, page) =>
                        matrix === null ? null : heatmap(page, `${symbol} ${title}`, title, matrix, size)
                      }
                    />
                  ),
              )}
            </div>
            <SaveButtons
              name={`${name}-${key}`}
              make={({ heatmapsDrawing }, page) => {
                const known = panels.flatMap(({ title, matrix }) =>
                  matrix === null ? [] : [{ title: `${symbol} ${title}`, matrix, size }],
                );
                return known.length === 0
                  ? null
                  : heatmapsDrawing(page, `${symbol}, predicted and measured`, known);
              }}
            />
          </div>
        );
      })}
    </div>
  );
}

function largest(rows: Rows | null): number {
  return (rows ?? []).reduce((most, row) => row.reduce((m, x) => Math.max(m, Math.abs(x)), most), 0);
}
