export * from './counts.js';
export * from './geometry.js';
export * from './problem.js';
export * from './snapshot.js';
export * from './vocabulary.js';
