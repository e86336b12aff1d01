/** What `verify` puts to the test: a value of the objective that theory calls minimal. */
import { depthOf } from '../model/index.js';
import type { Prediction } from '../theory/index.js';

export interface Claim {
  readonly text: string;
  readonly objective: number;
  readonly lowerBound: number | null;
  /** How far above the bound the value may be and still count as certified. */
  readonly within: number;
}

export function claimOf(prediction: Prediction): Claim {
  const { problem, objective, certificate } = prediction;
  if (problem.loss === 'ce') {
    const claim = crossEntropyClaim(prediction);
    return prediction.interrupted
      ? { ...claim, text: `${claim.text}, as far as it was solved before the interruption` }
      : claim;
  }
  return {
    text: 'the global minimum of the MSE problem (singular values decide; Dang et al., ICML 2023)',
    objective,
    lowerBound: certificate?.lowerBound ?? null,
    // The bound on singular values is attained: only rounding separates the two.
    within: 1e-9 * Math.max(1, Math.abs(objective)),
  };
}

/** For equal counts and M ≥ 2 it is the collapsed solution, which the paper's abstract claims; otherwise the prediction. */
function crossEntropyClaim({ problem, objective, frame, certificate, alternatives }: Prediction): Claim {
  const within = 1e-6 * Math.max(Math.abs(objective), Number.MIN_VALUE);
  if (depthOf(problem) === 1)
    return {
      text: 'the minimum under cross-entropy with one linear layer',
      objective,
      lowerBound: certificate?.lowerBound ?? null,
      within,
    };
  const collapsed =
    frame === 'simplex ETF'
      ? objective
      : alternatives.find(({ name }) => name.startsWith('simplex ETF'))?.objective;
  return collapsed === undefined
    ? { text: 'the best solution known to this program (no theorem)', objective, lowerBound: null, within }
    : {
        text: 'neural collapse (a simplex ETF) as the minimum under cross-entropy, the claim in the abstract of Dang et al. (ICML 2023)',
        objective: collapsed,
        lowerBound: null,
        within,
      };
}
