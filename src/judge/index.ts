/**
 * Measured beside predicted: the comparison class by class, the verdicts on a training and on a measurement, their words.
 *
 * @module collapsar/judge
 */
export { centresMeans, measureBeside, type Beside, type BesideOptions } from './beside.js';
export { compareClasses, fitsOf, measuresRecord, predictedClasses } from './compare.js';
export { anglesOf, seliDistances } from './crossEntropyMeasures.js';
export { type Judgeable } from './measuredFacts.js';
export { judgeMeasured, liesBelow, type MeasuredVerdict } from './measuredVerdict.js';
export { judgeNetworkRun, networkSettled, type JudgedRun } from './networkVerdict.js';
export { gainsNothing, hasSettled, undecided, type Movement } from './settled.js';
export {
  expectLayers,
  headLayerNames,
  layerRecord,
  layerValues,
  measureLayerBeside,
  type ExpectedLayer,
  type LayerBeside,
} from './layers.js';
export { objectiveAtMeans } from './meansObjective.js';
export { recordOf, type RecordParts } from './record.js';
export { judge, type Judged } from './trainingVerdict.js';
export { nameClasses } from './words.js';
