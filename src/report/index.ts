/**
 * Figures and the page of a run. Every figure takes its document, so the same code runs in Node and in a page.
 *
 * @module collapsar/report
 */
export { accuracyOverEpochs, type AccuracyData } from './figures/accuracyOverEpochs.js';
export { basinFigure, type BasinData, type BasinFigureOptions } from './figures/basinFigure.js';
export { classNorms, type ClassNormsData, type ClassNormsOptions } from './figures/classNorms.js';
export { layersOverSteps, type LayersData } from './figures/layersOverSteps.js';
export { collapseThroughDepth, type DepthData, type DepthOptions } from './figures/collapseThroughDepth.js';
export type { FigureDocument, FigureElement } from './dom.js';
export type { ScaleKind } from './figures/axes.js';
export { formatCount, formatExact, formatNumber, formatPower, formatTick } from './format.js';
export {
  gramHeatmaps,
  heatmap,
  heatmapsDrawing,
  type Rows,
  type GramData,
  type GramOptions,
} from './figures/gramHeatmaps.js';
export type { Stroke } from './figures/legend.js';
export { measuresOverSteps, type MeasuresData } from './figures/measuresOverSteps.js';
export { normsOverSteps, type NormsData } from './figures/normsOverSteps.js';
export { objectiveOverSteps, type ObjectiveData } from './figures/objectiveOverSteps.js';
export { CLASS_COLORS, classColorName, type ClassColorName } from './classColors.js';
export { withLiteralColors } from './literalColors.js';
export { svgText } from './svgText.js';
export { FIGURE_FONT, type FigureColors } from './figures/standaloneSvg.js';
export { CATEGORIES, paint, PALETTE, paletteCss, type PaletteName, type Shade } from './palette.js';
export {
  stepsDrawing,
  stepsPanel,
  type Curve,
  type MoveCursor,
  type PanelOptions,
  type PanelSize,
  type Reference,
  type StepsOptions,
} from './figures/panel.js';
export { runFigure, type RunFigureData } from './figures/runFigure.js';
export { renderMeasured, type MeasuredReport } from './page/measuredPage.js';
export type { ReportTable } from './page/namedTable.js';
export type { MeasuredSeries } from './page/seriesSections.js';
export { renderReport } from './page/page.js';
export { renderSeriesReport, type SeriesReportInput, type SeriesReportPoint } from './page/seriesPage.js';
export { renderSweepReport, type SweepReportInput } from './page/sweepPage.js';
export {
  sweepDrawing,
  sweepFigure,
  type SweepFigureData,
  type SweepFigureOptions,
} from './figures/sweepFigure.js';
export type { LinesPanel, SweepCurve, SweepPoint, SweepScale } from './figures/sweepLines.js';
export type { PhaseCell, PhasePanel } from './figures/sweepPhase.js';
export { testOverEpochs, type SampleMeasures, type TestOverEpochsData } from './figures/testOverEpochs.js';
export { phaseDiagram, type PhaseDiagramData, type PhaseDiagramOptions } from './figures/phaseDiagram.js';
export { survivalFigure, type SurvivalData, type SurvivalFigureOptions } from './figures/survivalFigure.js';
export type { ReportInput } from './page/reportInput.js';
export { FIGURE_CSS } from './style.js';
