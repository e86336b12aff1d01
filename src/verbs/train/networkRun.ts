/** From a network's spec and the images to what is trained: network, setting, data, and the problem of theory. */
import { refuse, refuseShape } from '../../core/errors.js';
import {
  chooseSamples,
  inThreeChannels,
  limitPerClass,
  padImages,
  resizeImages,
  trainingImages,
  type ImageSet,
} from '../../data/index.js';
import { createProblem, parseCounts, type Problem } from '../../model/index.js';
import {
  buildNetwork,
  effectiveDecays,
  headSizes,
  stepsPerEpoch,
  type EffectiveDecays,
  type Network,
  type TrainingImages,
  type TrainingSetting,
} from '../../nets/index.js';
import type { NetworkSpec } from '../../runs/index.js';

/** A data set as read: `checksum` over its unpacked files. */
export interface Images {
  readonly train: ImageSet;
  readonly test: ImageSet | null;
  readonly checksum: string;
  /** What of the published set is not there, in words; null or left out for the whole set. */
  readonly shortfall?: string | null | undefined;
}

export interface NetworkRun {
  readonly network: Network;
  readonly setting: TrainingSetting;
  readonly data: TrainingImages;
  readonly test: TrainingImages | null;
  /** n_k of the subset. */
  readonly counts: readonly number[];
  readonly classNames: readonly string[];
  readonly checksum: string;
  /** What a reader of its numbers must know of the data, in sentences. */
  readonly dataNotes: readonly string[];
  /** Files of the published set are missing. */
  readonly incomplete: boolean;
  /** B. */
  readonly batch: number;
  /** In theory's units. */
  readonly effective: EffectiveDecays;
}

/** Five pools leave one position of it. */
const VGG_SIDE = 32;

/** Throws one-line errors for what does not fit together. */
export function setUpRun(spec: NetworkSpec, images: Images): NetworkRun {
  const { data: chosen } = spec;
  const train = preparedImages(images.train, chosen);
  const { indices, counts } = chooseSubset(spec, train);
  const data = trainingImages(train, indices, chosen.augmentation);
  const test = images.test === null ? null : testImages(spec, preparedImages(images.test, chosen));
  const input = { height: train.height, width: train.width, channels: train.channels };
  if (spec.architecture.name.startsWith('vgg') && Math.min(input.height, input.width) < VGG_SIDE)
    refuseShape(
      'architecture.name',
      `images of at least ${VGG_SIDE}×${VGG_SIDE} for ${spec.architecture.name}, which halves them five times`,
      `${input.height}×${input.width}`,
      `data.pad: ${VGG_SIDE} pads them, data.resize: ${VGG_SIDE} enlarges them`,
    );
  const network = buildNetwork(spec.architecture, input, train.classes, spec.head);
  const setting = settingOf(spec);
  const batch = spec.batch === 'full' ? data.samples : Math.min(spec.batch, data.samples);
  const effective = effectiveDecays(setting, network, stepsPerEpoch(data.samples, batch));
  const { classNames } = train;
  const { checksum, shortfall } = images;
  const imageFacts = {
    checksum,
    incomplete: typeof shortfall === 'string',
    dataNotes: notesOnData(spec, images, counts),
  };
  return { network, setting, data, test, counts, classNames, ...imageFacts, batch, effective };
}

/** In the size and the channels that the spec asks for. */
function preparedImages(images: ImageSet, { pad, resize, channels }: NetworkSpec['data']): ImageSet {
  if (pad !== undefined && resize !== undefined)
    refuse('data', 'pad or resize, or neither', 'both', 'leave one of them out');
  const padded = pad === undefined ? images : padImages(images, pad, pad);
  const sized = resize === undefined ? padded : resizeImages(padded, resize, resize);
  return channels === 3 ? inThreeChannels(sized) : sized;
}

/** A part of the set that is missing, and classes that are unequal although nobody asked for it. */
function notesOnData({ data }: NetworkSpec, { shortfall }: Images, counts: readonly number[]): string[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return [
    ...(typeof shortfall === 'string' ? [`${data.set}: ${shortfall}`] : []),
    ...(data.counts !== undefined || least === most
      ? []
      : [
          `classes are not equal: all images there are, from ${least} to ${most} a class; the prediction follows these counts`,
        ]),
  ];
}

/** The setting of a spec, in the words of the nets room. */
export function settingOf(spec: NetworkSpec): TrainingSetting {
  const { loss, lossScale, decay, optimizer, schedule } = spec;
  const { learningRate, ...rule } = optimizer;
  return {
    loss,
    lossScale,
    decay:
      'all' in decay
        ? { kind: 'all', weight: decay.all }
        : {
            kind: 'head-and-features',
            head: decay.head,
            features: decay.features,
            featureDecayScale: decay.featureScale,
            backbone: decay.backbone,
          },
    optimizer: rule,
    learningRate,
    schedule: schedule ?? null,
  };
}

/** The problem that the head solves on the features; null where a decay is zero, for which theory says nothing. */
export function problemOfRun(run: NetworkRun, featureDecay: number): Problem | null {
  const { network, counts, effective, setting } = run;
  if (!(featureDecay > 0) || effective.weightDecays.some((decay) => !(decay > 0))) return null;
  return createProblem({
    counts: [...counts],
    depth: network.head.widths.length + 1,
    widths: headSizes(network).slice(0, -1),
    loss: setting.loss,
    bias: network.head.bias,
    weightDecays: [...effective.weightDecays],
    featureDecay,
  });
}

function chooseSubset({ data: { counts, choose } }: NetworkSpec, set: ImageSet) {
  if (counts === undefined) return limitPerClass(set, set.samples);
  const list = typeof counts === 'string' ? parseCounts(counts) : counts;
  if (list.length !== set.classes)
    refuse('data.counts', `a count for each of the ${set.classes} classes of ${set.name}`, list);
  return chooseSamples(
    set,
    list,
    choose === 'first' ? { kind: 'first-come' } : { kind: 'seeded', ...choose },
  );
}

function testImages({ data: { testLimit } }: NetworkSpec, set: ImageSet): TrainingImages {
  const indices = testLimit === undefined ? null : limitPerClass(set, testLimit).indices;
  return trainingImages(set, indices, 'none');
}
