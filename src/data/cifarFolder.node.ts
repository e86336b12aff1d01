/** CIFAR-10 and CIFAR-100 from the files of their binary or their Python version. */
import { createHash, type Hash } from 'node:crypto';
import { basename, join } from 'node:path';
import type { ByteSource } from './byteSource.js';
import { type CifarRecords, readCifar } from './cifar.js';
import { CIFAR_LAYOUTS, CIFAR_PICKLES, type CifarKind, PICKLES_MD5 } from './cifarFacts.js';
import { MOST_PICKLED, readCifarPickle } from './cifarPickle.js';
import { type FileSource, openFileSource } from './fileSource.node.js';
import type { Part } from './imageFiles.js';
import { holdsBinary, type Listing, namedPart, refuseMissing, withFile } from './imageListing.node.js';
import { createImageSet, type ImageSet } from './imageSet.js';
import { refuseBytes } from './refuseBytes.js';

export interface CifarParts {
  readonly kind: CifarKind;
  readonly train: ImageSet;
  readonly test: ImageSet | null;
  /** `1 of 5 training batches`; null where a set has one file of them. */
  readonly batches: string | null;
  /** Files of the Python version that are not those published, by their MD5; empty for the binary version, whose are not known. */
  readonly altered: readonly string[];
  /** Whether that could be told. */
  readonly verified: boolean;
}

/**
 * Reads the training batches that are there, from the first without a gap, and the test batch; their bytes go into `hash`. Of a
 * folder with both versions the binary one.
 */
export async function openCifar(listing: Listing, kind: CifarKind, hash: Hash): Promise<CifarParts> {
  const { folder, names } = listing;
  const binary = holdsBinary(listing, kind);
  const files = binary ? CIFAR_LAYOUTS[kind] : CIFAR_PICKLES[kind];
  const there = files.train.map((name) => names.has(name));
  const count = there.lastIndexOf(true) + 1;
  const missing = there.indexOf(false);
  if (count === 0) refuseMissing(folder, [kind], 'a folder with the test batch alone');
  if (missing >= 0 && missing < count)
    refuseMissing(folder, [kind], `a folder without ${files.train[missing]}`);
  const altered: string[] = [];
  const read = async (part: Part, names: readonly string[]): Promise<ImageSet> => {
    const paths = names.map((name) => join(folder, name));
    const { pixels, labels } = binary
      ? await readBinary(paths, kind, hash)
      : joined(await readPickles(paths, kind, hash, altered));
    return createImageSet({ ...namedPart(kind, part), pixels, labels });
  };
  const train = await read('train', files.train.slice(0, count));
  const test = names.has(files.test) ? await read('test', [files.test]) : null;
  const all = files.train.length;
  const batches = all === 1 ? null : `${count} of ${all} training batches`;
  return { kind, train, test, batches, altered, verified: !binary };
}

async function readBinary(paths: readonly string[], kind: CifarKind, hash: Hash): Promise<CifarRecords> {
  const sources: FileSource[] = [];
  try {
    for (const path of paths) sources.push(await openFileSource(path));
    return await readCifar(
      sources.map((source) => hashed(source, hash)),
      kind,
    );
  } finally {
    for (const source of sources) await source.close();
  }
}

/** Names whose MD5 is another than the published one go into `altered`. */
async function readPickles(
  paths: readonly string[],
  kind: CifarKind,
  hash: Hash,
  altered: string[],
): Promise<CifarRecords[]> {
  const records: CifarRecords[] = [];
  for (const path of paths) {
    const bytes = await withFile(path, (source) => {
      if (source.size > MOST_PICKLED)
        refuseBytes(path, `a pickle of at most ${MOST_PICKLED} bytes`, `${source.size} bytes`);
      return source.read(0, source.size);
    });
    records.push(readCifarPickle(bytes, path, kind));
    hash.update(bytes);
    const name = basename(path);
    if (createHash('md5').update(bytes).digest('hex') !== PICKLES_MD5[name]) altered.push(name);
  }
  return records;
}

function joined(parts: readonly CifarRecords[]): CifarRecords {
  const samples = parts.reduce((sum, part) => sum + part.samples, 0);
  const pixels = new Uint8Array(parts.reduce((sum, part) => sum + part.pixels.length, 0));
  const labels = new Int32Array(samples);
  let [pixel, label] = [0, 0];
  for (const part of parts) {
    pixels.set(part.pixels, pixel);
    labels.set(part.labels, label);
    pixel += part.pixels.length;
    label += part.samples;
  }
  return { samples, pixels, labels };
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
