/**
 * The Python version of CIFAR-10 and CIFAR-100, as torchvision unpacks it: a pickled dict of `data`, N×3072 bytes in planes R, G, B, and
 * lists of labels. Nothing in it is run (`pickle.ts`).
 *
 * Source: https://www.cs.toronto.edu/~kriz/cifar.html ("python version"; written by Python 2, keys are text or bytes). Limits:
 * 256 MiB a file (CIFAR-100's has 155 MB), held in memory with its pixels.
 */
import { type CifarRecords, interleave } from './cifar.js';
import { CIFAR_PICKLES, type CifarKind } from './cifarFacts.js';
import { arrayNumbers, numpyNames, type PickledArray, pickledArray } from './numpyPickle.js';
import { type PickleValue, readPickle, textKeys } from './pickle.js';
import { refuseBytes } from './refuseBytes.js';

const PIXELS = 3 * 32 * 32;
export const MOST_PICKLED = 2 ** 28;

/** The samples of one file. Throws a format error naming it for any other pickle, and for labels that do not fit. */
export function readCifarPickle(bytes: Uint8Array, where: string, kind: CifarKind): CifarRecords {
  const { title, classes, labels: key } = CIFAR_PICKLES[kind];
  const hint = `is it the Python version of ${title}?`;
  const entries = textKeys(readPickle(bytes, where, numpyNames(where, hint), MOST_PICKLED));
  if (entries === null) return refuseBytes(where, 'a pickled dict', 'another value', hint);
  const data = pickledArray(entries.get('data'));
  if (data === null || !isPixels(data))
    return refuseBytes(
      where,
      `an array data of N×${PIXELS} bytes`,
      data === null ? 'none' : `${data.shape.join('×')} items of ${data.itemSize} bytes`,
      hint,
    );
  const labels = labelsOf(entries.get(key)) ?? refuseBytes(where, `a list ${key}`, 'none', hint);
  const [samples] = data.shape;
  if (labels.length !== samples || samples === 0)
    refuseBytes(where, `${samples} ${key}, one an image, and at least one`, labels.length);
  labels.forEach((label, i) => {
    if (!(Number.isInteger(label) && label >= 0 && label < classes))
      refuseBytes(where, `a label of 0 to ${classes - 1} for image ${i}`, label, hint);
  });
  const pixels = new Uint8Array(samples * PIXELS);
  for (let i = 0; i < samples; i++) interleave(data.bytes, i * PIXELS, pixels, i * PIXELS);
  return { samples, pixels, labels: Int32Array.from(labels) };
}

function isPixels({ shape, itemSize, signed }: PickledArray): boolean {
  return shape.length === 2 && shape[1] === PIXELS && itemSize === 1 && !signed;
}

function labelsOf(value: PickleValue | undefined): number[] | null {
  const array = pickledArray(value);
  if (array !== null) return arrayNumbers(array);
  return Array.isArray(value) && value.every((label) => typeof label === 'number') ? value : null;
}
