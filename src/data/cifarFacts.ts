/**
 * What is known of CIFAR-10 and CIFAR-100 before they are read: classes, sizes, constants of normalisation (in common use: mean
 * and standard deviation of the training pixels, per channel), and the files of their binary and Python versions.
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html. CIFAR-100 has two labels an image: one of 100 classes, and one of the
 * 20 superclasses that they fall into (`cifar-100-coarse`).
 */
import type { ImageKindFacts } from './imageKindFacts.js';

export type CifarKind = 'cifar-10' | 'cifar-100' | 'cifar-100-coarse';
export const CIFAR_KINDS = [
  'cifar-10',
  'cifar-100',
  'cifar-100-coarse',
] as const satisfies readonly CifarKind[];

/** How the images of a set lie in the files of its binary version. */
export interface CifarLayout {
  readonly title: string;
  /** Bytes of labels before the pixels of a record. */
  readonly labelBytes: number;
  /** Which of them is the label. */
  readonly labelAt: number;
  readonly classes: number;
  readonly train: readonly string[];
  readonly test: string;
}

const HUNDRED = { title: 'CIFAR-100', labelBytes: 2, train: ['train.bin'], test: 'test.bin' };

/** How the same images lie in the pickles of the Python version, which torchvision unpacks. */
export interface CifarPickles {
  readonly title: string;
  readonly classes: number;
  /** The key of the labels in each pickle. */
  readonly labels: string;
  readonly train: readonly string[];
  readonly test: string;
  /** A file that stands beside them. */
  readonly meta: string;
}

const HUNDRED_PICKLES = { title: 'CIFAR-100', train: ['train'], test: 'test', meta: 'meta' };

export const CIFAR_PICKLES: Readonly<Record<CifarKind, CifarPickles>> = {
  'cifar-10': {
    title: 'CIFAR-10',
    classes: 10,
    labels: 'labels',
    train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}`),
    test: 'test_batch',
    meta: 'batches.meta',
  },
  'cifar-100': { ...HUNDRED_PICKLES, classes: 100, labels: 'fine_labels' },
  'cifar-100-coarse': { ...HUNDRED_PICKLES, classes: 20, labels: 'coarse_labels' },
};

/** MD5 of the pickles as published. Source: the lists by which torchvision checks them. */
export const PICKLES_MD5: Readonly<Record<string, string>> = {
  data_batch_1: 'c99cafc152244af753f735de768cd75f',
  data_batch_2: 'd4bba439e000b95fd0a9bffe97cbabec',
  data_batch_3: '54ebc095f3ab1f0389bbae665268c751',
  data_batch_4: '634d18415352ddfa80567beed471001a',
  data_batch_5: '482c414d41f54cd18b22e5b47cb7c3cb',
  test_batch: '40351d587109b95175f43aff81a1287e',
  train: '16019d7e3df5f24257cddd939b257f8d',
  test: 'f0ef6b0ae62326f3e7ffdfab6717acfc',
};

export const CIFAR_LAYOUTS: Readonly<Record<CifarKind, CifarLayout>> = {
  'cifar-10': {
    title: 'CIFAR-10',
    labelBytes: 1,
    labelAt: 0,
    classes: 10,
    train: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    test: 'test_batch.bin',
  },
  'cifar-100': { ...HUNDRED, labelAt: 1, classes: 100 },
  'cifar-100-coarse': { ...HUNDRED, labelAt: 0, classes: 20 },
};

const SUPERCLASSES = (
  'aquatic_mammals fish flowers food_containers fruit_and_vegetables ' +
  'household_electrical_devices household_furniture insects large_carnivores large_man-made_outdoor_things ' +
  'large_natural_outdoor_scenes large_omnivores_and_herbivores medium_mammals non-insect_invertebrates people ' +
  'reptiles small_mammals trees vehicles_1 vehicles_2'
).split(' ');

const CLASSES = (
  'apple aquarium_fish baby bear beaver bed bee beetle ' +
  'bicycle bottle bowl boy bridge bus butterfly camel ' +
  'can castle caterpillar cattle chair chimpanzee clock cloud ' +
  'cockroach couch crab crocodile cup dinosaur dolphin elephant ' +
  'flatfish forest fox girl hamster house kangaroo keyboard ' +
  'lamp lawn_mower leopard lion lizard lobster man maple_tree ' +
  'motorcycle mountain mouse mushroom oak_tree orange orchid otter ' +
  'palm_tree pear pickup_truck pine_tree plain plate poppy porcupine ' +
  'possum rabbit raccoon ray road rocket rose sea ' +
  'seal shark shrew skunk skyscraper snail snake spider ' +
  'squirrel streetcar sunflower sweet_pepper table tank telephone television ' +
  'tiger tractor train trout tulip turtle wardrobe whale ' +
  'willow_tree wolf woman worm'
).split(' ');

const RGB = { height: 32, width: 32, channels: 3 };
const hundred = (title: string, classNames: readonly string[]): ImageKindFacts => ({
  ...RGB,
  title,
  published: { train: 50_000, test: 10_000 },
  classNames,
  mean: [0.5071, 0.4865, 0.4409],
  std: [0.2673, 0.2564, 0.2762],
});

export const CIFAR_FACTS: Readonly<Record<CifarKind, ImageKindFacts>> = {
  'cifar-10': {
    ...RGB,
    title: 'CIFAR-10',
    published: { train: 50_000, test: 10_000 },
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    mean: [0.4914, 0.4822, 0.4465],
    std: [0.247, 0.2435, 0.2616],
  },
  'cifar-100': hundred('CIFAR-100', CLASSES),
  'cifar-100-coarse': hundred('CIFAR-100 (superclasses)', SUPERCLASSES),
};
