/**
 * From labels to classes: which outputs of the head they stand for, which of them have samples, and what is left out.
 *
 * A label is the number of its output. Labels from 1 to K, and K distinct labels with gaps, are taken in order, which is said;
 * what would need a guess is refused.
 */
import { InputError, refuse } from '../../core/errors.js';
import type { RawLabels } from './labels.js';

export interface ClassLabels {
  /** N, of 0 … K−1; −1 for samples that are left out. */
  readonly labels: Int32Array;
  /** n_k > 0, K of them. */
  readonly counts: readonly number[];
  /** The label of each class in the file, ascending. */
  readonly values: Int32Array;
  /** The output of the head that each class has. */
  readonly outputs: Int32Array;
  /** Labels of outputs, or below the largest label, that no sample has. */
  readonly absent: readonly number[];
  /** How labels were taken, where not as they are: a sentence. */
  readonly note: string | null;
  /** Samples with an ignored label. */
  readonly ignored: number;
}

const MOST_CLASSES = 2 ** 20;

/** Numbers the classes that have samples. `outputs`: of the head, where there is one; `ignore`: labels that are left out. */
export function classesOf(
  raw: RawLabels,
  outputs: number | undefined,
  ignore: readonly string[] = [],
): ClassLabels {
  const { where, values, names } = raw;
  if (values.length === 0) refuse(where, 'at least one sample', 0);
  const leftOut = ignoredNumbers(raw, ignore);
  const tally = new Map<number, number>();
  let ignored = 0;
  for (const label of values)
    if (leftOut.has(label)) ignored++;
    else tally.set(label, (tally.get(label) ?? 0) + 1);
  const distinct = [...tally.keys()].sort((a, b) => a - b);
  if (distinct.length === 0) refuse(where, 'samples whose label is not ignored', 'none');
  const { outputOf, note } = outputsOf(raw, distinct, outputs);
  const place = new Map(distinct.map((label, k) => [label, k]));
  const plain = ignored === 0 && distinct[0] === 0 && distinct[distinct.length - 1] === distinct.length - 1;
  return {
    labels: plain ? values : values.map((label) => place.get(label) ?? -1),
    counts: distinct.map((label) => tally.get(label) ?? 0),
    values: Int32Array.from(distinct),
    outputs: Int32Array.from(distinct, outputOf),
    absent: absentLabels(distinct, outputs, outputOf, names !== null),
    note,
    ignored,
  };
}

/** The class of each label of another file, by what training has; −1 for ignored ones. Throws for a label that training lacks. */
export function classesAsIn(
  training: Pick<ClassLabels, 'values'> & { readonly names: readonly string[] | null },
  { where, values, names }: RawLabels,
  ignore: readonly string[],
): Int32Array {
  if ((names === null) !== (training.names === null))
    throw new InputError(
      'argument',
      where,
      `labels that are ${training.names === null ? 'numbers' : 'words'}, as in training`,
      names === null ? 'numbers' : 'words',
    );
  const leftOut = ignoredNumbers({ where, values, names }, ignore);
  const place = new Map<number | string, number>();
  training.values.forEach((label, k) =>
    place.set(training.names === null ? label : training.names[label], k),
  );
  return values.map((label, i) => {
    if (leftOut.has(label)) return -1;
    const key = names === null ? label : names[label];
    return place.get(key) ?? refuse(where, 'labels that training has samples of', key, `sample ${i}`);
  });
}

function ignoredNumbers({ where, names }: RawLabels, ignore: readonly string[]): Set<number> {
  const out = new Set<number>();
  for (const text of ignore) {
    const typed = text.trim() === '' ? NaN : Number(text);
    const number = names === null ? typed : names.indexOf(text);
    if (names === null && !Number.isInteger(number))
      refuse('ignore', 'an integer, as the labels are', text, where);
    out.add(number);
  }
  return out;
}

/** Which output a label stands for. */
function outputsOf(
  { where, values, names }: RawLabels,
  distinct: readonly number[],
  outputs: number | undefined,
): { readonly outputOf: (label: number) => number; readonly note: string | null } {
  const [low, high] = [distinct[0], distinct[distinct.length - 1]];
  const first = (test: (label: number) => boolean): string => `sample ${values.findIndex(test)}`;
  const asTheyAre = { outputOf: (label: number) => label, note: null };
  const order = new Map(distinct.map((label, k) => [label, k]));
  const inOrder = (label: number): number => order.get(label) ?? 0;
  if (names === null && outputs === 2 && low === -1 && high === 1 && distinct.length === 2)
    return { outputOf: inOrder, note: 'the labels −1 and 1 are taken as the outputs 0 and 1 of the head' };
  if (low < 0)
    refuse(
      where,
      'class indices from 0',
      low,
      `${first((label) => label < 0)}; samples of a label that does not count can be left out`,
      'ignore',
    );
  if (names !== null && outputs !== undefined) {
    if (distinct.length !== outputs)
      throw new InputError(
        'argument',
        where,
        `${outputs} different words, one for each output of the head`,
        `${distinct.length}`,
        'give the numbers of the outputs as labels',
      );
    return { outputOf: inOrder, note: null };
  }
  if (outputs !== undefined && high >= outputs) {
    if (low === 1 && high === outputs)
      return {
        outputOf: (label) => label - 1,
        note: `the labels run from 1 to ${high} and are taken as the outputs 0 to ${high - 1} of the head: subtract 1`,
      };
    if (distinct.length === outputs)
      return {
        outputOf: inOrder,
        note: `the ${outputs} labels have gaps (${low} to ${high}) and are taken in order, the smallest as output 0 of the head`,
      };
    const hint = first((label) => label >= outputs);
    refuse(where, `class indices below ${outputs}, the outputs of the head`, high, hint);
  }
  if (high >= MOST_CLASSES) refuse(where, `class indices below ${MOST_CLASSES}`, high);
  return asTheyAre;
}

/** More outputs without samples than this are counted, not listed. */
const MOST_LISTED = 2 ** 20;

function absentLabels(
  distinct: readonly number[],
  outputs: number | undefined,
  outputOf: (label: number) => number,
  words: boolean,
): number[] {
  const last = distinct[distinct.length - 1];
  if (words) return [];
  const size = Math.min(MOST_LISTED, outputs ?? last + 1);
  const seen = new Set(distinct.map(outputOf));
  if (seen.size === size) return [];
  const shift = distinct[0] - outputOf(distinct[0]);
  return Array.from({ length: size }, (_, output) => output).flatMap((output) =>
    seen.has(output) ? [] : [output + shift],
  );
}
