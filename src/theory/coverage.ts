/**
 * Which problems theory covers, and by which statement: one place that says so by name, asked by every verb before it
 * predicts, so that nothing is ever computed as something else.
 */
import { refuse } from '../core/errors.js';
import {
  bottleneckOf,
  depthOf,
  isBalanced,
  outputsOf,
  variationsOf,
  type Problem,
  type Variation,
} from '../model/index.js';

/**
 * `plain`: the problem without variations. Closed forms: `weights` (MSE, no bias), `targets` (MSE, any targets), `decayed bias`
 * (MSE, equal counts), `non-negative` (features ≥ 0: MSE with a free bias, where its condition holds), `one scalar` (CE, equal counts,
 * label smoothing or focal loss), `apart` (CE, features ≥ 0, no bias). `numeric`: everything else, as far as it is small enough.
 */
export const STATEMENTS = [
  'plain',
  'weights',
  'targets',
  'decayed bias',
  'non-negative',
  'one scalar',
  'apart',
  'numeric',
] as const;
export type Statement = (typeof STATEMENTS)[number];

/** Classes, or columns of targets, up to which numeric and dense solutions are made. */
const MOST_NUMERIC = 400;
const MOST_DENSE = 2000;
/** Numbers of targets of a column a sample: the smaller side is factored. */
const MOST_TARGETS = 2 ** 22;

/** The statement that covers a problem; null where none does. */
export function statementFor(problem: Problem): Statement | null {
  if (variationsOf(problem).length === 0) return 'plain';
  const closed = problem.loss === 'mse' ? closedMse(problem) : closedCe(problem);
  if (closed !== null) return closed;
  return problem.counts.length <= MOST_NUMERIC ? 'numeric' : null;
}

/** The closed form of a squared error with variations; null where none is known. */
function closedMse(problem: Problem): Statement | null {
  const { bias, classWeights } = problem;
  const K = problem.counts.length;
  const small = K <= MOST_DENSE;
  const sameWeights = classWeights?.every((w) => w === classWeights[0]) ?? true;
  if (bias === 'none' && hasOnly(problem, 'class weights', 'non-negative features')) return 'weights';
  if (hasOnly(problem, 'class weights', 'label smoothing', 'targets') && sameWeights && fitsDense(problem))
    return 'targets';
  if (hasOnly(problem, 'decayed bias') && isBalanced(problem) && small && bottleneckOf(problem) === K)
    return 'decayed bias';
  const shallow = depthOf(problem) === 1;
  if (hasOnly(problem, 'non-negative features') && shallow && bias === 'free' && small) return 'non-negative';
  return null;
}

/** The closed form of cross-entropy with variations: one layer only. */
function closedCe(problem: Problem): Statement | null {
  const K = problem.counts.length;
  if (depthOf(problem) !== 1 || K > MOST_DENSE) return null;
  if (
    hasOnly(problem, 'label smoothing', 'focal loss', 'decayed bias') &&
    isBalanced(problem) &&
    bottleneckOf(problem) >= K - 1
  )
    return 'one scalar';
  if (
    hasOnly(problem, 'non-negative features', 'class weights', 'label smoothing') &&
    problem.featureSign === 'nonnegative' &&
    problem.bias === 'none' &&
    problem.widths[0] >= K
  )
    return 'apart';
  return null;
}

function hasOnly(problem: Problem, ...covered: readonly Variation[]): boolean {
  return variationsOf(problem).every((variation) => covered.includes(variation));
}

function fitsDense(problem: Problem): boolean {
  const K = problem.counts.length;
  const q = outputsOf(problem);
  return K <= MOST_DENSE || (Math.min(q, K) <= MOST_DENSE && q * K <= MOST_TARGETS);
}

/** Refuses, by name, a problem that no statement covers; `where` is who asks. */
export function requireCovered(where: string, problem: Problem): Statement {
  return (
    statementFor(problem) ??
    refuse(
      where,
      `at most ${MOST_NUMERIC} classes with ${variationsOf(problem).join(', ')}, where no closed form is known`,
      `${problem.counts.length} classes`,
    )
  );
}
