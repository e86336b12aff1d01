/**
 * The problem, reference frames, geometries and snapshots: plain data that everything else speaks of.
 *
 * @module collapsar/model
 */
export * from './counts.js';
export * from './geometry.js';
export * from './lossText.js';
export * from './mseReduction.js';
export * from './problem.js';
export * from './smoothedWeights.js';
export * from './sampleLoss.js';
export * from './snapshot.js';
export * from './variations.js';
export * from './variationWords.js';
export {
  checkVariations,
  type FrequencyAdjustment,
  type PlainPart,
  type VariationInput,
} from './checkVariations.js';
export * from './vocabulary.js';
