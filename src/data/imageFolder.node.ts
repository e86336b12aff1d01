/**
 * Opens a folder that holds MNIST, Fashion-MNIST, EMNIST, CIFAR-10 or CIFAR-100 (binary or Python versions). Nothing is ever downloaded.
 *
 * Limits: files of at most 1 GiB; pixels are held in memory (CIFAR-10's 50 000 images: 154 MB; EMNIST's 697 932: 547 MB).
 */
import { createHash } from 'node:crypto';
import { refuse } from '../core/errors.js';
import { openCifar } from './cifarFolder.node.js';
import { openIdx } from './idxFolder.node.js';
import { isCifar, isMnist } from './imageFiles.js';
import { holds, type Listing, listingOf, locate, refuseMissing } from './imageListing.node.js';
import { IMAGE_KIND_NAMES, IMAGE_KINDS, type ImageKind, type ImageSet } from './imageSet.js';

/** A data set as read from a folder. */
export interface ImageDataSet {
  readonly kind: ImageKind;
  readonly train: ImageSet;
  /** Null where the folder has no test files. */
  readonly test: ImageSet | null;
  /**
   * SHA-256, in hex, over the bytes of the files read, unpacked, one after another: training labels and images, test labels
   * and images; or training batches in order, then the test batch. Packing a file anew does not change it.
   */
  readonly checksum: string;
  /** What of the published set is not there, in words; null for the whole set. */
  readonly shortfall: string | null;
  /** Whether the files are those published, in words, as far as their checksums are known (Python versions); else null. */
  readonly origin: string | null;
}

/**
 * Reads the set in `folder`, or, where `kind` is given, in its usual folder inside (`mnist`, `MNIST/raw`, …): all training
 * files and, where they are there, the test files, IDX ones gzipped or not. Without `kind` the files tell it. Throws a
 * file error, naming the files, where they are published and `--data DIR`, for what is missing or where the folder holds
 * another set; an argument error where the kind has to be said; a format or dimension error naming the file for damaged
 * or mismatched ones.
 */
export async function openImageData(folder: string, kind?: ImageKind): Promise<ImageDataSet> {
  if (kind !== undefined && !IMAGE_KIND_NAMES.includes(kind))
    refuse('data set', `one of ${IMAGE_KIND_NAMES.join(', ')}`, kind);
  const here = await listingOf(folder);
  if (here === null)
    refuseMissing(
      folder,
      kind === undefined ? IMAGE_KIND_NAMES : [kind],
      'no folder of that name that can be read',
    );
  const listing = kind === undefined ? here : await locate(here, kind);
  const held = IMAGE_KIND_NAMES.filter((each) => holds(listing, each));
  if (kind !== undefined) {
    if (held.includes(kind)) return await openKinds(listing, [kind]);
    refuseMissing(folder, [kind], held.length === 0 ? 'a folder without them' : folderOf(held));
  }
  if (held.length === 0) refuseMissing(folder, IMAGE_KIND_NAMES, 'a folder without them');
  if (!held.every(isMnist) && held.length > 1)
    refuse(folder, 'the kind of data set to read', 'files of several sets', `say one of ${held.join(', ')}`);
  return await openKinds(listing, held);
}

/** `kinds`: one, or those whose files have the same names and that their labels tell apart. */
async function openKinds(listing: Listing, kinds: readonly ImageKind[]): Promise<ImageDataSet> {
  const hash = createHash('sha256');
  const [first] = kinds;
  const { batches, altered, verified, ...parts } = isCifar(first)
    ? await openCifar(listing, first, hash)
    : {
        ...(await openIdx(
          listing,
          kinds.filter((kind) => !isCifar(kind)),
          hash,
        )),
        ...{ batches: null, altered: [], verified: false },
      };
  return {
    ...parts,
    checksum: hash.digest('hex'),
    shortfall: shortfallOf(parts, batches),
    origin: originOf(altered, verified),
  };
}

function folderOf(kinds: readonly ImageKind[]): string {
  return `a folder of ${kinds.map((kind) => IMAGE_KINDS[kind].title).join(' or ')}`;
}

function originOf(altered: readonly string[], verified: boolean): string | null {
  if (!verified) return null;
  if (altered.length === 0) return 'every file is the published one, by its MD5';
  return `not the published ${altered.length === 1 ? 'file' : 'files'}, by MD5: ${altered.join(', ')}`;
}

function shortfallOf(
  { kind, train, test }: Pick<ImageDataSet, 'kind' | 'train' | 'test'>,
  batches: string | null,
): string | null {
  const { title, published } = IMAGE_KINDS[kind];
  const images = (there: number, all: number) => `${grouped(there)} of ${grouped(all)}`;
  const missing = [
    ...(train.samples >= published.train
      ? []
      : [
          batches === null
            ? `${images(train.samples, published.train)} training images`
            : `${batches} (${images(train.samples, published.train)} images)`,
        ]),
    ...(test === null ? ['no test images'] : []),
    ...(test === null || test.samples >= published.test
      ? []
      : [`${images(test.samples, published.test)} test images`]),
  ];
  return missing.length === 0 ? null : `${missing.join(', ')}: not the whole of ${title}`;
}

/** 10000 as "10 000". */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}
