/** From a network's spec and the images to what is trained: network, setting, data, and the problem of theory. */
import { refuse, refuseShape } from '../../core/errors.js';
import {
  chooseSamples,
  inThreeChannels,
  limitPerClass,
  padImages,
  permuteLabels,
  resizeImages,
  trainingImages,
  type ImageSet,
} from '../../data/index.js';
import { parseCounts } from '../../model/index.js';
import { buildNetwork, stepsPerEpoch, type TrainingImages } from '../../nets/index.js';
import type { NetworkSpec } from '../../runs/index.js';
import { settingOf, type HeadOfRun } from './networkSetting.js';

/** A data set as read: `checksum` over its unpacked files. */
export interface Images {
  readonly train: ImageSet;
  readonly test: ImageSet | null;
  readonly checksum: string;
  /** What of the published set is not there, in words; null or left out for the whole set. */
  readonly shortfall?: string | null | undefined;
  /** Whether the files are those published, as far as that is known. */
  readonly origin?: string | null | undefined;
}

export interface NetworkRun extends HeadOfRun {
  readonly data: TrainingImages;
  readonly test: TrainingImages | null;
  readonly classNames: readonly string[];
  readonly checksum: string;
  /** What a reader of its numbers must know of the data, in sentences. */
  readonly dataNotes: readonly string[];
  /** Files of the published set are missing. */
  readonly incomplete: boolean;
  /** B. */
  readonly batch: number;
}

/** Five pools leave one position of it. */
const VGG_SIDE = 32;

/** Throws one-line errors for what does not fit together. */
export function setUpRun(spec: NetworkSpec, images: Images): NetworkRun {
  const { data: chosen } = spec;
  const train = preparedImages(images.train, chosen);
  const { indices, counts } = chooseSubset(spec, train);
  const seed = labelSeed(chosen);
  const labelled = seed === null ? train : permuteLabels(train, indices, seed);
  const data = trainingImages(labelled, indices, chosen.augmentation);
  const test = images.test === null ? null : testImages(spec, preparedImages(images.test, chosen));
  const input = { height: train.height, width: train.width, channels: train.channels };
  if (spec.architecture.name.startsWith('vgg') && Math.min(input.height, input.width) < VGG_SIDE)
    refuseShape(
      'architecture.name',
      `images of at least ${VGG_SIDE}×${VGG_SIDE} for ${spec.architecture.name}, which halves them five times`,
      `${input.height}×${input.width}`,
      `data.pad: ${VGG_SIDE} pads them, data.resize: ${VGG_SIDE} enlarges them`,
    );
  const { depth, width, bias: lastBias } = spec.head;
  const head = { depth, width, bias: lastBias === 'none' ? ('none' as const) : ('free' as const) };
  const network = buildNetwork(spec.architecture, input, train.classes, head, spec.featureSign);
  const batch = spec.batch === 'full' ? data.samples : Math.min(spec.batch, data.samples);
  const steps = stepsPerEpoch(data.samples, batch);
  const { setting, effective, bias, variations } = settingOf(spec, network, counts, steps);
  const { classNames } = train;
  const { checksum, shortfall } = images;
  const imageFacts = {
    checksum,
    incomplete: typeof shortfall === 'string',
    dataNotes: notesOnData(spec, images, counts),
  };
  return {
    network,
    setting,
    bias,
    variations,
    data,
    test,
    counts,
    classNames,
    ...imageFacts,
    batch,
    effective,
  };
}

/** In the size and the channels that the spec asks for. */
function preparedImages(images: ImageSet, { pad, resize, channels }: NetworkSpec['data']): ImageSet {
  if (pad !== undefined && resize !== undefined)
    refuse('data', 'pad or resize, or neither', 'both', 'leave one of them out');
  const padded = pad === undefined ? images : padImages(images, pad, pad);
  const sized = resize === undefined ? padded : resizeImages(padded, resize, resize);
  return channels === 3 ? inThreeChannels(sized) : sized;
}

/** Of the permutation of the labels; null where they are those of the files. */
function labelSeed({ labels }: NetworkSpec['data']): number | null {
  if (labels === undefined) return null;
  return labels === 'random' ? 0 : labels.seed;
}

/** A part of the set that is missing, labels drawn at random, and classes that are unequal although nobody asked for it. */
function notesOnData(
  { data }: NetworkSpec,
  { shortfall, origin }: Images,
  counts: readonly number[],
): string[] {
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const seed = labelSeed(data);
  return [
    ...(typeof shortfall === 'string' ? [`${data.set}: ${shortfall}`] : []),
    ...(typeof origin === 'string' ? [`${data.set}: ${origin}`] : []),
    ...(seed === null
      ? []
      : [
          `training labels are random: permuted among the images by seed ${seed}, counts unchanged; test images have their own labels, so test accuracy is at chance`,
        ]),
    ...(data.counts !== undefined || least === most
      ? []
      : [
          `classes are not equal: all images there are, from ${least} to ${most} a class; the prediction follows these counts`,
        ]),
  ];
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
