/**
 * The files that hold MNIST, Fashion-MNIST and CIFAR-10: their names, where they are published, and what tells MNIST from
 * Fashion-MNIST, whose files have the same names.
 *
 * The SHA-256 are of the label files as published, unpacked.
 */
import type { ImageKind } from './imageSet.js';

/** The sets in the IDX format. */
export type IdxKind = Exclude<ImageKind, 'cifar-10'>;

export type Part = 'train' | 'test';

export const IDX_KINDS: readonly IdxKind[] = ['mnist', 'fashion-mnist'];
export const IDX_FILES: Readonly<Record<Part, { readonly images: string; readonly labels: string }>> = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
};
export const CIFAR_TRAIN = [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`);
export const CIFAR_TEST = 'test_batch.bin';

export const PUBLISHED: Readonly<Record<ImageKind, string>> = {
  mnist: 'https://ossci-datasets.s3.amazonaws.com/mnist/ or http://yann.lecun.com/exdb/mnist/',
  'fashion-mnist': 'https://github.com/zalandoresearch/fashion-mnist',
  'cifar-10': 'https://www.cs.toronto.edu/~kriz/cifar.html ("binary version")',
};
/** Where a folder of several sets has them, by our names or torchvision's. */
export const SUBFOLDERS: Readonly<Record<ImageKind, readonly string[]>> = {
  mnist: ['mnist', 'MNIST/raw'],
  'fashion-mnist': ['fashion-mnist', 'FashionMNIST/raw'],
  'cifar-10': ['cifar-10-batches-bin'],
};
/** SHA-256 of the unpacked label files. */
export const LABELS_SHA256: Readonly<Record<IdxKind, Readonly<Record<Part, string>>>> = {
  mnist: {
    train: '65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5',
    test: 'ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2',
  },
  'fashion-mnist': {
    train: 'bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9',
    test: '0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34',
  },
};

/** The names of a set's files, as a message lists them. */
export function expectedFiles(kind: ImageKind): string {
  if (kind === 'cifar-10') return `data_batch_1.bin … data_batch_5.bin and ${CIFAR_TEST}`;
  const names = Object.values(IDX_FILES).flatMap(({ images, labels }) => [images, labels]);
  return `${names.join(', ')} (each plain or .gz)`;
}
