/**
 * What theory predicts: closed forms for MSE; closed forms, certificate and search for cross-entropy.
 *
 * @module collapsar/theory
 */
export { requireCovered, statementFor, STATEMENTS, type Statement } from './coverage.js';
export { classShares, columnLossOf, type ColumnLoss } from './columnLoss.js';
export { fitsAt } from './fit.js';
export { predictedLayers, type LayerPoint, type PredictedLayer } from './layers.js';
export { predictVariedPausably } from './varied.js';
export { predictionNote } from './variedNote.js';
export type { PointPrediction } from './point.js';
export { buildMinimiser } from './mse/minimiser.js';
export {
  largestDecay,
  modeConstants,
  solveMode,
  thresholds,
  type ModeConstants,
  type ModeSolution,
} from './mode.js';
export { expectedStart, growthTime, halfFitTime } from './mse/learning.js';
export { predictWeighted, weightingLimits, type WeightingLimits } from './mse/weighted.js';
export { predictMse } from './mse/predict.js';
export { predictDirections, type DirectionsProblem, type PredictedDirections } from './mse/directions.js';
export {
  decayAtLambda,
  fitReach,
  separationReach,
  type FeatureDecayPath,
  type SeparationReach,
} from './mse/reach.js';
export * from './prediction.js';
export { livesInTheory } from '../model/index.js';
export { ALIVE_AT_MOST, aliveAbove, lostUpTo, zeroClasses } from './vitality.js';
export { targetSpectrum, type Group, type Level, type TargetSpectrum } from './mse/spectrum.js';
export { ceCertificate, type CertifiedPoint } from './ce/certificate.js';
export { ceBalancedCase, ceBalancedNote, ceNote, searchWords, type BalancedCase } from './ce/note.js';
export {
  ceLargestDecays,
  ceLargestDecaysPausably,
  ceMergeDecays,
  type CeDecayOptions,
  type CeDecayProgress,
  type CeDecays,
  type LimitSource,
} from './ce/thresholds.js';
export type { CePrediction } from './ce/description.js';
export {
  ceDeadDecay,
  predictCe,
  predictCePausably,
  SEARCH_SECONDS,
  SHORT_SEARCH_SECONDS,
  type CeOptions,
  type CeProgress,
} from './ce/predict.js';
export type { KnownPoint, SearchProgress } from './ce/search.js';
export {
  checkSurvivalProblem,
  estimatesFromCounts,
  estimatesFromMeans,
  estimatesFromMoments,
  largestPlainDecay,
  survivalAt,
  survivalShares,
  type LargestDecay,
  type SurvivalProblem,
  type SurvivalSource,
} from './survival/estimates.js';
export { distancesOfMeans } from './survival/distanceOfMeans.js';
export {
  crossEntropyError,
  isolatedReach,
  type ClassTarget,
  type LastBias,
} from './survival/isolatedClass.js';
export { ridgeBasis, squaredLimits, type RidgeBasis, type RidgeLimits } from './survival/ridgePath.js';
export { createScoreBins, type DirectionScores, type ScoreBins, type Scores } from './survival/scoreBins.js';
