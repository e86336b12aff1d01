/** The document of Node: linkedom, a light one without layout. Plot needs no more. */
import { parseHTML } from 'linkedom';
import type { FigureDocument } from './dom.js';

/** A fresh document to draw figures with. */
export function createFigureDocument(): FigureDocument {
  // linkedom's types name those of the DOM, which this project does not load.
  const window: unknown = parseHTML('<!doctype html><html><head></head><body></body></html>');
  return (window as { readonly document: FigureDocument }).document;
}
