/**
 * The problem, reference frames, geometries and snapshots: plain data that everything else speaks of.
 *
 * @module collapsar/model
 */
export * from './counts.js';
export * from './geometry.js';
export * from './problem.js';
export * from './snapshot.js';
export * from './vocabulary.js';
