/** What `verify` puts to the test: a value of the objective that theory calls minimal. */
import type { Prediction } from '../theory/index.js';

export interface Claim {
  readonly text: string;
  readonly objective: number;
  readonly lowerBound: number | null;
  /** How far above the bound the value may be and still count as certified. */
  readonly within: number;
}

export function claimOf({ objective, certificate }: Prediction): Claim {
  return {
    text: 'the global minimum of the MSE problem (singular values decide; Dang et al., ICML 2023)',
    objective,
    lowerBound: certificate?.lowerBound ?? null,
    // The bound on singular values is attained: only rounding separates the two.
    within: 1e-9 * Math.max(1, Math.abs(objective)),
  };
}
