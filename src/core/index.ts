export type { Blas, Eigen, Qr, Svd, Transpose } from './blas.js';
export { InputError, type ErrorCode } from './errors.js';
export * from './matrix.js';
export { portableBlas } from './portableBlas.js';
export { createRandom, type Random, type RandomState } from './random.js';
export { indexBlocks, shuffledOrder } from './order.js';
