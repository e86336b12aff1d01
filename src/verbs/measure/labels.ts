/**
 * The labels of a file: integers, one-hot rows, or words; and the classes that have samples.
 *
 * Words are numbered in the order of their code points, as numpy.unique and torchvision's ImageFolder number them. Classes
 * without a sample are left out of what is measured: the rest are numbered anew, in order.
 */
import { InputError, refuse, refuseShape } from '../../core/errors.js';
import { integers, type ArrayEntry, type ArrayFile, type WordEntry } from '../../data/index.js';
import { shapeOf } from './roles.js';

export interface RawLabels {
  readonly where: string;
  readonly values: Int32Array;
  /** The words, by number; null for labels that are numbers. */
  readonly names: readonly string[] | null;
}

const MOST_CLASSES = 2 ** 20;
const MOST_SAMPLES = 2 ** 27;
/** Bytes of words or numbers of one-hot rows read at a time. */
const PIECE = 2 ** 20;

/** Reads the labels; their range is not looked at yet. */
export async function readLabels(file: ArrayFile, name: string): Promise<RawLabels> {
  const words = await file.words(name);
  if (words !== null) return { where: words.where, ...(await numberWords(words)) };
  const entry = await file.get(name);
  const isOneHot = entry.shape.length === 2 && Math.min(...entry.shape) > 1;
  return { where: entry.where, values: isOneHot ? await argmax(entry) : await integers(entry), names: null };
}

/** The labels of several files, one after another. Throws where some are words and some are numbers. */
export function joinLabels(parts: readonly RawLabels[]): RawLabels {
  if (parts.length === 1) return parts[0];
  const plain = parts.find(({ names }) => names === null);
  const worded = parts.find(({ names }) => names !== null);
  if (plain !== undefined && worded !== undefined)
    throw new InputError('argument', plain.where, `labels that are words, as in ${worded.where}`, 'numbers');
  const total = parts.reduce((sum, { values }) => sum + values.length, 0);
  if (total > MOST_SAMPLES) refuse('labels', `at most ${MOST_SAMPLES} samples`, total);
  const union = plain !== undefined ? null : unionOfWords(parts.flatMap(({ names }) => names ?? []));
  const values = new Int32Array(total);
  let at = 0;
  for (const part of parts) {
    const partNames = part.names;
    values.set(
      partNames === null
        ? part.values
        : part.values.map((number) => union?.number.get(partNames[number]) ?? 0),
      at,
    );
    at += part.values.length;
  }
  return { where: parts[0].where, values, names: union === null ? null : union.names };
}

function unionOfWords(words: readonly string[]) {
  const names = [...new Set(words)].sort(byCodePoints);
  return { names, number: new Map(names.map((word, k) => [word, k])) };
}

async function numberWords(
  entry: WordEntry,
): Promise<{ readonly values: Int32Array; readonly names: readonly string[] }> {
  const { where, shape, itemCount } = entry;
  if (shape.filter((axis) => axis !== 1).length > 1 || itemCount > MOST_SAMPLES)
    refuseShape(where, 'one label a sample', `shape ${shapeOf(entry)}`);
  const seen = new Map<string, number>();
  const values = new Int32Array(itemCount);
  for (let start = 0; start < itemCount; start += PIECE / 16) {
    const part = await entry.read(start, Math.min(PIECE / 16, itemCount - start));
    part.forEach((word, i) => {
      let number = seen.get(word);
      if (number === undefined) seen.set(word, (number = seen.size));
      if (seen.size > MOST_CLASSES) refuse(where, `at most ${MOST_CLASSES} words`, seen.size);
      values[start + i] = number;
    });
  }
  const names = [...seen.keys()].sort(byCodePoints);
  const order = new Int32Array(names.length);
  names.forEach((word, k) => (order[seen.get(word) ?? 0] = k));
  return { values: values.map((number) => order[number]), names };
}

/** Not by UTF-16 units, which put the rarest characters before some common ones. */
function byCodePoints(a: string, b: string): number {
  const [left, right] = [Array.from(a), Array.from(b)];
  const at = left.findIndex((character, i) => character !== right[i]);
  if (at < 0) return left.length - right.length;
  return at >= right.length ? 1 : (left[at].codePointAt(0) ?? 0) - (right[at].codePointAt(0) ?? 0);
}

/** Rows with a single 1 and zeros: the place of the 1. */
async function argmax(entry: ArrayEntry): Promise<Int32Array> {
  const { where, rowCount, rowLength } = entry;
  const out = new Int32Array(rowCount);
  const step = Math.max(1, Math.floor(PIECE / rowLength));
  for (let start = 0; start < rowCount; start += step) {
    const rows = await entry.rows(start, Math.min(step, rowCount - start));
    for (let i = 0; i * rowLength < rows.length; i++) {
      const row = rows.subarray(i * rowLength, (i + 1) * rowLength);
      const place = row.indexOf(1);
      if (place < 0 || row.some((value, k) => k !== place && value !== 0))
        throw new InputError(
          'argument',
          where,
          'one label a sample, or one-hot rows (a single 1 and zeros)',
          `shape ${shapeOf(entry)} with another row at sample ${start + i}`,
        );
      out[start + i] = place;
    }
  }
  return out;
}
