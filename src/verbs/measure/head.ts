/**
 * The head of a file: weights out×in, and the biases of its layers folded into one,
 *   b = b_M + W_M(b_{M−1} + W_{M−1}(… + W_2 b_1)),
 * which is what the layers compute one by one.
 */
import { InputError, refuse, refuseShape } from '../../core/errors.js';
import { matrix, type Matrix } from '../../core/matrix.js';
import type { ArrayEntry, ArrayFile } from '../../data/index.js';
import { checkChain } from '../../head/index.js';
import type { Head } from '../../model/index.js';
import { shapeOf, type HeadNames } from './roles.js';

export interface FoldedHead {
  readonly head: Head;
  /** The hidden biases that went into the one bias. */
  readonly folded: readonly string[];
}

/** Reads the layers that `names` names and checks that they chain from d features. `named`: by the user. */
export async function readHead(
  file: ArrayFile,
  names: HeadNames,
  d: number,
  named: boolean,
): Promise<FoldedHead> {
  const weights: Matrix[] = [];
  let numbers = 0;
  for (const name of names.weights) {
    const entry = await file.get(name);
    if (entry.shape.length !== 2)
      refuseShape(entry.where, 'a weight matrix, out×in', `shape ${shapeOf(entry)}`);
    numbers += entry.itemCount;
    refuseMoreThanFile(file, 'head weights', numbers);
    weights.push(matrix(await finite(entry), entry.shape[0], entry.shape[1]));
  }
  const first = weights[0];
  if (first.cols !== d) {
    const turned = `this looks like in×out: write ${names.weights[0]}.T, ${first.cols}×${first.rows}`;
    const order = named ? `the order was ${names.weights.join(',')}` : undefined;
    refuseShape(
      `${file.name}[${names.weights[0]}]`,
      `${d} columns, one for each feature (weights are out×in, the first is nearest the features)`,
      `${first.rows}×${first.cols}`,
      first.rows === d ? turned : order,
    );
  }
  checkChain(weights, [...names.weights]);
  const biases: (Float64Array | null)[] = [];
  for (const [m, name] of names.biases.entries())
    biases.push(name === null ? null : await readBias(file, name, weights[m].rows, m === weights.length - 1));
  if (names.sameAsLast !== null) {
    const last = biases[biases.length - 1];
    const other = await readBias(file, names.sameAsLast, weights[weights.length - 1].rows, true);
    if (last !== null && other.some((value, k) => value !== last[k])) {
      const name = names.biases[names.biases.length - 1];
      throw new InputError(
        'argument',
        file.name,
        'one bias of the last layer',
        `${name} and ${names.sameAsLast}, which differ`,
        'say which is meant',
        'biasName',
      );
    }
  }
  return {
    head: { weights, bias: foldBiases(weights, biases) },
    folded: names.biases.slice(0, -1).filter((name) => name !== null),
  };
}

/** One bias for all: null where no layer has one. weights: W_1 … W_M, biases: of each layer, or null. */
export function foldBiases(
  weights: readonly Matrix[],
  biases: readonly (Float64Array | null)[],
): Float64Array | null {
  let sum: Float64Array | null = null;
  weights.forEach(({ data, rows, cols }, m) => {
    const below = sum;
    const bias = biases[m];
    if (below === null) {
      sum = bias;
      return;
    }
    sum = Float64Array.from({ length: rows }, (_, i) => {
      let value = bias === null ? 0 : bias[i];
      for (let j = 0; j < cols; j++) value += data[i * cols + j] * below[j];
      return value;
    });
  });
  return sum;
}

async function readBias(file: ArrayFile, name: string, size: number, isLast: boolean): Promise<Float64Array> {
  const entry = await file.get(name);
  if (entry.itemCount !== size)
    refuseShape(
      entry.where,
      `a bias of ${size}, one for each ${isLast ? 'class' : 'output of its layer'}`,
      `shape ${shapeOf(entry)}`,
    );
  return finite(entry);
}

/** Numbers that any file may ask to hold, 32 MB of them. */
const HELD_FREELY = 2 ** 22;

/**
 * Refuses to hold more numbers at once than the file has bytes, but for a few millions: a small one, packed, could otherwise
 * ask for a thousand times its size.
 */
export function refuseMoreThanFile(
  file: Pick<ArrayFile, 'name' | 'byteSize'>,
  what: string,
  numbers: number,
): void {
  const most = HELD_FREELY + file.byteSize;
  if (numbers > most)
    throw new InputError(
      'argument',
      file.name,
      `${what} of at most ${most} numbers, for a file of ${file.byteSize} bytes`,
      `${numbers}`,
    );
}

/** All numbers of an array; throws an argument error for one that is not finite. */
export async function finite(entry: ArrayEntry): Promise<Float64Array> {
  const values = await entry.all();
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) refuse(entry.where, 'finite numbers', values[bad], `entry ${bad}`);
  return values;
}
