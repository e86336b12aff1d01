/** Markup as a tree to look things up in. This compilation has no types of the DOM: here is what the readers need. */
import { parseHTML } from 'linkedom';

export interface Markup {
  readonly textContent: string;
  readonly outerHTML: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Markup | null;
  querySelectorAll(selector: string): Iterable<Markup>;
}

export function readMarkup(text: string): Markup {
  const { document } = parseHTML(`<!doctype html><html><body>${text}</body></html>`) as unknown as {
    readonly document: Markup;
  };
  return document;
}

export function all(inside: Markup, selector: string): Markup[] {
  return [...inside.querySelectorAll(selector)];
}

/** The only one, or an error that says how many there are. */
export function only(inside: Markup, selector: string): Markup {
  const matches = all(inside, selector);
  if (matches.length !== 1) throw new Error(`one ${selector}, got ${matches.length}`);
  return matches[0];
}

export function numberOf(element: Markup, attribute: string): number {
  const text = element.getAttribute(attribute);
  if (text === null) throw new Error(`${attribute} on ${element.outerHTML.slice(0, 80)}`);
  return Number(text);
}
