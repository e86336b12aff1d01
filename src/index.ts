/**
 * collapsar: predict, train and measure neural collapse in deep linear heads.
 *
 * These are the names that most uses need. Everything else stands on a subpath, one for each room (`collapsar/theory`,
 * `collapsar/metrics`, …); what needs Node (the native BLAS, files, run folders) is in `collapsar/node`. All else is
 * portable: it runs in Node, a worker or a page.
 *
 * @module collapsar
 */
export { InputError } from './core/index.js';
export { portableBlas, type Blas, type Matrix } from './core/index.js';
export {
  createProblem,
  frameDistance,
  orthogonalFrame,
  parseCounts,
  simplexEtf,
  type Frame,
  type Geometry,
  type Head,
  type Problem,
  type Snapshot,
} from './model/index.js';
export { buildMinimiser, predictCe, predictMse, thresholds, type Prediction } from './theory/index.js';
export { measureFeatures, measureSnapshot, type Measurement } from './metrics/index.js';
export { createTrainer, drawStart, stableRate } from './ufm/index.js';
export { openArrays } from './data/index.js';
export { parseSpec, problemOf, type RunSummary, type TrainRecord } from './runs/index.js';
export { compareClasses } from './judge/index.js';
export { advise, basin, measure, predict, train, trainNetwork, verify } from './verbs/index.js';
