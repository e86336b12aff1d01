export { doctor, type DoctorDocument } from './doctor.js';
export { measure, type MeasureArguments, type MeasureDocument } from './measure.js';
export { openFeatureFile, readStartTensors, type ArrayNames, type FeatureFile } from './featureFile.js';
export { minimiserFile, predict, predictProblem, solutionFile } from './predict.js';
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
