/**
 * What theory predicts: closed forms for MSE; closed forms, certificate and search for cross-entropy.
 *
 * @module collapsar/theory
 */
export { buildMinimiser } from './mse/minimiser.js';
export {
  largestDecay,
  modeConstants,
  solveMode,
  thresholds,
  type ModeConstants,
  type ModeSolution,
} from './mode.js';
export { predictMse } from './mse/predict.js';
export * from './prediction.js';
export { ALIVE_AT_MOST, aliveAbove, deadUpTo, livesInTheory, zeroClasses } from './vitality.js';
export { targetSpectrum, type Group, type Level, type TargetSpectrum } from './mse/spectrum.js';
export { ceCertificate, type CertifiedPoint } from './ce/certificate.js';
export { ceBalancedCase, ceBalancedNote, ceNote, searchWords, type BalancedCase } from './ce/note.js';
export {
  ceLargestDecays,
  ceLargestDecaysPausably,
  type CeDecayOptions,
  type CeDecays,
} from './ce/thresholds.js';
export type { CePrediction } from './ce/description.js';
export type { SearchProgress } from './ce/search.js';
export { ceDeadDecay, predictCe, predictCePausably, type CeOptions, type CeProgress } from './ce/predict.js';
