/** Figures and the page of a run. Every figure takes its document, so the same code runs in Node and in a page. */
export { basinFigure, type BasinData, type BasinFigureOptions } from './basinFigure.js';
export { classNorms, type ClassNormsData, type ClassNormsOptions } from './classNorms.js';
export type { FigureDocument, FigureElement } from './dom.js';
export type { ScaleKind } from './axes.js';
export { gramHeatmaps, type GramData, type GramOptions } from './gramHeatmaps.js';
export { measuresOverSteps, type MeasuresData } from './measuresOverSteps.js';
export { normsOverSteps, type NormsData, type StepsOptions } from './normsOverSteps.js';
export { objectiveOverSteps, type ObjectiveData } from './objectiveOverSteps.js';
export { renderReport, type ReportInput } from './page.js';
export { phaseDiagram, type PhaseDiagramData, type PhaseDiagramOptions } from './phaseDiagram.js';
export { FIGURE_CSS } from './style.js';
