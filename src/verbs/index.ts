/**
 * The verbs of the command line as functions: arguments in, the JSON document out.
 *
 * @module collapsar/verbs
 */
export { advise, advisedDiagram, adviseInSlices } from './advise/advise.js';
export type { AdviseOptions, AdviseProgress } from './advise/atDecay.js';
export type {
  AdviseClass,
  AdviseWeighting,
  FeatureDecaySource,
  RecommendationBasis,
  AdviseDepth,
  AdviseDocument,
  DiagramMark,
  DiagramPanel,
  FeatureDecayRule,
  PhaseDiagram,
} from './advise/document.js';
export { basin, defaultScales, type BasinOptions, type BasinProgress } from './basin/basin.js';
export type { BasinClass, BasinDocument, BasinScale, BasinStart, StartStatus } from './basin/document.js';
export { doctor, type DoctorDocument } from './doctor.js';
export type {
  LayerDocument,
  MeasureDocument,
  MeasuredClass,
  MeasuredGrams,
  TestDocument,
} from './measure/document.js';
export {
  measure,
  measureWithFrames,
  type ComparedFrames,
  type MeasureArguments,
  type MeasuredWithFrames,
  type MeasureProgress,
} from './measure/measure.js';
export type { GeometryDistances, SignedGeometries } from './measure/signs.js';
export type { LayerMeasures, MonitorDocument, SeriesPoint } from './measure/monitored/document.js';
export { HEAD_FINDINGS, type HeadCheck, type HeadFinding } from './measure/monitored/headCheck.js';
export {
  measureMonitored,
  type MonitoredArguments,
  type MonitoredProgress,
} from './measure/monitored/monitored.js';
export { recordsOfSeries, replayOfSeries } from './measure/monitored/records.js';
export { recordsOfFiles, type SeriesRecords } from './measure/seriesRecords.js';
export type { SettingInstead } from './measure/monitored/setting.js';
export type { TestClassRecord, TestRecord } from './measure/monitored/testSamples.js';
export { openFeatureFile, type FeatureFile } from './measure/featureFile.js';
export type { LogitsCheck } from './measure/logitsCheck.js';
export {
  kindOfFiles,
  measureSeries,
  measureSeriesWithFrames,
  type SeriesArguments,
  type SeriesDocument,
  type SeveralFiles,
} from './measure/series.js';
export { OPTIMIZERS, type Optimizer, type TrainedWith } from './measure/posed.js';
export type { RegressionDirection, RegressionDocument } from './measure/regression/document.js';
export { targetsAreOfSamples, type TargetRows } from './measure/regression/reading.js';
export { measureRegressionFile, type RegressionArguments } from './measure/regression/regression.js';
export { type ArrayNames, type Reading } from './measure/roles.js';
export { readStartTensors } from './measure/startTensors.js';
export {
  documentOf,
  minimiserFile,
  minimiserOf,
  predict,
  predictInSlices,
  predictProblem,
  solutionFile,
  type PredictWatch,
} from './predict/predict.js';
export {
  predictionDocument,
  problemDocument,
  type ClassDocument,
  type GeometryDocument,
  type MergingDocument,
  type ModeDocument,
  type PredictionDocument,
  type ProblemDocument,
  type UniqueUpTo,
} from './predict/document.js';
export { train, type TrainDocument, type TrainOptions, type TrainProgress } from './train/trainUfm.js';
export {
  verify,
  type BestKnown,
  type KindOfStart,
  type Verdict,
  type Verified,
  type VerifyDocument,
  type VerifyOptions,
  type VerifyProgress,
} from './verify/verify.js';
export {
  measureCheckpoints,
  readNetworkSpec,
  type MeasureCheckpointsDocument,
  type CheckpointsProgress,
  type MeasureCheckpointsOptions,
} from './measure/checkpoints.js';
export type { Images } from './train/networkRun.js';
export type { NetworkProgress } from './train/networkProgress.js';
export type { MadeBy } from './train/summary.js';
export { trainNetwork, type TrainNetworkDocument, type TrainNetworkOptions } from './train/trainNetwork.js';
export { reproduce, type ReproduceOptions, type RunPlan } from './reproduce/reproduce.js';
export type {
  ReproducedMeasures,
  ReproducedPrediction,
  ReproducedRun,
  ReproduceDocument,
} from './reproduce/document.js';
export { createEstimator, type EstimateOptions } from './reproduce/estimate.js';
export {
  adviseSurvival,
  type SurvivalOptions,
  type SurvivalProgress,
} from './advise/plainDecay/plainDecay.js';
export { conditionsOf, type ConditionFacts, type KnownTraining } from './advise/plainDecay/conditions.js';
export { countLayers, type CountedLayers } from './advise/plainDecay/countedLayers.js';
export { batchesOfImages, inputsOfSet, survivalOfSpec } from './advise/plainDecay/imageInputs.js';
export { readInputs, type InputClasses, type SurvivalInputs } from './advise/plainDecay/inputsFile.js';
export type {
  Condition,
  ConditionName,
  SurvivalClass,
  SurvivalDocument,
  WhatIsLost,
} from './advise/plainDecay/document.js';
