/**
 * The unconstrained-features model: its objective on few columns, gradient descent and L-BFGS, starts, a stable rate.
 *
 * @module collapsar/ufm
 */
export {
  createReducer,
  drawReduced,
  expandColumns,
  SAMPLES_KEPT,
  type ColumnBasis,
  type ReducedColumns,
} from './columns.js';
export { needsSamples } from './columnTerm.js';
export {
  createObjective,
  layParameters,
  type Objective,
  type Parameters,
  type RangeVisitor,
} from './objective.js';
export { largestEigenvalue, stableRate, type StableRate, type StableRateRequest } from './stableRate.js';
export {
  drawStart,
  givenStart,
  savedStart,
  type SavedColumns,
  type StartTensors,
  type UfmStart,
} from './start.js';
export {
  createTrainer,
  DIVERGED,
  type OptimizerSpec,
  type TrainerState,
  type TrainingStatus,
  type UfmTrainer,
} from './trainer.js';
export {
  axisStart,
  embed,
  narrowed,
  nearStart,
  randomStart,
  type SearchStart,
  type StartKind,
} from './searchStarts.js';
