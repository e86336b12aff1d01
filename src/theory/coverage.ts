/**
 * Which problems theory covers: one place that says so by name, asked by every verb before it predicts, so that nothing is
 * ever computed as something else.
 */
import { variationsOf, type Problem, type Variation } from '../model/index.js';
import { refuse } from '../core/errors.js';

/** `plain`: the problem without variations. Null: no statement covers it. */
export type Statement = 'plain';

/** The statement that covers a problem; null where none does. */
export function statementFor(problem: Problem): Statement | null {
  const variations = variationsOf(problem);
  return variations.length === 0 ? 'plain' : null;
}

/** Refuses, by name, a problem that no statement covers; `where` is who asks. */
export function requireCovered(where: string, problem: Problem): Statement {
  return statementFor(problem) ?? refuse(where, 'a problem that theory covers', inWords(problem));
}

/** The combination that is not covered: loss, layers, bias and variations. */
function inWords(problem: Problem): string {
  const variations: readonly Variation[] = variationsOf(problem);
  const layers = problem.widths.length;
  return [
    problem.loss === 'mse' ? 'squared error' : 'cross-entropy',
    layers === 1 ? 'one layer' : `${layers} layers`,
    ...(problem.bias === 'free' ? ['a free bias'] : []),
    ...variations,
  ].join(', ');
}
