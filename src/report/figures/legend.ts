/** Legends: a drawn sample of each line or mark with its name, and the list of them in a page. */
import { element, svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { paint, type PaletteName } from '../palette.js';

export type Stroke = 'solid' | 'dashed' | 'dotted';
export type Symbol = 'ring' | 'dot' | 'cross' | 'bar';

export interface LegendEntry {
  readonly name: string;
  readonly color: PaletteName;
  readonly stroke: Stroke;
  readonly opacity: number;
}

/** One entry, drawn: the sample is `width` wide and 10 high. */
export interface LegendItem {
  readonly name: string;
  readonly width: number;
  readonly sample: FigureElement;
}

/** Samples of lines. */
export function lineItems(document: FigureDocument, entries: readonly LegendEntry[]): LegendItem[] {
  return entries.map(({ name, color, stroke, opacity }) => ({
    name,
    width: 22,
    sample: svgElement(document, 'path', {
      d: 'M0,5H22',
      stroke: paint(color),
      'stroke-width': '2',
      'stroke-opacity': String(opacity),
      ...(stroke === 'solid' ? {} : { 'stroke-dasharray': stroke === 'dashed' ? '6 3' : '1.5 3' }),
    }),
  }));
}

/** Samples of marks. */
export function symbolItems(
  document: FigureDocument,
  entries: readonly { readonly name: string; readonly color: PaletteName; readonly symbol: Symbol }[],
): LegendItem[] {
  return entries.map(({ name, color, symbol }) => ({
    name,
    width: 14,
    sample: drawSymbol(document, symbol, paint(color)),
  }));
}

/** The legend of a panel in a page; null where there is nothing to list. */
export function legendList(document: FigureDocument, items: readonly LegendItem[]): FigureElement | null {
  if (items.length === 0) return null;
  return element(
    document,
    'ul',
    { class: 'collapsar-legend' },
    ...items.map((entry) => item(document, entry)),
  );
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

function item(document: FigureDocument, { name, width, sample }: LegendItem): FigureElement {
  const svg = svgElement(
    document,
    'svg',
    { width: String(width), height: '10', viewBox: `0 0 ${width} 10`, 'aria-hidden': 'true' },
    sample,
  );
  return element(document, 'li', {}, svg, name);
}
