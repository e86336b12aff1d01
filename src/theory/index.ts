export { buildMinimiser, type Minimiser } from './minimiser.js';
export { thresholds, type ModeSolution, type Regime } from './mode.js';
export { predictMse, SEPARATION } from './mse.js';
export * from './prediction.js';
export { aliveAbove } from './vitality.js';
export { targetSpectrum, type Group, type Level, type TargetSpectrum } from './spectrum.js';
