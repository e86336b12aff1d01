/**
 * What a cross-entropy prediction shows, in sentences for people: for equal counts, about neural collapse; for the others,
 * whether theory has proved it.
 */
import { bottleneckOf, depthOf, isBalanced } from '../../model/index.js';
import type { Prediction, SearchEnd, SearchSummary } from '../prediction.js';

/**
 * - `collapse`: the simplex ETF is the global minimum (M = 1), or the best found;
 * - `lower`: something lies below it; - `lost`: the regularisation is too strong for anything to live;
 * - `no room`: a width below K − 1 does not hold the simplex.
 */
export type BalancedCase = 'collapse' | 'lower' | 'lost' | 'no room';

/** Which case a prediction shows; null for another loss, for unequal counts and for one class. */
export function ceBalancedCase(prediction: Prediction): BalancedCase | null {
  const { problem, rank, frame } = prediction;
  if (problem.loss !== 'ce' || !isBalanced(problem) || problem.counts.length < 2) return null;
  if (rank === 0) return 'lost';
  if (frame === 'simplex ETF') return 'collapse';
  return bottleneckOf(problem) >= problem.counts.length - 1 ? 'lower' : 'no room';
}

/** The case in words, with both sources; null where `ceBalancedCase` is. */
export function ceBalancedNote(prediction: Prediction): string | null {
  const kind = ceBalancedCase(prediction);
  if (kind === null) return null;
  const { problem, objective, alternatives, frame, rank, search } = prediction;
  if (depthOf(problem) === 1) {
    if (kind === 'collapse')
      return 'One linear layer, equal counts: neural collapse (a simplex ETF) is the global minimum, and the certificate proves it here.';
    return kind === 'lost'
      ? 'The regularisation is so strong that every class is lost; the certificate proves it here.'
      : `A width below K − 1 does not hold a simplex ETF; this is the best solution found (rank ${rank}; ${searchWords(search)}), and no theorem says that it is the global minimum.`;
  }
  const sources =
    'Dang et al. (ICML 2023) claim in their abstract that deep linear networks collapse to a simplex ETF under cross-entropy; Garrod & Keating (NeurIPS 2025, arXiv 2410.23169) prove that for large K or depth it is not the global minimum.';
  const simplex = alternatives.find(({ kind: of }) => of === 'simplex')?.objective;
  switch (kind) {
    case 'collapse':
      return search !== null && (search.complete || search.rounds > 1)
        ? `${sources} This problem shows collapse: nothing lower than the simplex ETF was found (${searchWords(search)}), which is not a proof.`
        : `${sources} Which of the two this problem shows is not known: it was hardly searched (${searchWords(search)}). A longer search may tell.`;
    case 'lower': {
      const what =
        frame === 'orthoplex' ? 'an orthoplex (antipodal pairs)' : `an arrangement of rank ${rank}`;
      const by =
        simplex === undefined
          ? ' (which vanishes at this regularisation)'
          : ` by ${(simplex - objective).toExponential(2)}`;
      return `${sources} This problem shows the second: ${what} lies below the simplex ETF${by}, so neural collapse is not the global minimum.`;
    }
    case 'lost':
      return `${sources} This problem shows neither: the regularisation is so strong that the best known solution is zero.`;
    case 'no room':
      return `${sources} This problem shows neither: a width below K − 1 does not hold a simplex ETF.`;
    default:
      return kind satisfies never;
  }
}

/** The note of any cross-entropy prediction; null for another loss, a single class, and where a certificate proves it. */
export function ceNote(prediction: Prediction): string | null {
  const { problem, optimality, certificate, search, interrupted } = prediction;
  const balanced = ceBalancedNote(prediction);
  const bound =
    certificate === null || optimality === 'global'
      ? ''
      : ` The true minimum lies at most ${(100 * certificate.relativeGap).toPrecision(2)} % below it: that much a rigorous lower bound proves, and no more.`;
  if (balanced !== null) return balanced + bound;
  if (problem.loss !== 'ce' || problem.counts.length < 2 || optimality === 'global') return null;
  if (search === null)
    return interrupted
      ? `The convex problem was not solved to its end.${bound}`
      : `The numeric solution is too far from its bound to be called the minimum.${bound}`;
  const open =
    depthOf(problem) === 1
      ? 'No theorem is known for a layer narrower than the solution: this is the best found'
      : 'No theorem says where the minimum is for two or more layers and unequal counts under cross-entropy: this is the best found';
  return `${open} (${searchWords(search)}), an upper bound of the minimum; a longer search may get below it.${bound}`;
}

/** "48 starts of ranks 2 to 24, 310 exchanges of classes and 90 kicks; ended because …". */
export function searchWords(search: SearchSummary | null): string {
  if (search === null || search.starts === 0) return 'no start was made';
  const { starts, ranks, exchanges, kicks, budget, end } = search;
  const [least, most] = [ranks.at(0), ranks.at(-1)];
  const which = least === most ? `rank ${least}` : `ranks ${least} to ${most}`;
  const changes =
    exchanges === 0
      ? count(kicks, 'kick')
      : `${count(exchanges, 'exchange')} of classes and ${count(kicks, 'kick')}`;
  return `${count(starts, 'start')} of ${which}, ${changes}; ${endWords(end, budget)}`;
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}

function endWords(end: SearchEnd, budget: number | null): string {
  switch (end) {
    case 'settled':
      return 'ended because more of them no longer helped';
    case 'budget':
      return `cut by its budget of ${budget} s: another run may find another answer`;
    case 'starts':
      return 'cut at the given number of starts';
    case 'stopped':
      return 'stopped by the user';
    case 'none':
      return 'nothing was searched';
    default:
      return end satisfies never;
  }
}
