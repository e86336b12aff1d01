/** Which class weights keep all classes up to the largest decay, and what they do to the largest class. */
import { bottleneckOf, depthOf, type Problem } from '../../model/index.js';
import { weightingLimits } from '../../theory/index.js';
import type { AdviseWeighting, FeatureDecayRule } from './document.js';

/** Squared error without bias and unequal counts, where it has a closed form; null elsewhere. */
export function adviseWeightings(problem: Problem, rule: FeatureDecayRule): AdviseWeighting[] | null {
  const { counts, loss, bias } = problem;
  const [most, least] = [Math.max(...counts), Math.min(...counts)];
  if (loss !== 'mse' || bias !== 'none' || most === least || bottleneckOf(problem) < counts.length)
    return null;
  return weightingLimits(problem).map(({ weighting, weightDecay, tiedDecay }) => {
    const limits = rule === 'tied' ? tiedDecay : weightDecay;
    const maxWeightDecay = Math.min(...limits);
    return {
      weighting,
      maxWeightDecay,
      limitedBy: limits.findIndex((limit) => limit <= maxWeightDecay * (1 + 1e-12)),
      largest: limits[counts.indexOf(most)],
      smallest: limits[counts.indexOf(least)],
    };
  });
}

/** The advice in a sentence; null without a table. */
export function weightingAdvice(
  weightings: readonly AdviseWeighting[] | null,
  problem: Problem,
): string | null {
  if (weightings === null) return null;
  const of = (name: AdviseWeighting['weighting']) => weightings.find(({ weighting }) => weighting === name);
  const [none, even, inverse] = [of('none'), of('equal-survival'), of('inverse')];
  if (none === undefined || even === undefined || inverse === undefined) return null;
  const M = depthOf(problem);
  const short = (value: number) => Number(value.toPrecision(3));
  return `Class weights ∝ n^(−${M}/${M + 1}) (equal-survival) keep all classes up to the same decay, ${short(even.maxWeightDecay)} instead of ${short(none.maxWeightDecay)}; weights ∝ 1/n (inverse) over-correct: there the largest class is lost first, from ${short(inverse.largest)} on.`;
}
