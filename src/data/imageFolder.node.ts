/**
 * Opens a folder that holds MNIST, Fashion-MNIST or CIFAR-10 (binary version). Nothing is ever downloaded.
 *
 * MNIST and Fashion-MNIST have the same file names: the label files tell them apart, by the SHA-256 of their unpacked bytes
 * as published. Limits: files of at most 1 GiB; pixels are held in memory (CIFAR-10's 50 000 images: 154 MB).
 */
import { createHash, type Hash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse, refuseFile, refuseShape } from '../core/errors.js';
import { readCifar10 } from './cifar.js';
import type { ByteSource } from './byteSource.js';
import { type FileSource, openFileSource } from './fileSource.node.js';
import { pairIdx, readIdx } from './idx.js';
import {
  CIFAR_TEST,
  CIFAR_TRAIN,
  expectedFiles,
  IDX_FILES,
  IDX_KINDS,
  type IdxKind,
  LABELS_SHA256,
  type Part,
  PUBLISHED,
  SUBFOLDERS,
} from './imageFiles.js';
import { createImageSet, IMAGE_KINDS, type ImageKind, type ImageSet } from './imageSet.js';
import { refuseBytes } from './refuseBytes.js';

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
}

/** A folder and the names in it. */
interface Listing {
  readonly folder: string;
  readonly names: ReadonlySet<string>;
}

const KINDS: readonly ImageKind[] = [...IDX_KINDS, 'cifar-10'];
const LARGEST_FILE = 2 ** 30;

/**
 * Reads the set in `folder`, or, where `kind` is given, in its usual folder inside (`mnist`, `MNIST/raw`, …): all training
 * files and, where they are there, the test files, IDX ones gzipped or not. Without `kind` the files tell it. Throws a
 * file error, naming the files, where they are published and `--data DIR`, for what is missing or where the folder holds
 * another set; an argument error where the kind has to be said; a format or dimension error naming the file for damaged
 * or mismatched ones.
 */
export async function openImageData(folder: string, kind?: ImageKind): Promise<ImageDataSet> {
  if (kind !== undefined && !KINDS.includes(kind)) refuse('data set', `one of ${KINDS.join(', ')}`, kind);
  const listing = await locate(folder, kind);
  const [idx, cifar] = [holdsIdx(listing), holdsCifar(listing)];
  if (kind === undefined && idx && cifar)
    refuse(folder, 'the kind of data set to read', 'files of two kinds', `say one of ${KINDS.join(', ')}`);
  if (cifar && kind !== 'mnist' && kind !== 'fashion-mnist') return openCifar(listing);
  if (idx && kind !== 'cifar-10') return openIdx(listing, kind);
  if (!idx && !cifar && (kind === undefined || kind === 'cifar-10')) await refusePythonCifar(listing);
  const other = idx ? 'a folder of MNIST or Fashion-MNIST' : 'a folder of CIFAR-10';
  refuseMissing(folder, kind === undefined ? KINDS : [kind], idx || cifar ? other : 'a folder without them');
}

/** The folder itself, or a usual one inside where only that holds files of the kind. */
async function locate(folder: string, kind: ImageKind | undefined): Promise<Listing> {
  const names = await namesIn(folder);
  if (names === null)
    refuseMissing(folder, kind === undefined ? KINDS : [kind], 'no folder of that name that can be read');
  const holds = kind === 'cifar-10' ? holdsCifar : holdsIdx;
  const here = { folder, names };
  if (kind === undefined || holds(here)) return here;
  for (const inner of SUBFOLDERS[kind]) {
    const path = join(folder, inner);
    const there = { folder: path, names: (await namesIn(path)) ?? new Set<string>() };
    if (holds(there)) return there;
  }
  return here;
}

async function namesIn(folder: string): Promise<ReadonlySet<string> | null> {
  try {
    return new Set(await readdir(folder));
  } catch {
    return null;
  }
}

function holdsIdx(listing: Listing): boolean {
  return Object.values(IDX_FILES).some(
    ({ images, labels }) => find(listing, images) !== null || find(listing, labels) !== null,
  );
}

