/**
 * collapsar: predict, train and measure neural collapse in deep linear heads.
 *
 * Everything here is portable: it runs in Node, a worker or a page. What needs Node (the native BLAS, files, run folders)
 * is in `collapsar/node`. Each room is also a subpath of its own: `collapsar/theory`, `collapsar/metrics`, …
 */
export * from './core/index.js';
export * from './model/index.js';
export * from './theory/index.js';
export * from './metrics/index.js';
export * from './ufm/index.js';
export * from './nets/index.js';
export * from './data/index.js';
export * from './runs/index.js';
export * from './judge/index.js';
export * from './verbs/index.js';
