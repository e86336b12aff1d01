/**
 * What only Node can do: the native BLAS, files on disk, run folders, and a document to draw reports with.
 *
 * @module collapsar/node
 */
export { chooseBlas, openBlas } from './core/nativeBlas.node.js';
export { openImageData, type ImageDataSet } from './data/imageFolder.node.js';
export { openArrayFile, openFileSource, type FileSource } from './data/fileSource.node.js';
export { createFigureDocument } from './report/document.node.js';
export { openRunFolder, reportPath } from './runs/runFolder.node.js';
export {
  createCpuEngine,
  type ConvolutionMethod,
  type CpuEngineOptions,
  type Gemm,
  type Kernels,
  type Machine,
  type TapGradientKernel,
  type TapKernel,
  type TileKernel,
  type TileOutputKernel,
} from './engine/cpu/cpuEngine.node.js';