/** Refuses the Python version of CIFAR-10 (pickles), which torchvision unpacks: loading a pickle runs the code in it. */
async function refusePythonCifar({ folder, names }: Listing): Promise<void> {
  const inner = join(folder, 'cifar-10-batches-py');
  const place = isPythonCifar(names)
    ? folder
    : isPythonCifar((await namesIn(inner)) ?? new Set())
      ? inner
      : null;
  if (place !== null)
    refuseFile(
      place,
      `the binary version of CIFAR-10: ${expectedFiles('cifar-10')}`,
      'the Python version (pickles, as torchvision downloads it)',
      `get cifar-10-binary.tar.gz from ${PUBLISHED['cifar-10']}, unpack it and give cifar-10-batches-bin with --data DIR`,
    );
}

function isPythonCifar(names: ReadonlySet<string>): boolean {
  return names.has('data_batch_1') || (names.has('batches.meta') && names.has('test_batch'));
}

function holdsCifar({ names }: Listing): boolean {
  return [...CIFAR_TRAIN, CIFAR_TEST].some((name) => names.has(name));
}

/**
 * The path of an IDX file, plain or gzipped, also under the name that old unpackers gave it (`train-images.idx3-ubyte`); null
 * where it is not there.
 */
function find({ folder, names }: Listing, name: string): string | null {
  const dotted = name.replace(/-idx(?=\d-ubyte$)/, '.idx');
  const entry = [name, `${name}.gz`, dotted, `${dotted}.gz`].find((each) => names.has(each));
  return entry === undefined ? null : join(folder, entry);
}

async function openIdx(listing: Listing, requested: IdxKind | undefined): Promise<ImageDataSet> {
  const hash = createHash('sha256');
  const train = await readIdxPart(listing, requested, 'train', hash);
  if (train === null)
    refuseMissing(
      listing.folder,
      requested === undefined ? IDX_KINDS : [requested],
      'a folder with the test files alone',
    );
  const test = await readIdxPart(listing, train.kind, 'test', hash);
  return described({ kind: train.kind, train: train.set, test: test?.set ?? null }, hash);
}

/** One part of an IDX set; null where neither of its files is there. */
async function readIdxPart(
  listing: Listing,
  requested: IdxKind | undefined,
  part: Part,
  hash: Hash,
): Promise<{ readonly kind: IdxKind; readonly set: ImageSet } | null> {
  const files = IDX_FILES[part];
  const imagesPath = find(listing, files.images);
  const labelsPath = find(listing, files.labels);
  if (imagesPath === null && labelsPath === null) return null;
  const kinds = requested === undefined ? IDX_KINDS : [requested];
  if (imagesPath === null) refuseMissing(listing.folder, kinds, `a folder without ${files.images}`);
  if (labelsPath === null) refuseMissing(listing.folder, kinds, `a folder without ${files.labels}`);
  // Labels first: they are small, and say whether it is the set that was asked for.
  const labels = await withFile(labelsPath, (source) => readIdx(source, 'labels'));
  const kind = kindOfLabels(labelsPath, labels.file, requested, part);
  const images = await withFile(imagesPath, (source) => readIdx(source, 'images'));
  const pair = pairIdx(images, labels, labelsPath);
  const { title, height, width } = IMAGE_KINDS[kind];
  if (pair.height !== height || pair.width !== width)
    refuseShape(imagesPath, `images of ${title}, ${height}×${width}`, `${pair.height}×${pair.width}`);
  hash.update(labels.file).update(images.file);
  const set = createImageSet(
    { ...named(kind, part), pixels: pair.pixels, labels: Int32Array.from(pair.labels) },
    labelsPath,
  );
  return { kind, set };
}

