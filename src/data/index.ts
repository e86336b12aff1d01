/**
 * The data room: arrays in files, read by range and written whole. Portable; files on disk are in
 * `fileSource.node.ts`.
 */
export { type ArrayEntry, type ArrayFile, MAX_ITEMS_AT_ONCE } from './arrayFile.js';
export { type ByteSource, memorySource, sliceSource } from './byteSource.js';
export { type DType } from './dtypes.js';
export { integers } from './integers.js';
export { encodeNpy } from './npy.js';
export { type ArrayToWrite, encodeNpz } from './npzWriter.js';
export { openArrays } from './openArrays.js';
export { PYTORCH_EXPORT_LINES } from './pytorchExport.js';
export { encodeSafetensors } from './safetensorsWriter.js';
