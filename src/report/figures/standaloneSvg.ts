/** An SVG that stands alone: its own palette, light or dark as the reader's screen, and one font. */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import { paint, paletteCss } from '../palette.js';

/** Declared on the drawing itself, so that one inside a page does not repaint the page. */
const CSS = [
  `.collapsar-svg{${paletteCss('light')};font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}`,
  `@media (prefers-color-scheme:dark){.collapsar-svg{${paletteCss('dark')}}}`,
  `.collapsar-svg text{fill:${paint('ink')}}`,
  `.collapsar-svg .quiet{fill:${paint('quiet')}}`,
  `.collapsar-svg .strong{font-weight:600}`,
].join('\n');

/** The root: a background, `label` for those who do not see it, and the children. */
export function standaloneSvg(
  document: FigureDocument,
  size: { readonly width: number; readonly height: number },
  label: string,
  ...children: readonly (FigureElement | null)[]
): FigureElement {
  const { width, height } = size;
  return svgElement(
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
    },
    svgElement(document, 'title', {}, label),
    svgElement(document, 'style', {}, CSS),
    svgElement(document, 'rect', { width: String(width), height: String(height), fill: paint('card') }),
    ...children,
  );
}

export type Anchor = 'start' | 'middle' | 'end';

export interface TextStyle {
  readonly anchor?: Anchor;
  /** Words of the style sheet: `quiet`, `strong`. */
  readonly look?: string;
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
      ...(style.look === undefined ? {} : { class: style.look }),
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
