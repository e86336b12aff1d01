/** The inputs of a network that are images: those of a set, or those that a spec trains on. */
import { refuse } from '../../../core/errors.js';
import { matrix } from '../../../core/matrix.js';
import { chooseSamples, limitPerClass, trainingImages, type ImageSet } from '../../../data/index.js';
import type { FeatureBatches } from '../../../metrics/index.js';
import { dataScale, type TrainingImages } from '../../../nets/index.js';
import type { NetworkSpec } from '../../../runs/index.js';
import { setUpRun, type Images } from '../../train/networkRun.js';
import { countLayers } from './countedLayers.js';
import type { KnownTraining } from './conditions.js';
import type { SurvivalInputs } from './inputsFile.js';
import type { SurvivalOptions } from './plainDecay.js';
import { survivalProblemOf, untriedIn } from './tried.js';

/** Numbers filled in at a time. */
const PIECE = 2 ** 20;

/** The first images of each class in file order, normalised as specs do; all there are where `counts` is null. */
export function inputsOfSet(set: ImageSet, counts: readonly number[] | null): SurvivalInputs {
  const subset =
    counts === null ? limitPerClass(set, set.samples) : chooseSamples(set, counts, { kind: 'first-come' });
  return {
    kind: 'samples',
    batches: batchesOfImages(trainingImages(set, subset.indices, 'none')),
    classes: { counts: subset.counts, names: set.classNames, notes: [] },
  };
}

/** What a spec says of inputs, network and training. Throws one-line errors for what does not fit together. */
export function survivalOfSpec(
  spec: NetworkSpec,
  images: Images,
): Pick<SurvivalOptions, 'inputs' | 'problem' | 'lossScale'> & {
  readonly training: KnownTraining;
  /** Null where the spec has other decays than one of everything. */
  readonly weightDecay: number | null;
} {
  const run = setUpRun(spec, images);
  const { network, setting, counts, classNames, data, dataNotes } = run;
  const untried = untriedIn(run);
  if (untried !== null)
    refuse(
      'survival',
      'a training for which the estimates were tried: class weights, label smoothing and one decay besides',
      untried,
      'leave it out of the spec to see the estimates without it',
    );
  const layers = countLayers(network);
  const { kind } = setting.decay;
  return {
    inputs: {
      kind: 'samples',
      batches: batchesOfImages(data),
      classes: {
        counts,
        names: classNames,
        notes:
          kind === 'all'
            ? dataNotes
            : [
                ...dataNotes,
                'the spec decays head and features; here one decay of everything is in their place',
              ],
      },
    },
    problem: { ...survivalProblemOf(run), layers: layers.names.length },
    lossScale: dataScale(setting, network.classes),
    training: {
      layers,
      optimizer: setting.optimizer.name,
      augmentation: spec.data.augmentation !== 'none',
    },
    weightDecay: setting.decay.kind === 'all' ? setting.decay.weight : null,
  };
}

/** Rows are images, without augmentation. */
export function batchesOfImages(images: TrainingImages): FeatureBatches {
  const { samples, height, width, channels, labels } = images;
  const D = height * width * channels;
  const step = Math.max(1, Math.floor(PIECE / D));
  return {
    samples,
    dimension: D,
    kind: 'float32',
    async *batches() {
      for (let start = 0; start < samples; start += step) {
        const count = Math.min(step, samples - start);
        const data = new Float32Array(count * D);
        images.fillInto(
          data,
          Int32Array.from({ length: count }, (_, i) => start + i),
          null,
        );
        yield { features: matrix(data, count, D), labels: labels.subarray(start, start + count) };
        await Promise.resolve();
      }
    },
  };
}
