/** Which classes of a network with one decay of everything should be learned, beside whether they are. */
import type { Blas } from '../../core/blas.js';
import { createClassMoments } from '../../metrics/index.js';
import { dataScale } from '../../nets/index.js';
import type { SurvivalRecord } from '../../runs/index.js';
import { estimatesFromMeans, largestPlainDecay, survivalAt } from '../../theory/index.js';
import { countLayers } from '../advise/plainDecay/countedLayers.js';
import { batchesOfImages } from '../advise/plainDecay/imageInputs.js';
import { survivalProblemOf, untriedIn } from '../advise/plainDecay/tried.js';
import type { NetworkRun } from './networkRun.js';

export interface RunSurvival {
  readonly survival: SurvivalRecord | null;
  /** Why nothing is said of a network with one decay of everything, in words; null where something is, or for other decays. */
  readonly reason: string | null;
}

const nothing = (reason: string | null): RunSurvival => ({ survival: null, reason });

/** Reads the training images once, without augmentation. */
export async function survivalOfRun(run: NetworkRun, blas: Blas): Promise<RunSurvival> {
  const { network, setting, counts, data } = run;
  const { names, behind } = countLayers(network);
  const { decay } = setting;
  if (decay.kind !== 'all' || !(decay.weight > 0)) return nothing(null);
  if (behind !== null)
    return nothing(`the inputs that count are the activations behind the last BatchNorm, ${behind}`);
  if (names.length < 2 || counts.length < 2) return nothing('it takes two weight layers and two classes');
  const untried = untriedIn(run);
  if (untried !== null) return nothing(`the estimates were not tried with ${untried}`);
  const source = batchesOfImages(data);
  const moments = createClassMoments({ dimension: source.dimension, scatter: { kind: 'none' } });
  for await (const { features, labels } of source.batches()) moments.add(features, labels);
  const problem = { ...survivalProblemOf(run), counts, layers: names.length };
  const scale = dataScale(setting, network.classes);
  const estimates = estimatesFromMeans(problem, moments.statistics().means, blas);
  return {
    reason: null,
    survival: {
      weightDecay: decay.weight,
      weightLayers: names.length,
      classes: estimates.map((estimate) => {
        const limit = largestPlainDecay(estimate === null ? null : estimate * scale, 'means');
        const { low, high } = limit;
        return { estimate: limit.estimate, low, high, atDecay: survivalAt(limit, decay.weight) };
      }),
    },
  };
}
