/**
 * The one place where the document meets Observable Plot.
 *
 * Apart from `dom.ts`, whose types are exported: those of Plot would ask a user of this package for the types of d3.
 */
import * as Plot from '@observablehq/plot';
import type { FigureDocument, FigureElement } from './dom.js';

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
