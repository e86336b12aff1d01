/** What a comparison says, as clauses of a sentence: classes by number, shares in per cent, distances and excesses. */
import { percent } from '../core/numbers.js';
import { depthOf } from '../model/index.js';
import type { ClassComparison } from '../runs/index.js';
import { ALIVE_AT_MOST, type Prediction } from '../theory/index.js';
import { survival } from './compare.js';

/** "class 3", "classes 1–4 and 7". */
export function nameClasses(numbers: readonly number[]): string {
  const runs: string[] = [];
  for (let i = 0; i < numbers.length;) {
    let end = i;
    while (end + 1 < numbers.length && numbers[end + 1] === numbers[end] + 1) end++;
    if (end > i + 1) runs.push(`${numbers[i]}–${numbers[end]}`);
    else for (let j = i; j <= end; j++) runs.push(String(numbers[j]));
    i = end + 1;
  }
  const list =
    runs.length > 1 ? `${runs.slice(0, -1).join(', ')} and ${runs[runs.length - 1]}` : (runs[0] ?? '');
  return `${numbers.length === 1 ? 'class' : 'classes'} ${list}`;
}

/**
 * What life and death say, as clauses of a sentence; empty when nothing can be said. Of a training that has not come to its
 * end nothing is said that only an end can tell: a class near zero may be on its way.
 */
export function describeSurvival(
  classes: readonly ClassComparison[],
  { problem, optimality }: Prediction,
  ended: boolean,
): string[] {
  const { alive, lostAsPredicted, lostUnpredicted, aliveUnpredicted, metastable } = survival(classes);
  const known = classes.filter(({ measured }) => measured !== null).length;
  const neither = classes.flatMap(({ measured, fit }, k) => (measured === null && fit !== null ? [k] : []));
  if (known === 0 && neither.length === 0) return [];
  if (lostAsPredicted.length + lostUnpredicted.length + aliveUnpredicted.length + neither.length === 0)
    return [`${known === 1 ? 'the one class is' : `${allOf(known)} are`} alive, as predicted`];
  const strange = aliveUnpredicted.filter((k) => !metastable.includes(k));
  const over = neither.filter((k) => (classes[k].fit ?? 0) > ALIVE_AT_MOST);
  const between = neither.filter((k) => !over.includes(k));
  const clause = (list: readonly number[], what: string): string[] =>
    list.length === 0 ? [] : [`${nameClasses(list)} ${what}`];
  const they = lostUnpredicted.length === 1 ? 'it lives' : 'they live';
  const trap =
    depthOf(problem) > 1
      ? ' (with two or more layers zero is a local minimum for every class, and training can end there)'
      : '';
  const expected = alive.filter((k) => !aliveUnpredicted.includes(k));
  return [
    ...clause(expected, `${is(expected)} alive, as predicted`),
    ...clause(
      lostAsPredicted,
      `${ended ? `${is(lostAsPredicted)} lost` : `${is(lostAsPredicted)} near zero`}, as predicted`,
    ),
    ...clause(
      lostUnpredicted,
      ended
        ? `${is(lostUnpredicted)} lost though ${they} at the ${minimumName(optimality)}${trap}`
        : `${is(lostUnpredicted)} near zero, though ${they} at the ${minimumName(optimality)}`,
    ),
    ...clause(metastable, `${is(metastable)} alive at a local minimum (zero is lower)`),
    ...clause(strange, `${is(strange)} alive where theory says zero`),
    ...clause(between, `${is(between)} neither alive nor ${ended ? 'lost' : 'zero yet'}`),
    ...clause(over, over.length === 1 ? 'overshoots its target' : 'overshoot their targets'),
  ];
}

function allOf(known: number): string {
  return known === 2 ? 'both classes' : `all ${known} classes`;
}

/** What a prediction of this standing is a prediction of. */
export function minimumName(optimality: Prediction['optimality']): string {
  return optimality === 'global' ? 'global minimum' : 'best known solution';
}

function is(numbers: readonly number[]): string {
  return numbers.length === 1 ? 'is' : 'are';
}

/** From here on a multiple says more than a percentage. */
const MANY_TIMES = 10;

/** "WHAT are within 2.1 % of the prediction"; what is far off, or overflowed, in words instead of astronomical numbers. */
export function normClause(what: string, error: number): string {
  if (Number.isNaN(error) || error === Infinity) return `${what} are beyond what floating point holds`;
  if (error > MANY_TIMES) return `${what} are more than ${MANY_TIMES} times off the prediction`;
  return `${what} are within ${percent(error)} of the prediction`;
}

/** "WHAT is 71 % from the predicted frame". */
export function distanceClause(what: string, distance: number): string {
  return Number.isFinite(distance)
    ? `${what} is ${percent(distance)} from the predicted frame`
    : `${what} is beyond what floating point holds`;
}

/** "WHAT is 13 % above the MINIMUM"; both values where the minimum is 0 or the excess is many times it. */
export function aboveClause(what: string, value: number, minimum: number, name: string): string {
  const gap = (value - minimum) / Math.abs(minimum);
  // The last digits of a sum over the classes are rounding.
  if (Math.abs(value - minimum) <= 1e-14 * Math.abs(minimum)) return `${what} is that of the ${name}`;
  if (!(Math.abs(gap) <= MANY_TIMES))
    return `${what} is ${value.toPrecision(4)}, against ${Number(minimum.toPrecision(4))} at the ${name}`;
  return `${what} is ${percent(Math.abs(gap))} ${gap < 0 ? 'below' : 'above'} the ${name}`;
}

/** "Opening: clause; clause." */
export function sentence(opening: string, clauses: readonly string[]): string {
  return `${opening}: ${clauses.join('; ')}.`;
}
