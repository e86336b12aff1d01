/**
 * Class statistics and the measures of collapse: NC1 … NC4, CDNV, balancedness, effective decays.
 *
 * @module collapsar/metrics
 */
export { balancedness } from './balancedness.js';
export {
  betweenClass,
  centreMeans,
  type BetweenClass,
  type CentredMeans,
  type GlobalMean,
} from './betweenClass.js';
export { cdnv } from './cdnv.js';
export { centreFeatures, type CentredSnapshot, type FeatureOffset } from './centreFeatures.js';
export { classifierOf, type Classifier } from './classifier.js';
export { createClassMoments, type ClassMoments, type ClassMomentsOptions } from './classMoments.js';
export {
  chooseProducts,
  createDeviationPass,
  type DeviationPass,
  type DeviationPassOptions,
} from './deviationPass.js';
export type { Products } from './gramSum.js';
export {
  measuredGeometry,
  measureSnapshot,
  type ClassMeasure,
  type Conventions,
  type Measurement,
  type MeasureOptions,
} from './measure.js';
export {
  batchesOf,
  measureFeatures,
  type FeatureBatch,
  type FeatureBatches,
  type MeasureFeaturesOptions,
} from './measureFeatures.js';
export { createLayerMeasure, type LayerMeasure, type MeasuredLayer, type Pass } from './layerMeasure.js';
export { nc1, nc1Pinv, nc1PinvWeighted, restrictScatter, type Nc1 } from './nc1.js';
export {
  furtherMeasures,
  type ClassVariances,
  type FurtherMeasures,
  type Similarities,
} from './furtherMeasures.js';
export { measureOutOfDistribution, type OutOfDistribution } from './outOfDistribution.js';
export { measureTest, type TestClass, type TestMeasurement, type TestOptions } from './testMeasures.js';
export { uniformity, type KernelMean, type Uniformity } from './uniformity.js';
export { frameDistances, meanAngles, type FrameDistances, type MeanAngles, type Nc2 } from './nc2.js';
export { directionDistance, dualities, type Nc3 } from './nc3.js';
export { minorityAngles, type GroupAngles, type MinorityAngles } from './minority.js';
export type { MeasuredGeometry } from './pairs.js';
export { seliGeometry } from './seli.js';
export { broughtIntoRange, timesPowerOfTwo } from './exponents.js';
export { hasTopFive, isAmongTopFive } from './topFive.js';
export { effectiveFeatureDecay, type FittedDecay } from './effectiveDecay.js';
export {
  measureRegression,
  type BothWays,
  type RegressionMeasurement,
  type RegressionOptions,
} from './regressionCollapse.js';
export {
  gram,
  gramDistance,
  nrc3,
  targetDirections,
  type About,
  type Nrc3,
  type TargetDirections,
} from './regressionTargets.js';
