/**
 * The sets in IDX files: MNIST and Fashion-MNIST, told apart by the SHA-256 of their unpacked label files as published, and
 * EMNIST, whose files' names say the division; its images are turned upright and its letters counted from 0.
 */
import { createHash, type Hash } from 'node:crypto';
import { refuse, refuseFile, refuseShape } from '../core/errors.js';
import { firstEmnistLabel, transposedImages } from './emnist.js';
import { type IdxArray, pairIdx, readIdx } from './idx.js';
import { idxFiles, type IdxKind, isMnist, LABELS_SHA256, MNIST_KINDS, type Part } from './imageFiles.js';
import { findIdx, type Listing, namedPart, refuseMissing, withFile } from './imageListing.node.js';
import { createImageSet, IMAGE_KINDS, type ImageKind, type ImageSet } from './imageSet.js';
import { refuseBytes } from './refuseBytes.js';

/** Both parts of a set and which it is. */
export interface IdxParts {
  readonly kind: IdxKind;
  readonly train: ImageSet;
  readonly test: ImageSet | null;
}

/**
 * Reads the training files and, where they are there, the test files; `kinds` are those whose files' names these are. The
 * unpacked bytes go into `hash`, labels before images.
 */
export async function openIdx(listing: Listing, kinds: readonly IdxKind[], hash: Hash): Promise<IdxParts> {
  const train = await readPart(listing, kinds, 'train', hash);
  if (train === null) refuseMissing(listing.folder, kinds, 'a folder with the test files alone');
  const test = await readPart(listing, [train.kind], 'test', hash);
  return { kind: train.kind, train: train.set, test: test?.set ?? null };
}

/** One part of a set; null where neither of its files is there. */
async function readPart(
  listing: Listing,
  kinds: readonly IdxKind[],
  part: Part,
  hash: Hash,
): Promise<{ readonly kind: IdxKind; readonly set: ImageSet } | null> {
  const files = idxFiles(kinds[0])[part];
  const imagesPath = findIdx(listing, files.images);
  const labelsPath = findIdx(listing, files.labels);
  if (imagesPath === null && labelsPath === null) return null;
  if (imagesPath === null) refuseMissing(listing.folder, kinds, `a folder without ${files.images}`);
  if (labelsPath === null) refuseMissing(listing.folder, kinds, `a folder without ${files.labels}`);
  // Labels first: they are small, and say whether it is the set that was asked for.
  const labels = await withFile(labelsPath, (source) => readIdx(source, 'labels'));
  const kind = kindOfLabels(labelsPath, labels.file, kinds, part);
  const images = await withFile(imagesPath, (source) => readIdx(source, 'images'));
  hash.update(labels.file).update(images.file);
  return { kind, set: imageSetOf(kind, part, images, labels, { imagesPath, labelsPath }) };
}

function imageSetOf(
  kind: IdxKind,
  part: Part,
  images: IdxArray,
  labels: IdxArray,
  { imagesPath, labelsPath }: { readonly imagesPath: string; readonly labelsPath: string },
): ImageSet {
  const pair = pairIdx(images, labels, labelsPath);
  const { title, height, width } = IMAGE_KINDS[kind];
  if (pair.height !== height || pair.width !== width)
    refuseShape(imagesPath, `images of ${title}, ${height}×${width}`, `${pair.height}×${pair.width}`);
  const mnist = isMnist(kind);
  const first = mnist ? 0 : firstEmnistLabel(kind);
  const below = pair.labels.findIndex((label) => label < first);
  if (below >= 0)
    refuseBytes(
      labelsPath,
      `labels of ${title}, which run from ${first}`,
      `${pair.labels[below]} for sample ${below}`,
    );
  return createImageSet(
    {
      ...namedPart(kind, part),
      pixels: mnist ? pair.pixels : transposedImages(pair.pixels, height, width),
      labels: Int32Array.from(pair.labels, (label) => label - first),
    },
    labelsPath,
  );
}

/** Which set a label file belongs to; refuses one that is known as another's, and an unknown one that was not named. */
function kindOfLabels(path: string, file: Uint8Array, kinds: readonly IdxKind[], part: Part): IdxKind {
  const wanted = kinds.length === 1 ? kinds[0] : null;
  if (wanted !== null && !isMnist(wanted)) return wanted;
  const digest = createHash('sha256').update(file).digest('hex');
  for (const kind of MNIST_KINDS)
    for (const half of ['train', 'test'] as const) {
      if (LABELS_SHA256[kind][half] !== digest) continue;
      if ((wanted ?? kind) === kind && half === part) return kind;
      const title = (of: ImageKind, which: Part): string => `the ${which} labels of ${IMAGE_KINDS[of].title}`;
      refuseFile(path, title(wanted ?? kind, part), title(kind, half), 'give the right folder', 'data');
    }
  return (
    wanted ??
    refuse(
      path,
      `the kind of data set to read (${MNIST_KINDS.join(' or ')}: their files have the same names)`,
      'labels of neither as published',
    )
  );
}
