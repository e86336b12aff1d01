/**
 * An SVG that stands alone, right in every program that draws SVG: colours are written out and there is no style sheet, for librsvg,
 * Inkscape and office programs know neither variables nor media queries. Light, as paper is.
 */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { paint } from '../palette.js';
import { withLiteralColors } from '../literalColors.js';

/** `literal`: for a file. `page`: the palette's variables, which the page declares and may change with the reader's screen. */
export type FigureColors = 'literal' | 'page';

/** The last is what every system has some font for. */
export const FIGURE_FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif';

export interface DrawingSize {
  readonly width: number;
  readonly height: number;
  readonly colors?: FigureColors | undefined;
}

/** The root: a background, `label` for those who do not see it, and the children. */
export function standaloneSvg(
  document: FigureDocument,
  size: DrawingSize,
  label: string,
  ...children: readonly (FigureElement | null)[]
): FigureElement {
  const { width, height, colors = 'literal' } = size;
  const svg = svgElement(
    document,
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'collapsar-svg',
      viewBox: `0 0 ${width} ${height}`,
      width: String(width),
      height: String(height),
      role: 'img',
      'aria-label': label,
      'font-family': FIGURE_FONT,
      'font-size': '12',
    },
    svgElement(document, 'title', {}, label),
    svgElement(document, 'rect', { width: String(width), height: String(height), fill: paint('card') }),
    ...children,
  );
  return colors === 'literal' ? withLiteralColors(svg) : svg;
}

export type Anchor = 'start' | 'middle' | 'end';

export interface TextStyle {
  readonly anchor?: Anchor;
  readonly look?: 'quiet' | 'strong';
  readonly size?: number;
  readonly rotate?: number;
  /** Behind the letters, to stand out from lines. */
  readonly halo?: boolean;
}

export function label(
  document: FigureDocument,
  x: number,
  y: number,
  text: string,
  style: TextStyle = {},
): FigureElement {
  return svgElement(
    document,
    'text',
    {
      x: round(x),
      y: round(y),
      ...(style.anchor === undefined ? {} : { 'text-anchor': style.anchor }),
      fill: paint(style.look === 'quiet' ? 'quiet' : 'ink'),
      ...(style.look === 'strong' ? { 'font-weight': '600' } : {}),
      ...(style.size === undefined ? {} : { 'font-size': String(style.size) }),
      ...(style.rotate === undefined ? {} : { transform: `rotate(${style.rotate} ${round(x)} ${round(y)})` }),
      ...(style.halo === true
        ? { stroke: paint('card'), 'stroke-width': '3', 'paint-order': 'stroke', 'stroke-linejoin': 'round' }
        : {}),
    },
    text,
  );
}

/** Hundredths of a unit are finer than any screen. */
export function round(value: number): string {
  return String(Math.round(100 * value) / 100);
}
