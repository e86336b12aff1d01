/** A run in one drawing that stands alone: norms class by class, the distances over training, collapse through depth. */
import { classNormsPanels, type ClassNormsData } from './classNorms.js';
import { depthPanels } from './collapseThroughDepth.js';
import type { LayerRecord } from '../../runs/records.js';
import type { FigureDocument, FigureElement } from '../dom.js';
import { layerPanels } from './layersOverSteps.js';
import { measurePanels, type MeasuresData } from './measuresOverSteps.js';
import { panelsDrawing } from './panelsDrawing.js';

export interface RunFigureData extends ClassNormsData, MeasuresData {
  readonly title: string;
  /** Of the summary, beside theory. */
  readonly layers?: readonly LayerRecord[] | undefined;
}

const COLUMNS = 3;

/** Panels without a plot are left out. */
export function runFigure(
  data: RunFigureData,
  { document }: { readonly document: FigureDocument },
): FigureElement {
  const panels = [
    ...classNormsPanels(data, { document }),
    ...measurePanels(data, { document }),
    ...layerPanels(data, { document }),
    ...depthPanels(data, { document }),
  ];
  return panelsDrawing(document, data.title, panels, COLUMNS);
}
