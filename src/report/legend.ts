/** Legends as lists, with a drawn sample of each line or mark. */
import { element, svgElement, type FigureDocument, type FigureElement } from './dom.js';
import { paint, type PaletteName } from './palette.js';

export type Stroke = 'solid' | 'dashed' | 'dotted';
export type Symbol = 'ring' | 'dot' | 'cross' | 'bar';

export interface LegendEntry {
  readonly name: string;
  readonly color: PaletteName;
  readonly stroke: Stroke;
  readonly opacity: number;
}

/** A legend of lines; null where there is nothing to list. */
export function lineLegend(document: FigureDocument, entries: readonly LegendEntry[]): FigureElement | null {
  if (entries.length === 0) return null;
  const items = entries.map(({ name, color, stroke, opacity }) => {
    const sample = svgElement(document, 'path', {
      d: 'M0,5H22',
      stroke: paint(color),
      'stroke-width': '2',
      'stroke-opacity': String(opacity),
      ...(stroke === 'solid' ? {} : { 'stroke-dasharray': stroke === 'dashed' ? '6 3' : '1.5 3' }),
    });
    return item(document, name, '22', sample);
  });
  return element(document, 'ul', { class: 'collapsar-legend' }, ...items);
}

/** A legend of marks. */
export function symbolLegend(
  document: FigureDocument,
  entries: readonly { readonly name: string; readonly color: PaletteName; readonly symbol: Symbol }[],
): FigureElement {
  const items = entries.map(({ name, color, symbol }) =>
    item(document, name, '14', drawSymbol(document, symbol, paint(color))),
  );
  return element(document, 'ul', { class: 'collapsar-legend' }, ...items);
}

function drawSymbol(document: FigureDocument, symbol: Symbol, color: string): FigureElement {
  switch (symbol) {
    case 'ring':
      return svgElement(document, 'circle', {
        cx: '7',
        cy: '5',
        r: '4.2',
        fill: 'none',
        stroke: color,
        'stroke-width': '1.6',
      });
    case 'dot':
      return svgElement(document, 'circle', { cx: '7', cy: '5', r: '3.4', fill: color });
    case 'cross':
      return svgElement(document, 'path', {
        d: 'M3.5,1.5l7,7m0,-7l-7,7',
        stroke: color,
        'stroke-width': '2',
      });
    case 'bar':
      return svgElement(document, 'path', {
        d: 'M0,5H14',
        stroke: color,
        'stroke-width': '5',
        'stroke-opacity': '0.25',
      });
    default:
      return symbol satisfies never;
  }
}

function item(document: FigureDocument, name: string, width: string, sample: FigureElement): FigureElement {
  const svg = svgElement(
    document,
    'svg',
    { width, height: '10', viewBox: `0 0 ${width} 10`, 'aria-hidden': 'true' },
    sample,
  );
  return element(document, 'li', {}, svg, name);
}
