/** What `verify` puts to the test: a value of the objective that theory calls minimal. */
import { depthOf, variationsOf, type Loss } from '../../model/index.js';
import type { Prediction } from '../../theory/index.js';

export interface Claim {
  readonly text: string;
  readonly objective: number;
  readonly lowerBound: number | null;
  /** How far above the bound the value may be and still count as certified. */
  readonly within: number;
}

/**
 * Differences of an objective that mean nothing: 1e-9 of it, and what cancellation leaves of the numbers that go in, some ε
 * of a logit under cross-entropy (whose loss is a difference of logits), and ε√F of small residuals under MSE.
 */
export function roundingOf(objective: number, loss: Loss): number {
  const size = Math.abs(objective);
  return Math.max(1e-9 * size, 64 * Number.EPSILON * (loss === 'ce' ? 1 : Math.sqrt(size)));
}

/** Whether the bound proves the claim. A claim below the bound is not proved but refuted: no point can have that value. */
export function isCertified({ objective, lowerBound, within }: Claim): boolean {
  return lowerBound !== null && lowerBound <= objective && objective - lowerBound <= within;
}

export function claimOf(prediction: Prediction): Claim {
  const { problem, objective, certificate } = prediction;
  if (variationsOf(problem).length > 0) return variedClaim(prediction);
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
    // The bound comes from another formula and is rounded down: nothing else separates the two.
    within: roundingOf(objective, problem.loss),
  };
}

/** Of a problem with variations: what its statement says, proved or best known. */
function variedClaim({ problem, objective, optimality, certificate }: Prediction): Claim {
  const what = `${problem.loss === 'mse' ? 'squared error' : 'cross-entropy'} with ${variationsOf(problem).join(', ')}`;
  return {
    text:
      optimality === 'global'
        ? `the global minimum for ${what}`
        : `the best solution known to this program for ${what} (no theorem)`,
    objective,
    lowerBound: certificate?.lowerBound ?? null,
    within: Math.max(roundingOf(objective, problem.loss), 1e-6 * Math.abs(objective)),
  };
}

/** For equal counts and M ≥ 2 it is the collapsed solution, which the paper's abstract claims; otherwise the prediction. */
function crossEntropyClaim({ problem, objective, frame, certificate, alternatives }: Prediction): Claim {
  const within = 1e-6 * Math.max(Math.abs(objective), Number.MIN_VALUE);
  // Rigorous for one layer and for more; only for one layer is it ever close.
  const lowerBound = certificate?.lowerBound ?? null;
  if (depthOf(problem) === 1)
    return {
      text: 'the minimum under cross-entropy with one linear layer',
      objective,
      lowerBound,
      within,
    };
  const collapsed =
    frame === 'simplex ETF' ? objective : alternatives.find(({ kind }) => kind === 'simplex')?.objective;
  return collapsed === undefined
    ? { text: 'the best solution known to this program (no theorem)', objective, lowerBound, within }
    : {
        text: 'neural collapse (a simplex ETF) as the minimum under cross-entropy, the claim in the abstract of Dang et al. (ICML 2023)',
        objective: collapsed,
        lowerBound,
        within,
      };
}
