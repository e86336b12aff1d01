export { decodeCheckpoint, encodeCheckpoint, type Checkpoint } from './checkpoint.js';
export * from './records.js';
export { checkSpec, formatSpec, parseSpec, problemOf, sameRun, type RunSpec, type UfmSpec } from './spec.js';
export type { RunStore } from './store.js';
