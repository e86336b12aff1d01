/**
 * Files of features, labels and head weights, as `measure` reads them: rows are samples, weights out×in. Several files are
 * shards of one snapshot: their samples one after another, under the one head.
 */
import { InputError, refuseShape } from '../../core/errors.js';
import { listNames, type ArrayEntry, type ArrayFile } from '../../data/index.js';
import type { FeatureBatches } from '../../metrics/index.js';
import type { Head } from '../../model/index.js';
import { classesOf, type ClassLabels } from './classes.js';
import { batchesOf, type Part } from './featureBatches.js';
import { readHead, refuseMoreThanFile, type FoldedHead } from './head.js';
import { cosineHead, outputsOf, rowsOf, twoOutputs } from './headForms.js';
import { joinLabels, readLabels, type RawLabels } from './labels.js';
import { checkLogits, type LogitsCheck } from './logitsCheck.js';
import { notesOf } from './readingNotes.js';
import {
  featureNames,
  hasHeadFor,
  headNames,
  labelsName,
  LOGITS,
  plainShape,
  shapeOf,
  type HeadNames,
  type Reading,
} from './roles.js';

export interface FeatureFile {
  readonly batches: FeatureBatches;
  /** N of class indices 0 … K−1, every class present; −1 for samples that do not count. */
  readonly labels: Int32Array;
  readonly counts: readonly number[];
  /** The rows of the classes that are there; null when the file holds no weights: feature measures only. */
  readonly head: Head | null;
  /** Where the head has outputs that no sample has: all of it, and the output of each class. */
  readonly all: { readonly head: Head; readonly outputs: Int32Array } | null;
  /** The label of each class in the file. */
  readonly classLabels: readonly number[];
  /** Labels that no sample has. */
  readonly absentClasses: readonly number[];
  /** The words of labels that are words, or the names that were given. */
  readonly classNames: readonly string[] | null;
  /** The words of the labels, by number, for the labels of other files. */
  readonly words: readonly string[] | null;
  /** What was read in a way that the user may want to know of. */
  readonly notes: readonly string[];
  /** Arrays of the file that nothing was made of. */
  readonly notUsed: readonly string[];
  /** Head · features beside what the network answered, where the file has that. */
  readonly logits: LogitsCheck | null;
  /** Why theory has nothing to say of this network, a clause; null where it may. */
  readonly outsideTheory: string | null;
  /** Biases of hidden layers of the head, folded into that of the last. */
  readonly hiddenBiases: readonly string[];
  /** The arrays that were asked for as layers, in order. */
  readonly layers: readonly { readonly name: string; readonly batches: FeatureBatches }[];
}

/** Opens the arrays and checks that they fit together; features are not read yet. */
export function openFeatureFile(file: ArrayFile, reading: Reading = {}): Promise<FeatureFile> {
  return openFeatureFiles([file], reading);
}

/** The same for shards of one snapshot, under the head of the first, or of `headFile`. */
export async function openFeatureFiles(files: readonly ArrayFile[], reading: Reading): Promise<FeatureFile> {
  const opened: OpenedPart[] = [];
  for (const file of files) opened.push(await openPart(file, reading));
  const [first] = opened;
  checkWidths(opened);
  const { d } = first;
  const raw = joinLabels(opened.map((part) => part.raw));
  const read = await openHead(first, reading);
  const binary = read !== null && outputsOf(read.head) === 1;
  const whole = read === null ? null : measuredForm(read.head, first.file.name, reading);
  const classes = classesOf(raw, whole === null ? undefined : outputsOf(whole), reading.ignore);
  const K = classes.counts.length;
  const bytes = files.reduce((sum, { byteSize }) => sum + byteSize, reading.headFile?.byteSize ?? 0);
  refuseMoreThanFile({ name: first.file.name, byteSize: bytes }, `means of ${K} classes`, K * d);
  const partial = whole !== null && classes.absent.length > 0;
  const parts = partsOf(opened, classes.labels);
  const logits = whole === null ? null : await checkLogits(first.file, first.features, read, reading);
  const used = usedNames(first, read?.names ?? null, logits !== null, reading);
  return {
    ...{ labels: classes.labels, counts: classes.counts, words: raw.names, logits },
    head: partial ? rowsOf(whole, classes.outputs) : whole,
    all: partial ? { head: whole, outputs: classes.outputs } : null,
    classLabels: Array.from(classes.values),
    absentClasses: classes.absent,
    classNames: classNamesOf(reading, raw, classes, whole),
    notes: notesOf({
      ...{ part: first, raw, classes, whole, binary, reading, shards: files.length },
      layers: read?.names ?? null,
      folded: read?.folded ?? [],
    }),
    notUsed: first.file.names.filter((name) => !used.has(name)),
    batches: batchesOf(parts, d, reading.normalize === true),
    hiddenBiases: read?.folded ?? [],
    outsideTheory: outsideTheory({ binary, normalize: reading.normalize === true, logits }),
    layers: await layersOf(opened, classes.labels, reading),
  };
}

/** One logit as two, and rows of norm 1 where that is wanted. */
function measuredForm(head: Head, file: string, { normalize }: Reading): Head {
  const outputs = outputsOf(head) === 1 ? twoOutputs(head) : head;
  return normalize === true ? cosineHead(outputs, file) : outputs;
}

/** The head that a file would be measured under; null where it has none. */
export async function headOfFile(file: ArrayFile, reading: Reading): Promise<Head | null> {
  return (await openHead(await openPart(file, reading), reading))?.head ?? null;
}

