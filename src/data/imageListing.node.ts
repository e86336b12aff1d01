/**
 * A folder of images as a list of names: finding a set's files in it, opening them within bounds, and saying what is missing.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { type FileSource, openFileSource } from './fileSource.node.js';
import { CIFAR_LAYOUTS, CIFAR_PICKLES, type CifarKind } from './cifarFacts.js';
import { expectedFiles, idxFiles, isCifar, type Part, publishedAt, subfolders } from './imageFiles.js';
import { IMAGE_KINDS, type ImageKind, type ImageSet } from './imageSet.js';
import { refuseBytes } from './refuseBytes.js';

/** A folder and the names in it. */
export interface Listing {
  readonly folder: string;
  readonly names: ReadonlySet<string>;
}

const LARGEST_FILE = 2 ** 30;

/** The names in a folder; null where it cannot be read. */
export async function listingOf(folder: string): Promise<Listing | null> {
  try {
    return { folder, names: new Set(await readdir(folder)) };
  } catch {
    return null;
  }
}

/** The folder itself, or a usual folder of the set inside where only that holds its files. */
export async function locate(listing: Listing, kind: ImageKind): Promise<Listing> {
  if (holds(listing, kind)) return listing;
  for (const inner of subfolders(kind)) {
    const there = await listingOf(join(listing.folder, inner));
    if (there !== null && holds(there, kind)) return there;
  }
  return listing;
}

/** Whether any of the set's files is there. */
export function holds(listing: Listing, kind: ImageKind): boolean {
  if (isCifar(kind)) return holdsBinary(listing, kind) || holdsPickles(listing, kind);
  return Object.values(idxFiles(kind)).some(
    ({ images, labels }) => findIdx(listing, images) !== null || findIdx(listing, labels) !== null,
  );
}

/** Whether files of the binary version are there. */
export function holdsBinary({ names }: Listing, kind: CifarKind): boolean {
  const { train, test } = CIFAR_LAYOUTS[kind];
  return [...train, test].some((name) => names.has(name));
}

/** `train` and `test` are the names of many things: only beside `meta` are they those of CIFAR-100. */
function holdsPickles({ names }: Listing, kind: CifarKind): boolean {
  const { train, test, meta } = CIFAR_PICKLES[kind];
  const some = [...train, test].some((name) => names.has(name));
  return some && (kind === 'cifar-10' || names.has(meta));
}

/**
 * The path of an IDX file, plain or gzipped, also under the name that old unpackers gave it (`train-images.idx3-ubyte`); null
 * where it is not there.
 */
export function findIdx({ folder, names }: Listing, name: string): string | null {
  const dotted = name.replace(/-idx(?=\d-ubyte$)/, '.idx');
  const present = [name, `${name}.gz`, dotted, `${dotted}.gz`].find((each) => names.has(each));
  return present === undefined ? null : join(folder, present);
}

export async function withFile<T>(path: string, read: (source: FileSource) => Promise<T>): Promise<T> {
  const source = await openFileSource(path);
  try {
    if (source.size > LARGEST_FILE) refuseBytes(path, `a file of at most ${LARGEST_FILE} bytes`, source.size);
    return await read(source);
  } finally {
    await source.close();
  }
}

/** What is known of a part of a kind of set before its samples. */
export function namedPart(
  kind: ImageKind,
  part: Part,
): Omit<ImageSet, 'samples' | 'classes' | 'pixels' | 'labels'> {
  const { height, width, channels, classNames, mean, std } = IMAGE_KINDS[kind];
  return { name: `${kind} ${part}`, height, width, channels, classNames, mean, std };
}

/** Throws a file error that says which files are expected, one of the kinds', and where they are published. */
export function refuseMissing(folder: string, kinds: readonly ImageKind[], got: string): never {
  refuseFile(
    folder,
    kinds.map((kind) => `${IMAGE_KINDS[kind].title}'s ${expectedFiles(kind)}`).join(', or '),
    got,
    `get them from ${[...new Set(kinds.map(publishedAt))].join(', ')} and give their folder`,
    'data',
  );
}
