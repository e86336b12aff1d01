/** Every kernel of the CPU engine, in AssemblyScript: compiled to one WebAssembly module by scripts/buildKernels.js. */
export { addBias, addInto, columnSums, relu, reluGradient, sum, sumParts } from './elementwise';
export { channelSums, gradientSums, normGradient, scaleShift, scaleShiftAdd } from './batchNorm';
export { gemm } from './gemm';
export { gatherPatches, scatterPatches } from './patches';
export { averagePool, averagePoolGradient, maxPool, maxPoolGradient } from './pool';
export { adam, sgd } from './update';
export {
  winogradInput,
  winogradInputGradient,
  winogradOutput,
  winogradOutputGradient,
  winogradWeightGradient,
  winogradWeights,
} from './winograd';
export {
  winograd4Input,
  winograd4InputGradient,
  winograd4Output,
  winograd4OutputGradient,
  winograd4WeightGradient,
  winograd4Weights,
} from './winograd4';
