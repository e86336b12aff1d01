/** Figures and pages for the command line: loaded when one is drawn, for that takes longer than most commands. */
import type { FigureDocument } from '../report/index.js';

type Figures = typeof import('../report/index.js');

/** What `draw` makes of the figures, with a fresh document. */
export async function drawing<T>(draw: (figures: Figures, document: FigureDocument) => T): Promise<T> {
  const [figures, { createFigureDocument }] = await Promise.all([
    import('../report/index.js'),
    import('../report/document.node.js'),
  ]);
  return draw(figures, createFigureDocument());
}
