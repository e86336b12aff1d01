/** What every figure is wrapped in: `<figure>` with its panels and a caption. */
import { element, type FigureDocument, type FigureElement } from '../dom.js';

/** How the panels lie: beside each other as the width allows, or one below the other. */
export type Arrangement = 'grid' | 'stack';

export function wrapFigure(
  document: FigureDocument,
  arrangement: Arrangement,
  caption: string,
  ...panels: readonly (FigureElement | null)[]
): FigureElement {
  return element(
    document,
    'figure',
    { class: 'collapsar-figure' },
    element(document, 'div', { class: `collapsar-${arrangement}` }, ...panels),
    element(document, 'figcaption', {}, caption),
  );
}
