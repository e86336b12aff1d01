export type { Engine, Executable, StepResult, TrainingRule } from './engine.js';
export {
  BATCH_NORM_EPSILON,
  BATCH_NORM_MOMENTUM,
  type HeadShape,
  type Layer,
  type Network,
  type Shape,
} from './network.js';
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