export interface OpenedPart {
  readonly file: ArrayFile;
  readonly labelName: string;
  readonly raw: RawLabels;
  readonly features: ArrayEntry;
  /** Names of the arrays of all layers, where they were given or could be told. */
  readonly layers: readonly string[];
  readonly d: number;
}

/** The labels and features of one file. */
export async function openPart(file: ArrayFile, reading: Reading): Promise<OpenedPart> {
  const labelName = labelsName(file, reading);
  const raw = await readLabels(file, labelName);
  const N = raw.values.length;
  const K = new Set(raw.values).size;
  const head = reading.headFile ?? file;
  const fits = (d: number) => hasHeadFor(head, reading, d, K);
  const names = await featureNames(file, reading, labelName, N, fits);
  const features = await file.get(names.features);
  return { file, labelName, raw, features, layers: names.layers, d: checkFeatures(features, N) };
}

interface OpenedHead extends FoldedHead {
  readonly names: HeadNames;
  readonly file: ArrayFile;
}

async function openHead(part: OpenedPart, reading: Reading): Promise<OpenedHead | null> {
  const { file, labelName, features, d, raw, layers } = part;
  const elsewhere = reading.headFile;
  const from = elsewhere ?? file;
  const used = elsewhere === undefined ? [labelName, features.name, LOGITS, ...layers] : [];
  const names = await headNames(from, reading, d, used, new Set(raw.values).size);
  if (names !== null)
    return { file: from, names, ...(await readHead(from, names, d, reading.weights !== undefined)) };
  const isWanted = reading.weights?.[0] !== 'none';
  if (elsewhere !== undefined && isWanted)
    throw new InputError(
      'argument',
      elsewhere.name,
      `head weights out×${d}`,
      `none among ${listNames(elsewhere.names)}`,
      'name them',
      'weights',
    );
  return null;
}

/** d. Refuses features that are not a row a sample. */
function checkFeatures(features: ArrayEntry, N: number): number {
  const shape = plainShape(features.shape);
  if (features.shape.length < 2 || shape.length > 2)
    refuseShape(
      features.where,
      'N×d features, rows are samples',
      `shape ${shapeOf(features)}`,
      shape.length > 2 ? 'make one row a sample: features.mean((2, 3)) or features.flatten(1)' : undefined,
    );
  const d = shape.length === 1 ? 1 : shape[1];
  if (shape[0] !== N)
    refuseShape(
      features.where,
      `a row for each of the ${N} labels`,
      `shape ${shapeOf(features)}`,
      d === N ? 'this looks transposed: rows are samples' : undefined,
    );
  return d;
}

/** Refuses shards whose features are not of one dimension. */
export function checkWidths(parts: readonly Pick<OpenedPart, 'features' | 'd'>[]): void {
  const [first] = parts;
  const other = parts.find(({ d }) => d !== first.d);
  if (other !== undefined)
    refuseShape(
      other.features.where,
      `${first.d} features a sample, as in ${first.features.where}`,
      `${other.d}`,
    );
}

/** The samples of each file, with their part of the labels of all. */
export function partsOf(opened: readonly OpenedPart[], labels: Int32Array): Part[] {
  let at = 0;
  return opened.map(({ features, raw }) => {
    const from = at;
    at += raw.values.length;
    return { features, labels: labels.subarray(from, at) };
  });
}

async function layersOf(
  opened: readonly OpenedPart[],
  labels: Int32Array,
  reading: Reading,
): Promise<FeatureFile['layers']> {
  const layers = [];
  for (const name of opened[0].layers) {
    const parts: OpenedPart[] = [];
    for (const part of opened) {
      const features = await part.file.get(name);
      parts.push({ ...part, features, d: checkFeatures(features, part.raw.values.length) });
    }
    checkWidths(parts);
    layers.push({ name, batches: batchesOf(partsOf(parts, labels), parts[0].d, reading.normalize === true) });
  }
  return layers;
}

function usedNames(part: OpenedPart, head: HeadNames | null, logits: boolean, reading: Reading): Set<string> {
  const here = reading.headFile === undefined && head !== null;
  return new Set([
    part.labelName,
    part.features.name,
    ...part.layers,
    ...(logits ? [LOGITS] : []),
    ...(here ? [...head.weights, ...head.biases.filter((name) => name !== null)] : []),
    ...(here && head.sameAsLast !== null ? [head.sameAsLast] : []),
  ]);
}

function classNamesOf(
  { classNames }: Reading,
  { names }: RawLabels,
  { values, outputs }: ClassLabels,
  whole: Head | null,
): string[] | null {
  if (classNames === undefined) return names === null ? null : Array.from(values, (label) => names[label]);
  const expected = whole === null ? Math.max(...outputs) + 1 : outputsOf(whole);
  if (classNames.length !== expected && classNames.length !== outputs.length)
    throw new InputError('argument', 'class-names', `${expected} names`, String(classNames.length));
  return Array.from(outputs, (output, k) => classNames[classNames.length === expected ? output : k]);
}

function outsideTheory(is: {
  readonly binary: boolean;
  readonly normalize: boolean;
  readonly logits: LogitsCheck | null;
}): string | null {
  if (is.binary)
    return 'one logit for two classes (a sigmoid) is another problem than two outputs: no theory of it here';
  if (is.normalize)
    return 'of normalised features and cosine heads there is no theory here: their norms are fixed, not decayed';
  if (is.logits !== null && !is.logits.agrees)
    return 'head and features do not give the stored logits: this is not the network that was trained';
  return null;
}
