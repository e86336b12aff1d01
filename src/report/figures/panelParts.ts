/** A small plot before it is placed: in a page it becomes a box of title, legend and plot; a drawing that stands alone places the same parts itself. */
import { element, type FigureDocument, type FigureElement } from '../dom.js';
import { legendList, type LegendItem } from './legend.js';

export interface PanelParts {
  readonly title: string;
  readonly legend: readonly LegendItem[];
  /** Null where nothing was measured. */
  readonly plot: SizedPlot | null;
  /** A start so far below all that follows that it lies at the lower edge instead. */
  readonly startIsBelow?: boolean;
}

export interface SizedPlot {
  readonly svg: FigureElement;
  readonly width: number;
  readonly height: number;
}

/** What stands where a plot has nothing to show. */
export const NOT_MEASURED = 'Not measured in this run.';

export function panelBox(document: FigureDocument, { title, legend, plot }: PanelParts): FigureElement {
  return element(
    document,
    'div',
    { class: 'collapsar-panel' },
    element(document, 'div', { class: 'collapsar-panel-title' }, title),
    plot === null ? null : legendList(document, legend),
    plot === null ? element(document, 'p', { class: 'collapsar-none' }, NOT_MEASURED) : plot.svg,
  );
}
