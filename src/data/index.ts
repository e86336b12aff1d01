/**
 * The data room: arrays in files, read by range and written whole; sets of labelled images. Portable; files on disk are
 * in `fileSource.node.ts`, folders of images in `imageFolder.node.ts`.
 *
 * @module collapsar/data
 */
export {
  type ArrayEntry,
  type ArrayFile,
  listNames,
  MAX_ITEMS_AT_ONCE,
  type WordEntry,
} from './arrayFile.js';
export { type ByteSource, memorySource, sliceSource } from './byteSource.js';
export { type CifarRecords, readCifar } from './cifar.js';
export { type CifarKind } from './cifarFacts.js';
export { type EmnistDivision, type EmnistKind } from './emnist.js';
export { crc32 } from './crc32.js';
export { isSingle, type DType } from './dtypes.js';
export { gunzipped, isGzip } from './gzip.js';
export { type IdxArray, type IdxPair, pairIdx, readIdx } from './idx.js';
export { type Augmentation, type PreparedImages, trainingImages } from './imageBatches.js';
export {
  createImageSet,
  IMAGE_KIND_NAMES,
  IMAGE_KINDS,
  type ImageKind,
  type ImageKindFacts,
  type ImageSet,
  padImages,
} from './imageSet.js';
export { permuteLabels } from './randomLabels.js';
export { inThreeChannels, resizeImages } from './resizeImages.js';
export { repeatedKey } from './jsonKeys.js';
export { integers } from './integers.js';
export { encodeNpy } from './npy.js';
export { type ArrayToWrite, encodeNpz } from './npzWriter.js';
export { openArrays } from './openArrays.js';
export { PYTORCH_EXPORT_LINES } from './pytorchExport.js';
export { encodeSafetensors } from './safetensorsWriter.js';
export {
  type Choice,
  chooseSamples,
  classCounts,
  type Labelled,
  limitPerClass,
  type Subset,
} from './subset.js';
