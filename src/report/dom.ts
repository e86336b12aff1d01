/**
 * The document that figures are drawn with, and the elements made with it.
 *
 * A page passes its `document`; Node passes the one of `document.node.ts`. This room compiles without the DOM's types, so
 * the document is typed here by what a caller needs.
 */

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
  target: FigureElement,
  attributes: Readonly<Record<string, string>>,
  children: readonly (Child | null)[],
): FigureElement {
  for (const [name, value] of Object.entries(attributes)) target.setAttribute(name, value);
  const parent = target as FigureElement & { append(...nodes: Child[]): void };
  for (const child of children) if (child !== null) parent.append(child);
  return target;
}
