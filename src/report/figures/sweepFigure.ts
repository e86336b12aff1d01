/**
 * Figures of a sweep: a measure against a key or against class size, measured means with the range over seeds beside the
 * theory's line; and two keys as a phase diagram. Each can stand in a page or alone.
 */
import type { FigureDocument, FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { panelBox, type PanelParts } from './panelParts.js';
import { panelsDrawing } from './panelsDrawing.js';
import { sweepLines, type LinesPanel } from './sweepLines.js';
import { sweepPhase, type PhasePanel } from './sweepPhase.js';

export interface SweepFigureData {
  /** Of its file, without ending. */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly panels: readonly (LinesPanel | PhasePanel)[];
}

export interface SweepFigureOptions {
  readonly document: FigureDocument;
}

const COLUMNS = 3;

/** For a page: panels lie as its width allows. */
export function sweepFigure(data: SweepFigureData, { document }: SweepFigureOptions): FigureElement {
  const panels = partsOf(data, document).map((parts) => panelBox(document, parts));
  return wrapFigure(document, 'grid', data.caption, ...panels);
}

/** A drawing that stands alone, titles and legends in it. */
export function sweepDrawing(data: SweepFigureData, { document }: SweepFigureOptions): FigureElement {
  return panelsDrawing(document, `${data.title}. ${data.caption}`, partsOf(data, document), COLUMNS);
}

function partsOf({ panels }: SweepFigureData, document: FigureDocument): PanelParts[] {
  return panels.map((panel): PanelParts => {
    switch (panel.kind) {
      case 'lines':
        return sweepLines(panel, document);
      case 'phase':
        return sweepPhase(panel, document);
      default:
        return panel satisfies never;
    }
  });
}
