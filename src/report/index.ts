/** Figures and the page of a run. Every figure takes its document, so the same code runs in Node and in a page. */
export { accuracyOverEpochs, type AccuracyData } from './accuracyOverEpochs.js';
export { basinFigure, type BasinData, type BasinFigureOptions } from './basinFigure.js';
export { classNorms, type ClassNormsData, type ClassNormsOptions } from './classNorms.js';
export { collapseThroughDepth, type DepthData, type DepthOptions } from './collapseThroughDepth.js';
export type { FigureDocument, FigureElement } from './dom.js';
export type { ScaleKind } from './axes.js';
export { formatCount, formatExact, formatNumber, formatPower, formatTick } from './format.js';
export { gramHeatmaps, heatmap, heatmapsDrawing, type GramData, type GramOptions } from './gramHeatmaps.js';
export { measuresOverSteps, type MeasuresData } from './measuresOverSteps.js';
export { normsOverSteps, type NormsData, type StepsOptions } from './normsOverSteps.js';
export { objectiveOverSteps, type ObjectiveData } from './objectiveOverSteps.js';
export { CATEGORIES, paint, PALETTE, paletteCss, type PaletteName, type Shade } from './palette.js';
export {
  stepsDrawing,
  stepsPanel,
  type Curve,
  type PanelOptions,
  type PanelSize,
  type Reference,
} from './panel.js';
export { runFigure, type RunFigureData } from './runFigure.js';
export { renderReport } from './page.js';
export { phaseDiagram, type PhaseDiagramData, type PhaseDiagramOptions } from './phaseDiagram.js';
export type { ReportInput } from './reportInput.js';
export { FIGURE_CSS } from './style.js';
