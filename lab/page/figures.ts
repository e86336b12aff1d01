/** The report's figures that are drawn with Observable Plot: loaded after the page stands. */
export {
  classNorms,
  gramHeatmaps,
  heatmap,
  measuresOverSteps,
  normsOverSteps,
  objectiveOverSteps,
  stepsPanel,
} from 'collapsar/report';
