/**
 * The files that hold MNIST, Fashion-MNIST, EMNIST, CIFAR-10 and CIFAR-100: their names, where they are published, and what
 * tells MNIST from Fashion-MNIST, whose files have the same names.
 *
 * The SHA-256 are of the label files as published, unpacked.
 */
import { CIFAR_KINDS, CIFAR_LAYOUTS, CIFAR_PICKLES, type CifarKind } from './cifarFacts.js';
import { divisionOf, EMNIST_KINDS, type EmnistKind } from './emnist.js';
import type { ImageKind } from './imageSet.js';

/** The sets in the IDX format. */
export type IdxKind = Exclude<ImageKind, CifarKind>;
/** Those whose files have the same names. */
export type MnistKind = Exclude<IdxKind, EmnistKind>;

export type Part = 'train' | 'test';
export type IdxFiles = Readonly<Record<Part, { readonly images: string; readonly labels: string }>>;

export const MNIST_KINDS: readonly MnistKind[] = ['mnist', 'fashion-mnist'];
export const IDX_KINDS: readonly IdxKind[] = [...MNIST_KINDS, ...EMNIST_KINDS];

const MNIST_FILES: IdxFiles = {
  train: { images: 'train-images-idx3-ubyte', labels: 'train-labels-idx1-ubyte' },
  test: { images: 't10k-images-idx3-ubyte', labels: 't10k-labels-idx1-ubyte' },
};

/** The names of a set's files, without `.gz`. */
export function idxFiles(kind: IdxKind): IdxFiles {
  if (isMnist(kind)) return MNIST_FILES;
  const of = (part: Part) => {
    const prefix = `emnist-${divisionOf(kind)}-${part}`;
    return { images: `${prefix}-images-idx3-ubyte`, labels: `${prefix}-labels-idx1-ubyte` };
  };
  return { train: of('train'), test: of('test') };
}

export function isMnist(kind: ImageKind): kind is MnistKind {
  return (MNIST_KINDS as readonly ImageKind[]).includes(kind);
}

export function isCifar(kind: ImageKind): kind is CifarKind {
  return (CIFAR_KINDS as readonly ImageKind[]).includes(kind);
}

const EMNIST_PUBLISHED = 'https://www.nist.gov/itl/products-and-services/emnist-dataset (gzip.zip)';
const CIFAR_PUBLISHED = 'https://www.cs.toronto.edu/~kriz/cifar.html ("binary version" or "python version")';

/** Where a set is published. */
export function publishedAt(kind: ImageKind): string {
  if (kind === 'mnist')
    return 'https://ossci-datasets.s3.amazonaws.com/mnist/ or http://yann.lecun.com/exdb/mnist/';
  if (kind === 'fashion-mnist') return 'https://github.com/zalandoresearch/fashion-mnist';
  return isCifar(kind) ? CIFAR_PUBLISHED : EMNIST_PUBLISHED;
}

/** Where a folder of several sets has them, by our names or torchvision's. */
export function subfolders(kind: ImageKind): readonly string[] {
  switch (kind) {
    case 'mnist':
      return ['mnist', 'MNIST/raw'];
    case 'fashion-mnist':
      return ['fashion-mnist', 'FashionMNIST/raw'];
    case 'cifar-10':
      return ['cifar-10-batches-bin', 'cifar-10-batches-py'];
    case 'cifar-100':
    case 'cifar-100-coarse':
      return ['cifar-100-binary', 'cifar-100-python'];
    default:
      return ['emnist', 'EMNIST/raw', 'EMNIST/raw/gzip', 'gzip'];
  }
}

/** SHA-256 of the unpacked label files. */
export const LABELS_SHA256: Readonly<Record<MnistKind, Readonly<Record<Part, string>>>> = {
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
  if (isCifar(kind)) {
    const listed = ({ train, test }: { readonly train: readonly string[]; readonly test: string }) =>
      `${train.length === 1 ? train[0] : `${train[0]} … ${train[train.length - 1]}`} and ${test}`;
    return `${listed(CIFAR_LAYOUTS[kind])} (or ${listed(CIFAR_PICKLES[kind])})`;
  }
  const names = Object.values(idxFiles(kind)).flatMap(({ images, labels }) => [images, labels]);
  return `${names.join(', ')} (each plain or .gz)`;
}