/** Which set a label file belongs to; refuses one that is known as another's, and an unknown one that was not named. */
function kindOfLabels(path: string, file: Uint8Array, requested: IdxKind | undefined, part: Part): IdxKind {
  const digest = createHash('sha256').update(file).digest('hex');
  for (const kind of IDX_KINDS)
    for (const half of ['train', 'test'] as const) {
      if (LABELS_SHA256[kind][half] !== digest) continue;
      if ((requested ?? kind) === kind && half === part) return kind;
      const title = (of: ImageKind, which: Part): string => `the ${which} labels of ${IMAGE_KINDS[of].title}`;
      refuseFile(
        path,
        title(requested ?? kind, part),
        title(kind, half),
        'give the right folder with --data DIR',
      );
    }
  return (
    requested ??
    refuse(
      path,
      `the kind of data set to read (${IDX_KINDS.join(' or ')}: their files have the same names)`,
      'labels of neither as published',
    )
  );
}

async function openCifar({ folder, names }: Listing): Promise<ImageDataSet> {
  const there = CIFAR_TRAIN.map((name) => names.has(name));
  const count = there.lastIndexOf(true) + 1;
  const missing = there.indexOf(false);
  if (count === 0) refuseMissing(folder, ['cifar-10'], 'a folder with the test batch alone');
  if (missing >= 0 && missing < count)
    refuseMissing(folder, ['cifar-10'], `a folder without ${CIFAR_TRAIN[missing]}`);
  const hash = createHash('sha256');
  const train = await readCifarPart(folder, CIFAR_TRAIN.slice(0, count), 'train', hash);
  const test = names.has(CIFAR_TEST) ? await readCifarPart(folder, [CIFAR_TEST], 'test', hash) : null;
  return described(
    { kind: 'cifar-10', train, test },
    hash,
    `${count} of ${CIFAR_TRAIN.length} training batches`,
  );
}

/** Parts with their checksum and, `batches` first, what they lack of the set as published. */
function described(
  parts: Pick<ImageDataSet, 'kind' | 'train' | 'test'>,
  hash: Hash,
  batches: string | null = null,
): ImageDataSet {
  return { ...parts, checksum: hash.digest('hex'), shortfall: shortfallOf(parts, batches) };
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
    ...(test === null
      ? ['no test images']
      : test.samples >= published.test
        ? []
        : [`${images(test.samples, published.test)} test images`]),
  ];
  return missing.length === 0 ? null : `${missing.join(', ')}: not the whole of ${title}`;
}

/** 10000 as "10 000". */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}

async function readCifarPart(
  folder: string,
  files: readonly string[],
  part: Part,
  hash: Hash,
): Promise<ImageSet> {
  const sources: FileSource[] = [];
  try {
    for (const file of files) sources.push(await openFileSource(join(folder, file)));
    const { pixels, labels } = await readCifar10(sources.map((source) => hashed(source, hash)));
    return createImageSet({ ...named('cifar-10', part), pixels, labels });
  } finally {
    for (const source of sources) await source.close();
  }
}

/** What is known of a part of a kind of set before its samples. */
function named(kind: ImageKind, part: Part): Omit<ImageSet, 'samples' | 'classes' | 'pixels' | 'labels'> {
  const { height, width, channels, classNames, mean, std } = IMAGE_KINDS[kind];
  return { name: `${kind} ${part}`, height, width, channels, classNames, mean, std };
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

async function withFile<T>(path: string, read: (source: FileSource) => Promise<T>): Promise<T> {
  const source = await openFileSource(path);
  try {
    if (source.size > LARGEST_FILE) refuseBytes(path, `a file of at most ${LARGEST_FILE} bytes`, source.size);
    return await read(source);
  } finally {
    await source.close();
  }
}

/** Throws a file error that says which files are expected, one of the kinds', and where they are published. */
function refuseMissing(folder: string, kinds: readonly ImageKind[], got: string): never {
  refuseFile(
    folder,
    kinds.map((kind) => `${IMAGE_KINDS[kind].title}'s ${expectedFiles(kind)}`).join(', or '),
    got,
    `get them from ${kinds.map((kind) => PUBLISHED[kind]).join(', ')} and give their folder with --data DIR`,
  );
}
