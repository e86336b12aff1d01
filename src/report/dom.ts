/**
 * The document that figures are drawn with, and the one place where it meets Observable Plot.
 *
 * A page passes its `document`; Node passes the one of `document.node.ts`. This room compiles without the DOM's types, so
 * the document is typed here by what a caller needs, and cast where the library asks for the real thing.
 */
import * as Plot from '@observablehq/plot';

/** An element as figures hand it back: insert it into a page, or serialise it. */
export interface FigureElement {
  readonly outerHTML: string;
  setAttribute(name: string, value: string): void;
}

/** What figures need of a `Document`. */
export interface FigureDocument {
  createElement(name: string): FigureElement;
  createElementNS(namespace: string, name: string): FigureElement;
}

export type Child = FigureElement | string;

/** An element of HTML with attributes and children; text is text, never markup. */
export function element(
  document: FigureDocument,
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Child | null)[]
): FigureElement {
  return fill(document.createElement(name), attributes, children);
}

/** The same in the namespace of SVG. */
export function svgElement(
  document: FigureDocument,
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (Child | null)[]
): FigureElement {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function fill(
  made: FigureElement,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Child | null)[],
): FigureElement {
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  const parent = made as FigureElement & { append(...nodes: Child[]): void };
  for (const child of children) if (child !== null) parent.append(child);
  return made;
}

/** One plot as an `<svg role="img">` with `label` for those who do not see it. */
export function drawPlot(document: FigureDocument, label: string, options: Plot.PlotOptions): FigureElement {
  const svg = Plot.plot({
    className: 'collapsar-plot',
    ...options,
    style: { fontSize: '12px', fontFamily: 'inherit', overflow: 'visible' },
    // Both casts: Plot's declarations name `Document` and `SVGSVGElement`, which do not exist in this compilation.
    document: document as never,
  }) as unknown as FigureElement;
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  return svg;
}

/** From a place on the axes to pixels. */
export interface PlotScales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

/** A mark drawn by hand: `draw` gets the scales and returns an element. */
export function handDrawn(draw: (scales: PlotScales) => FigureElement): Plot.Markish {
  // The cast again: a mark is declared to return the DOM's SVGElement.
  return ((_index: unknown, scales: PlotScales) => draw(scales)) as unknown as Plot.Markish;
}
