/** CIFAR-10 and CIFAR-100 from the files of their binary version. */
import type { Hash } from 'node:crypto';
import { join } from 'node:path';
import type { ByteSource } from './byteSource.js';
import { readCifar } from './cifar.js';
import { CIFAR_LAYOUTS, type CifarKind } from './cifarFacts.js';
import { type FileSource, openFileSource } from './fileSource.node.js';
import type { Part } from './imageFiles.js';
import { type Listing, namedPart, refuseMissing } from './imageListing.node.js';
import { createImageSet, type ImageSet } from './imageSet.js';

export interface CifarParts {
  readonly kind: CifarKind;
  readonly train: ImageSet;
  readonly test: ImageSet | null;
  /** `1 of 5 training batches`; null where a set has one file of them. */
  readonly batches: string | null;
}

/** Reads the training batches that are there, from the first without a gap, and the test batch; their bytes go into `hash`. */
export async function openCifar(listing: Listing, kind: CifarKind, hash: Hash): Promise<CifarParts> {
  const { folder, names } = listing;
  const files = CIFAR_LAYOUTS[kind];
  const there = files.train.map((name) => names.has(name));
  const count = there.lastIndexOf(true) + 1;
  const missing = there.indexOf(false);
  if (count === 0) refuseMissing(folder, [kind], 'a folder with the test batch alone');
  if (missing >= 0 && missing < count)
    refuseMissing(folder, [kind], `a folder without ${files.train[missing]}`);
  const train = await readPart(folder, files.train.slice(0, count), kind, 'train', hash);
  const test = names.has(files.test) ? await readPart(folder, [files.test], kind, 'test', hash) : null;
  const all = files.train.length;
  return { kind, train, test, batches: all === 1 ? null : `${count} of ${all} training batches` };
}

async function readPart(
  folder: string,
  files: readonly string[],
  kind: CifarKind,
  part: Part,
  hash: Hash,
): Promise<ImageSet> {
  const sources: FileSource[] = [];
  try {
    for (const file of files) sources.push(await openFileSource(join(folder, file)));
    const { pixels, labels } = await readCifar(
      sources.map((source) => hashed(source, hash)),
      kind,
    );
    return createImageSet({ ...namedPart(kind, part), pixels, labels });
  } finally {
    for (const source of sources) await source.close();
  }
}

/** A source whose bytes go into `hash` as they are read. */
function hashed(source: ByteSource, hash: Hash): ByteSource {
  return {
    name: source.name,
    size: source.size,
    async read(offset, length) {
      const bytes = await source.read(offset, length);
      hash.update(bytes);
      return bytes;
    },
  };
}
