export { advise, adviseInSlices } from './advise.js';
export type { AdviseOptions, AdviseProgress } from './adviseCommon.js';
export type {
  AdviseClass,
  AdviseDepth,
  AdviseDocument,
  DiagramMark,
  DiagramPanel,
  FeatureDecayRule,
  PhaseDiagram,
} from './adviseDocument.js';
export { basin, defaultScales, type BasinOptions, type BasinProgress } from './basin.js';
export type { BasinClass, BasinDocument, BasinScale, BasinStart } from './basinDocument.js';
export { compareClasses, fitsOf, measuresRecord } from './compare.js';
export { doctor, type DoctorDocument } from './doctor.js';
export { measure, type MeasureArguments, type MeasureDocument } from './measure.js';
export { openFeatureFile, readStartTensors, type ArrayNames, type FeatureFile } from './featureFile.js';
export {
  documentOf,
  minimiserFile,
  minimiserOf,
  predict,
  predictInSlices,
  predictProblem,
  solutionFile,
  type PredictWatch,
} from './predict.js';
export {
  predictionDocument,
  problemDocument,
  type ClassDocument,
  type GeometryDocument,
  type ModeDocument,
  type PredictionDocument,
  type ProblemDocument,
} from './predictionDocument.js';
export { train, type TrainDocument, type TrainOptions, type TrainProgress } from './train.js';
export { verify, type Verdict, type Verified, type VerifyDocument, type VerifyOptions } from './verify.js';
export {
  measureCheckpoints,
  readNetworkSpec,
  type MeasureCheckpointsDocument,
  type MeasureCheckpointsOptions,
} from './measureCheckpoints.js';
export type { Images } from './networkRun.js';
export {
  trainNetwork,
  type NetworkProgress,
  type TrainNetworkDocument,
  type TrainNetworkOptions,
} from './trainNetwork.js';
export { judge, type Judged } from './verdict.js';
export { reproduce, type ReproduceOptions, type RunPlan } from './reproduce.js';
export type {
  ReproducedMeasures,
  ReproducedPrediction,
  ReproducedRun,
  ReproduceDocument,
} from './reproduceDocument.js';
export { createEstimator, type EstimateOptions } from './reproduceEstimate.js';
