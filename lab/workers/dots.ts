/** Some samples of each class for the picture: as many in proportion to its size as an eye can tell apart. */
import { portableBlas as blas } from 'collapsar/core';
import type { Matrix } from 'collapsar/core';
import { samplesOf, type Problem } from 'collapsar/model';
import { expandColumns, type UfmTrainer } from 'collapsar/ufm';

/** In all, and of a class at the least. */
const MOST = 120;
const FEWEST = 2;
/** Multiplications that a picture may cost. */
const DEAREST = 8e6;

export interface Dots {
  /** Class of each dot. */
  readonly classes: Uint8Array;
  /** S×K by rows, in the coordinates of `theory/embed.ts`. */
  readonly points: Float64Array;
}

/** How many of each class are drawn. */
export function dotsOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const share = Math.min(1, MOST / total);
  return counts.map((n) => Math.min(n, Math.max(FEWEST, Math.round(n * share))));
}

/** Null where single samples are not kept, or cost too much to work out for every picture. */
export function createDots(problem: Problem) {
  const { counts, widths } = problem;
  const K = counts.length;
  const d = widths[0];
  const drawn = dotsOf(counts);
  const N = samplesOf(problem);
  const classes = Uint8Array.from(drawn.flatMap((n, k) => new Array<number>(n).fill(k)));
  const costly = N * d * Math.min(d, N) > DEAREST;
  /** `map`: d×K, and features are divided by their scale in it. */
  return ({ reduced, parameters }: UfmTrainer, map: Matrix): Dots | null => {
    if (costly || reduced.basis === null) return null;
    const { features } = expandColumns(reduced, parameters.columns, blas);
    const points = new Float64Array(classes.length * K);
    let [row, first] = [0, 0];
    drawn.forEach((n, k) => {
      for (let i = 0; i < n; i++, row++)
        for (let r = 0; r < d; r++) {
          const value = features.data[(first + i) * d + r];
          for (let c = 0; c < K; c++) points[row * K + c] += value * map.data[r * K + c];
        }
      first += counts[k];
    });
    return { classes, points };
  };
}
