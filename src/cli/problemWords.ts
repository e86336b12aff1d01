/** A problem in a few lines, and where its solver is. */
import { BIAS_WORDS, variationWords } from '../model/index.js';
import type { CeProgress } from '../theory/index.js';
import type { ProblemDocument } from '../verbs/predict/document.js';
import { number, whole } from './format.js';

/** Said once, where solving takes long enough to be wondered about. */
export const SOLVING = 'solving the prediction: cross-entropy has no closed form, so this takes a while';

/** Where the solver or the search is, in one line. */
export function describeProgress(now: CeProgress): string {
  return now.phase === 'solve'
    ? `solving  step ${now.step}  F = ${now.objective.toPrecision(10)}  |∇F| = ${number(now.gradient, 2)}`
    : `searching  ${now.starts} starts, ${now.exchanges} exchanges  best ${now.best === null ? '–' : now.best.toPrecision(10)}`;
}

export function describeProblem({
  counts,
  samples,
  loss,
  bias,
  depth,
  widths,
  weightDecays,
  featureDecay,
  ...variations
}: ProblemDocument): string {
  const list =
    counts.length <= 12
      ? counts.join(', ')
      : `${counts.slice(0, 6).join(', ')} … ${counts.slice(-2).join(', ')}`;
  const same = (values: readonly number[]) =>
    values.every((value) => value === values[0])
      ? number(values[0])
      : values.map((value) => number(value)).join(', ');
  const besides = variationWords(variations, (value) => number(value));
  return [
    `n = ${list}  (K = ${whole(counts.length)}, N = ${whole(samples)})`,
    `${loss === 'mse' ? 'MSE' : 'cross-entropy'}, ${BIAS_WORDS[bias]}, M = ${depth}, width ${same(widths)}, λ_W = ${same(weightDecays)}, λ_H = ${number(featureDecay)}`,
    ...(besides.length === 0 ? [] : [besides.join(', ')]),
  ].join('\n');
}
