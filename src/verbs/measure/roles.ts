/**
 * Which array of a file is what: features, labels, the layers of the head and their biases.
 *
 * A name that the user gives decides; else the names that `measure` documents; else the usual ones of PyTorch and
 * scikit-learn, by name and shape. What could be meant in two ways is refused, with the candidates and their shapes.
 */
import { InputError, refuse } from '../../core/errors.js';
import { listNames, type ArrayEntry, type ArrayFile } from '../../data/index.js';

/** Which arrays of the file to read; the defaults are `features`, `labels`, `W1` … `WM`, `b1` … `bM` and `b`. */
export interface ArrayNames {
  readonly features?: string | undefined;
  readonly labels?: string | undefined;
  /** Features first; `['none']` for no head at all. */
  readonly weights?: readonly string[] | undefined;
  /** The last bias; `none` for no bias at all. */
  readonly bias?: string | undefined;
  /** Feature arrays of several layers, from the input on: each is measured by itself, too. */
  readonly layers?: readonly string[] | undefined;
}

/** How a file of features is read, beside the names of its arrays. */
export interface Reading extends ArrayNames {
  /** A checkpoint that holds the head, in place of the file itself. */
  readonly headFile?: ArrayFile | undefined;
  /** Labels of samples that do not count. */
  readonly ignore?: readonly string[] | undefined;
  /** One for each class, in order; the labels themselves by default. */
  readonly classNames?: readonly string[] | undefined;
  /** Features and rows of the head divided by their norms: for heads of cosines. */
  readonly normalize?: boolean | undefined;
}

/** The names of a head: its layers, features first, and a bias of each or null. */
export interface HeadNames {
  readonly weights: readonly string[];
  readonly biases: readonly (string | null)[];
  /** Another name of the last bias that the file has beside it: both must be equal. */
  readonly sameAsLast: string | null;
}

const FEATURES = ['features', 'X', 'x', 'feats', 'embeddings', 'embedding', 'activations'];
const LABELS = ['labels', 'y', 'Y', 'label', 'targets', 'target'];
const USUAL_HEAD =
  /^(?:.*\.)?(?:fc|classifier|head|linear|output|out|out_proj|score|logits|lm_head|last_layer|weight|W)(?:\.weight)?$/;

/** The shape without axes of length 1 behind the first: N×C×1×1 is N×C. */
export function plainShape(shape: readonly number[]): readonly number[] {
  return shape.filter((axis, i) => i === 0 || axis !== 1);
}

/** The array of labels: its name. */
export function labelsName(file: ArrayFile, names: ArrayNames): string {
  const usual = names.labels ?? LABELS.find((name) => file.has(name));
  return usual ?? refuseAbsent(file, 'labels');
}

/** The array of features, and those of all layers where several could be meant. */
export interface FeatureNames {
  readonly features: string;
  readonly layers: readonly string[];
}

/** The array of features of N samples. `fits`: whether the head reads d features, which chooses among several layers. */
export async function featureNames(
  file: ArrayFile,
  names: ArrayNames,
  labels: string,
  N: number,
  fits: (d: number) => Promise<boolean>,
): Promise<FeatureNames> {
  const layers = names.layers ?? [];
  const usual = names.features ?? FEATURES.find((name) => file.has(name) && name !== labels) ?? layers.at(-1);
  if (usual !== undefined) return { features: usual, layers };
  const shapes = await shapesOf(file);
  const candidates = shapes.filter(
    ({ name, shape }) =>
      name !== labels &&
      name !== LOGITS &&
      shape.length >= 2 &&
      shape[0] === N &&
      !/^W\d+$|weight$/.test(name),
  );
  if (candidates.length === 1) return { features: candidates[0].name, layers };
  const read: string[] = [];
  for (const { name, shape } of candidates) if (shape.length === 2 && (await fits(shape[1]))) read.push(name);
  if (read.length === 1) return { features: read[0], layers: candidates.map(({ name }) => name) };
  if (candidates.length === 0) refuseAbsent(file, 'features');
  throw new InputError(
    'argument',
    file.name,
    'an array features',
    `${candidates.length} that could be: ${listShapes(candidates)}`,
    'choose one by its name, or name all of them as layers',
    'features',
  );
}

/** The array of what the network answered, where a file has it. */
export const LOGITS = 'logits';

