/** Angles between the rows of a classifier, pair by pair: what a picture in three dimensions cannot show of four classes or more. */
import type { Matrix } from 'collapsar/core';
import { frameEntry, frameSize, type Frame } from 'collapsar/model';

export interface PairAngle {
  readonly i: number;
  readonly j: number;
  readonly degrees: number;
}

/** Shorter than this share of the longest, a vector has no direction. */
const NO_DIRECTION = 1e-3;

/** Of a Gram matrix; pairs with a vector that is next to nothing are left out. */
export function anglesOf(gram: Frame): PairAngle[] {
  return pairs(frameSize(gram), (i, j) => frameEntry(gram, i, j));
}

/** Of the rows of P, K×d; `size`: a length that is not small. */
export function anglesOfRows({ data, rows, cols }: Matrix, size: number): PairAngle[] {
  return pairs(
    rows,
    (i, j) => {
      let sum = 0;
      for (let c = 0; c < cols; c++) sum += data[i * cols + c] * data[j * cols + c];
      return sum;
    },
    size,
  );
}

function pairs(K: number, inner: (i: number, j: number) => number, size = 0): PairAngle[] {
  const lengths = Array.from({ length: K }, (_, k) => Math.sqrt(Math.max(0, inner(k, k))));
  const least = NO_DIRECTION * Math.max(size, ...lengths);
  const found: PairAngle[] = [];
  for (let i = 0; i < K; i++)
    for (let j = i + 1; j < K; j++) {
      if (!(lengths[i] > least && lengths[j] > least)) continue;
      const cosine = inner(i, j) / (lengths[i] * lengths[j]);
      found.push({ i, j, degrees: (Math.acos(Math.max(-1, Math.min(1, cosine))) * 180) / Math.PI });
    }
  return found;
}

/** The angle that K vectors can have between every two at the most. */
export function widestAngle(K: number): number {
  return (Math.acos(-1 / (K - 1)) * 180) / Math.PI;
}

/** "90°", or "81.3° to 97°" where they differ; null for none. */
export function rangeWords(angles: readonly PairAngle[]): string | null {
  if (angles.length === 0) return null;
  let [least, most] = [Infinity, -Infinity];
  for (const { degrees } of angles) [least, most] = [Math.min(least, degrees), Math.max(most, degrees)];
  const words = (angle: number) => `${Number(angle.toFixed(1))}°`;
  return most - least > 0.1 ? `${words(least)} to ${words(most)}` : words(least);
}
