import type { Step } from './upToDate.js';

export const STEPS: readonly Step[];
