/** The report's figures that are drawn with Observable Plot: loaded after the page stands. */
export {
  classNorms,
  gramHeatmaps,
  heatmap,
  heatmapsDrawing,
  measuresOverSteps,
  normsOverSteps,
  objectiveOverSteps,
  phaseDiagram,
  stepsDrawing,
  stepsPanel,
} from 'collapsar/report';
