/**
 * Networks as data, their objective and training loop, and the interface of an engine that runs them.
 *
 * @module collapsar/nets
 */
export { evaluateAccuracy, type Accuracy } from './accuracy.js';
export {
  activationNames,
  buildNetwork,
  type Architecture,
  type ArchitectureName,
  type HeadChoice,
} from './architecture.js';
export type { Engine, Executable, StepResult, TrainingRule } from './engine.js';
export { initialState } from './initialise.js';
export {
  measureExecutable,
  type LayerCollapse,
  type MeasuredNetwork,
  type MeasureNetworkOptions,
  type NetworkMeasurement,
} from './measureNetwork.js';
export type { MlpArchitecture } from './mlp.js';
export {
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  type HeadShape,
  type Layer,
  type Network,
  type Shape,
} from './network.js';
export { squaredNorm, type NetworkObjective } from './networkObjective.js';
export type { ResnetArchitecture } from './resnet.js';
export {
  channelsOf,
  featureSize,
  headSizes,
  inputShape,
  layerNames,
  parametersOf,
  shapeAfter,
  shapeThrough,
  sizeOf,
  walkLayers,
  type Parameter,
  type ParameterRole,
} from './shapes.js';
export type { TrainingImages } from './trainingData.js';
export {
  ADAM,
  dataScale,
  effectiveDecays,
  learningRateAt,
  stepsPerEpoch,
  trainingRule,
  type Decay,
  type EffectiveDecays,
  type FeatureDecayScale,
  type LossScale,
  type NetworkOptimizer,
  type StepSchedule,
  type TrainingSetting,
} from './trainingSetting.js';
export {
  createNetworkTrainer,
  DIVERGED_EPOCH,
  grownLoss,
  isMeasuringEpoch,
  type NetworkTrainer,
  type NetworkTrainerState,
  type NetworkTraining,
  type NetworkTrainingStatus,
  type TrainingProgress,
  type TrainingReport,
} from './trainNetwork.js';
export { weightedLoss } from './weightedLoss.js';
export type { VggArchitecture, VggName } from './vgg.js';
