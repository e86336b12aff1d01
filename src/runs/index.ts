/**
 * Specs, the catalogue of experiments, records, checkpoints, and what a run folder holds.
 *
 * @module collapsar/runs
 */
export {
  chooseVariants,
  EXPERIMENTS,
  findExperiment,
  planRuns,
  type ChosenVariants,
  type PlannedRun,
  type VariantChoice,
} from './catalogue/experiments.js';
export type { Experiment, Origin, Scale, Variant, Variants } from './catalogue/variant.js';
export { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.js';
export {
  decodeNetworkCheckpoint,
  encodeNetworkCheckpoint,
  type NetworkCheckpoint,
  type ParameterShapes,
} from './networkCheckpoint.js';
export { LARGEST_LENGTH, type NetworkSpec } from './networkSpec.js';
export { Misshapen, parseJson } from './jsonShape.js';
export { readRecords, type ReadRecords } from './readRecords.js';
export { readSummary, unlikeRecords } from './readSummary.js';
export * from './records.js';
export { checkSpec, formatSpec, parseSpec, problemOf, sameRun, type RunSpec, type UfmSpec } from './spec.js';
export { titleOfSet } from './setTitle.js';
export type { RunStore } from './store.js';
export { readMonitoredReplay, REPLAY_FORMAT, type MonitoredReplay } from './monitorReplay.js';
export { MONITOR_FILES, openMonitor, type MonitorFiles, type MonitorStore } from './monitorStore.js';
export {
  readMonitorTensors,
  type MonitoredSample,
  type MonitoredSplit,
  type MonitoredStatistics,
  type MonitoredTensors,
} from './monitorTensors.js';
export {
  MONITOR_ENDS,
  MONITOR_FORMAT,
  MONITOR_VERSION,
  readEpochs,
  readManifest,
  type MonitoredEnd,
  type MonitoredEpoch,
  type MonitoredHeadLayer,
  type MonitoredLayer,
  type MonitoredLoss,
  type MonitoredOptimizer,
  type MonitorManifest,
  type ReadEpochs,
} from './monitorText.js';
export {
  POINT_STATUSES,
  readResult,
  type MeasuredClass,
  type MeasuredPoint,
  type PointResult,
  type PointStatus,
  type PredictedClass,
  type PredictedPoint,
} from './sweepResult.js';
export { parseSpecText } from './specText.js';
export { variationKeys, variationsOfSpec, type VariationSpec } from './variationKeys.js';
