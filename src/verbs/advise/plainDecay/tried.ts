/** Which trainings of a network the estimates of survival were tried with, and what they take of one. */
import { variationsOf, type Variation } from '../../../model/index.js';
import type { SurvivalProblem } from '../../../theory/index.js';
import type { NetworkRun } from '../../train/networkRun.js';

/** One decay of everything reaches the bias; weights and smoothing change what there is to learn. */
const TRIED: readonly Variation[] = ['class weights', 'label smoothing', 'decayed bias'];

/** The variations of a network that the estimates were not tried with, in words; null where there is none. */
export function untriedIn({ variations, bias }: Pick<NetworkRun, 'variations' | 'bias'>): string | null {
  const untried = variationsOf({ ...variations, bias }).filter((variation) => !TRIED.includes(variation));
  return untried.length === 0 ? null : untried.join(', ');
}

/** All but the counts and the layers, which are counted elsewhere. */
export function survivalProblemOf({
  network,
  setting: { loss },
  variations: { classWeights, labelSmoothing },
}: NetworkRun): Omit<SurvivalProblem, 'counts' | 'layers'> {
  const bias = network.head.bias === 'none' ? 'none' : 'decayed';
  return { loss, bias, classWeights, labelSmoothing };
}
