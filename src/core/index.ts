/**
 * Matrices, linear algebra behind one small interface, seeded random numbers, errors.
 *
 * @module collapsar/core
 */
export type { Blas, Eigen, Qr, Svd, Transpose } from './blas.js';
export { InputError, type ArgumentName, type ErrorCode } from './errors.js';
export type { ClassRows, DescentRule, LayerPasses, PassPlan } from './layerPasses.js';
export * from './matrix.js';
export type { Pausable } from './pausable.js';
export { portableBlas } from './portableBlas.js';
export { createRandom, type Random, type RandomState } from './random.js';
export { indexBlocks, shuffledOrder } from './order.js';
export type { Host, StopSignal } from './host.js';