/** Whether the file has a head, by name and shape, that reads d features. */
export async function hasHeadFor(
  file: ArrayFile,
  names: ArrayNames,
  d: number,
  classes: number,
): Promise<boolean> {
  try {
    const head = await headNames(file, names, d, [], classes);
    return head !== null && (await file.get(head.weights[0])).shape[1] === d;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** The names of the head that reads d features of so many classes; null where the file holds none. */
export async function headNames(
  file: ArrayFile,
  names: ArrayNames,
  d: number,
  used: readonly string[],
  classes: number,
): Promise<HeadNames | null> {
  const noHead = names.weights?.length === 1 && names.weights[0] === 'none' && !file.has('none');
  const weights = noHead ? [] : (names.weights ?? (await weightNames(file, d, used, classes)));
  if (weights.length === 0) {
    if (names.bias !== undefined) refuse('bias-name', 'weights beside the bias', names.bias);
    return null;
  }
  if (names.bias === 'none' && !file.has('none'))
    return { weights, biases: weights.map(() => null), sameAsLast: null };
  const biases = weights.map((name) => biasBeside(file, name));
  const last = biases[biases.length - 1];
  const plain = file.has('b') && !weights.includes('b') ? 'b' : null;
  return {
    weights,
    biases: [...biases.slice(0, -1), names.bias ?? last ?? plain],
    sameAsLast: names.bias === undefined && last !== null && plain !== last ? plain : null,
  };
}

/** The bias that belongs to a layer, by its name: W2 and b2, fc.weight and fc.bias, weight and bias. */
function biasBeside(file: ArrayFile, weight: string): string | null {
  const name = /^W\d*$/.test(weight) ? weight.replace('W', 'b') : weight.replace(/weight$/, 'bias');
  return name !== weight && file.has(name) ? name : null;
}

async function weightNames(
  file: ArrayFile,
  d: number,
  used: readonly string[],
  classes: number,
): Promise<string[]> {
  const numbered = numberedWeights(file);
  if (numbered.length > 0) return numbered;
  const others = (await shapesOf(file)).filter(
    ({ name, shape }) => !used.includes(name) && shape.length === 2 && Math.min(...shape) > 0,
  );
  const chains = sequencesIn(others).filter((each) => each.length > 1 && isChain(each, d));
  if (chains.length === 1) return chains[0].map(({ name }) => name);
  const fitting = others.filter(({ shape }) => shape[1] === d);
  const usual = fitting.filter(({ name }) => USUAL_HEAD.test(name) || /(?:^|\.)\d+\.weight$/.test(name));
  const ofClasses = fitting.filter(({ shape }) => shape[0] === classes);
  for (const list of [usual, ofClasses, fitting]) if (list.length === 1) return [list[0].name];
  const named = others.filter(({ name }) => USUAL_HEAD.test(name) || name.endsWith('weight'));
  const candidates = fitting.length > 0 ? fitting : named;
  if (candidates.length === 0) return [];
  const turned = candidates.length === 1 && candidates[0].shape[0] === d;
  throw new InputError(
    'dimension',
    file.name,
    `head weights W1 … WM, or one array out×${d}`,
    listShapes(candidates),
    turned
      ? `weights are out×in: write ${candidates[0].name}.T, ${candidates[0].shape[1]}×${d}`
      : 'name the layers, nearest the features first, or measure the features alone',
    turned ? undefined : 'weights',
  );
}

/** W1, W2, … without a gap. */
export function numberedWeights(file: ArrayFile): string[] {
  const names: string[] = [];
  while (file.has(`W${names.length + 1}`)) names.push(`W${names.length + 1}`);
  const stray = file.names.find((name) => /^W\d+$/.test(name) && !names.includes(name));
  if (stray !== undefined)
    refuse(file.name, `weights W1, W2, … without a gap`, stray, 'name them', 'weights');
  return names;
}

/** head.0.weight, head.2.weight: the layers of one Sequential, in order. */
function sequencesIn(arrays: readonly Shaped[]): Shaped[][] {
  const groups = new Map<string, { place: number; array: Shaped }[]>();
  for (const array of arrays) {
    const match = /^(.*?)(\d+)\.weight$/.exec(array.name);
    if (match === null) continue;
    const group = groups.get(match[1]) ?? [];
    group.push({ array, place: Number(match[2]) });
    groups.set(match[1], group);
  }
  return [...groups.values()].map((group) =>
    group.sort((a, b) => a.place - b.place).map(({ array }) => array),
  );
}

function isChain(layers: readonly Shaped[], d: number): boolean {
  return layers.every(({ shape }, m) => shape[1] === (m === 0 ? d : layers[m - 1].shape[0]));
}

interface Shaped {
  readonly name: string;
  readonly shape: readonly number[];
}

/** A file has at most this many arrays looked at by shape. */
const MOST_ARRAYS = 5000;

/** The plain shapes of the arrays of numbers; those that cannot be read are left out, as nobody asked for them. */
async function shapesOf(file: ArrayFile): Promise<Shaped[]> {
  const shapes: Shaped[] = [];
  for (const name of file.names.slice(0, MOST_ARRAYS)) {
    const entry = await file.get(name).catch((error: unknown) => {
      if (error instanceof InputError && error.code === 'format') return null;
      throw error;
    });
    if (entry !== null) shapes.push({ name, shape: plainShape(entry.shape) });
  }
  return shapes;
}

function listShapes(arrays: readonly Shaped[]): string {
  const list = arrays.slice(0, 10).map(({ name, shape }) => `${name} ${shapeOf({ shape })}`);
  return listNames([...list, ...(arrays.length > 10 ? [`… ${arrays.length} in all`] : [])]);
}

function refuseAbsent(file: ArrayFile, usual: string): never {
  throw new InputError(
    'argument',
    file.name,
    `an array ${usual}`,
    file.names.length === 0 ? 'none' : `none, but ${listNames(file.names)}`,
    `name another with --${usual}`,
  );
}

/** `40×6`. */
export function shapeOf({ shape }: Pick<ArrayEntry, 'shape'>): string {
  return shape.join('×') || 'of a single number';
}
