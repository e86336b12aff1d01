/** What a cross-entropy prediction for equal counts shows about neural collapse, as a sentence for people. */
import { depthOf, isBalanced } from '../model/index.js';
import { NAMES } from './predictCe.js';
import type { Prediction } from './prediction.js';

/**
 * - `collapse`: the simplex ETF is the global minimum (M = 1), or the best found;
 * - `lower`: something lies below it; - `dead`: the regularisation is too strong for anything to live;
 * - `no room`: a width below K − 1 does not hold the simplex.
 */
export type BalancedCase = 'collapse' | 'lower' | 'dead' | 'no room';

/** Which case a prediction shows; null for another loss, for unequal counts and for one class. */
export function ceBalancedCase(prediction: Prediction): BalancedCase | null {
  const { problem, rank, frame, alternatives } = prediction;
  if (problem.loss !== 'ce' || !isBalanced(problem) || problem.counts.length < 2) return null;
  if (rank === 0) return 'dead';
  if (frame === 'simplex ETF') return 'collapse';
  return alternatives.some(({ name }) => name === NAMES.simplex) ? 'lower' : 'no room';
}

/** The case in words, with both sources; null where `ceBalancedCase` is. */
export function ceBalancedNote(prediction: Prediction): string | null {
  const kind = ceBalancedCase(prediction);
  if (kind === null) return null;
  const { problem, objective, alternatives, frame, rank } = prediction;
  if (depthOf(problem) === 1)
    return kind === 'collapse'
      ? 'One linear layer, equal counts: neural collapse (a simplex ETF) is the global minimum, and the certificate proves it here.'
      : kind === 'dead'
        ? 'The regularisation is so strong that every class collapses to zero; the certificate proves it here.'
        : `A width below K − 1 does not hold a simplex ETF; this is the best solution found (rank ${rank}), and no theorem says that it is the global minimum.`;
  const sources =
    'Dang et al. (ICML 2023) claim in their abstract that deep linear networks collapse to a simplex ETF under cross-entropy; Garrod & Keating (NeurIPS 2025, arXiv 2410.23169) prove that for large K or depth it is not the global minimum.';
  const simplex = alternatives.find(({ name }) => name === NAMES.simplex)?.objective;
  switch (kind) {
    case 'collapse':
      return `${sources} This problem shows collapse: nothing lower than the simplex ETF was found, which is not a proof.`;
    case 'lower': {
      const what =
        frame === 'orthoplex' ? 'an orthoplex (antipodal pairs)' : `an arrangement of rank ${rank}`;
      const by = simplex === undefined ? '' : ` by ${(simplex - objective).toExponential(2)}`;
      return `${sources} This problem shows the second: ${what} lies below the simplex ETF${by}, so neural collapse is not the global minimum.`;
    }
    case 'dead':
      return `${sources} This problem shows neither: the regularisation is so strong that the best known solution is zero.`;
    case 'no room':
      return `${sources} This problem shows neither: a width below K − 1 does not hold a simplex ETF.`;
    default:
      return kind satisfies never;
  }
}
