/**
 * Which classes of a network with one decay of everything should be learned, beside whether they are.
 *
 * Null where nothing can be said: other decays, none, BatchNorm (whose activations are the inputs that count), or too few layers.
 */
import type { Blas } from '../../core/blas.js';
import { createClassMoments } from '../../metrics/index.js';
import type { SurvivalRecord } from '../../runs/index.js';
import { estimatesFromMeans, largestPlainDecay, survivalAt } from '../../theory/index.js';
import { dataScale } from '../../nets/index.js';
import { countLayers } from '../advise/plainDecay/countedLayers.js';
import { batchesOfImages } from '../advise/plainDecay/imageInputs.js';
import type { NetworkRun } from './networkRun.js';

/** Reads the training images once, without augmentation. */
export async function survivalOfRun(run: NetworkRun, blas: Blas): Promise<SurvivalRecord | null> {
  const { network, setting, counts, data } = run;
  const { names, behind } = countLayers(network);
  const { decay, loss } = setting;
  if (decay.kind !== 'all' || !(decay.weight > 0)) return null;
  if (behind !== null || names.length < 2 || counts.length < 2) return null;
  const source = batchesOfImages(data);
  const moments = createClassMoments({ dimension: source.dimension, scatter: { kind: 'none' } });
  for await (const { features, labels } of source.batches()) moments.add(features, labels);
  const bias = network.head.bias === 'none' ? ('none' as const) : ('decayed' as const);
  const problem = { counts, layers: names.length, loss, bias };
  const scale = dataScale(setting, network.classes);
  const estimates = estimatesFromMeans(problem, moments.statistics().means, blas);
  return {
    weightDecay: decay.weight,
    weightLayers: names.length,
    classes: estimates.map((estimate) => {
      const limit = largestPlainDecay(estimate === null ? null : estimate * scale, 'means');
      const { low, high } = limit;
      return { estimate: limit.estimate, low, high, atDecay: survivalAt(limit, decay.weight) };
    }),
  };
}
