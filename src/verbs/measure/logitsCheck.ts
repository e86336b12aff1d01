/**
 * Whether head · features really is the network: beside the logits that a file holds, on some of its samples. A cosine head, a
 * bias that was not saved, or features taken at another place than before the head show themselves here, and only here.
 */
import { refuseShape } from '../../core/errors.js';
import type { ArrayEntry, ArrayFile } from '../../data/index.js';
import type { Head } from '../../model/index.js';
import { divideByNorms } from './featureBatches.js';
import { LOGITS, shapeOf, type Reading } from './roles.js';

export interface LogitsCheck {
  /** Samples that were looked at. */
  readonly samples: number;
  /** Largest difference between a stored logit and that of head and features. */
  readonly largestDifference: number;
  /** Largest stored logit, in size: what to hold it against. */
  readonly largestLogit: number;
  /** Of a cosine head: the scale of its logits, fitted by least squares; else null. */
  readonly scale: number | null;
  readonly agrees: boolean;
}

/** Blocks of rows that are compared, and how many rows each has. */
const BLOCKS = 8;
const BLOCK_ROWS = 32;
/** Of the largest logit: products in TF32 differ by 1e-3, and 16-bit numbers by 1e-2. */
const TOLERANCE = { single: 5e-3, half: 3e-2 } as const;

/** Null where the file holds no logits or has no head. `stored`: the head as it is in the file. */
export async function checkLogits(
  file: ArrayFile,
  features: ArrayEntry,
  stored: { readonly head: Head } | null,
  { normalize = false }: Reading,
): Promise<LogitsCheck | null> {
  if (stored === null || !file.has(LOGITS)) return null;
  const { head } = stored;
  const logits = await file.get(LOGITS);
  const outputs = head.weights[head.weights.length - 1].rows;
  if (logits.rowCount !== features.rowCount || logits.rowLength !== outputs)
    refuseShape(logits.where, `logits of shape ${features.rowCount}×${outputs}`, `shape ${shapeOf(logits)}`);
  const [given, computed]: [number[], number[]] = [[], []];
  const N = features.rowCount;
  const blocks = Math.min(BLOCKS, Math.ceil(N / BLOCK_ROWS));
  let samples = 0;
  for (let block = 0; block < blocks; block++) {
    const start = Math.floor((block * N) / blocks);
    const count = Math.min(BLOCK_ROWS, Math.floor(((block + 1) * N) / blocks) - start);
    const x = Float64Array.from(await features.rows(start, count));
    if (normalize) divideByNorms(x, features.rowLength);
    given.push(...(await logits.rows(start, count)));
    for (let i = 0; i < count; i++)
      computed.push(
        ...answer(head, x.subarray(i * features.rowLength, (i + 1) * features.rowLength), normalize),
      );
    samples += count;
  }
  const scale = normalize ? dot(given, computed) / dot(computed, computed) : 1;
  let [largestDifference, largestLogit] = [0, 0];
  given.forEach((value, i) => {
    largestDifference = Math.max(largestDifference, Math.abs(value - scale * computed[i]));
    largestLogit = Math.max(largestLogit, Math.abs(value));
  });
  const isHalf = [features.dtype, logits.dtype].some((dtype) => dtype === 'float16' || dtype === 'bfloat16');
  const tolerance = isHalf ? TOLERANCE.half : TOLERANCE.single;
  return {
    ...{ samples, largestDifference, largestLogit },
    scale: normalize ? scale : null,
    agrees: largestDifference <= tolerance * largestLogit,
  };
}

/** The logits of one sample x, layer by layer; of a cosine head with rows of norm 1 and no bias. */
function answer({ weights, bias }: Head, x: Float64Array, cosine: boolean): Float64Array {
  let out = x;
  for (const { data, rows, cols } of weights) {
    const input = out;
    const W = cosine ? data.slice() : data;
    if (cosine) divideByNorms(W, cols);
    out = Float64Array.from({ length: rows }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < cols; j++) sum += W[i * cols + j] * input[j];
      return sum;
    });
  }
  return bias === null || cosine ? out : out.map((value, k) => value + bias[k]);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}
