import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { createReducer, drawReduced, expandColumns, type ReducedColumns } from '../../src/ufm/index.js';
import { BLASES } from '../support/blases.js';

const blas = BLASES[0];
const DRAWS = 4000;
const STD = 0.3;

/** Brute force: N normal samples, reduced. */
function reduceSamples(
  counts: readonly number[],
  d: number,
  random: ReturnType<typeof createRandom>,
): ReducedColumns {
  const reducer = createReducer(counts, d, blas);
  const h = new Float64Array(d);
  counts.forEach((n, k) => {
    for (let i = 0; i < n; i++) reducer.add(k, random.normalsInto(h, STD));
  });
  return reducer.finish();
}

/**
 * Statistics that do not depend on signs or the choice of basis: squares of the mean columns, entries of X Xᵀ (the scatter of
 * deviations) and their squares. Each with its mean and standard error over the draws.
 */
function statistics(counts: readonly number[], d: number, draw: (i: number) => ReducedColumns) {
  const K = counts.length;
  const rows: number[][] = [];
  for (let i = 0; i < DRAWS; i++) {
    const { data, cols } = draw(i).columns;
    const means = Array.from({ length: d * K }, (_, j) => data[Math.floor(j / K) * cols + (j % K)] / STD);
    const scatter: number[] = [];
    for (let a = 0; a < d; a++)
      for (let b = a; b < d; b++) {
        let sum = 0;
        for (let c = K; c < cols; c++) sum += data[a * cols + c] * data[b * cols + c];
        scatter.push(sum / STD ** 2);
      }
    rows.push([
      ...means,
      ...means.map((x) => x * x),
      ...scatter,
      ...scatter.map((x) => x * x),
      means[0] * scatter[0],
    ]);
  }
  return rows[0].map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / DRAWS;
    const variance = rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / DRAWS;
    return { mean, error: Math.sqrt(variance / DRAWS) };
  });
}

describe('drawReduced has the law of N reduced normal samples', () => {
  it.each<[string, number[], number]>([
    ['N − K > d', [9, 5, 1], 4],
    ['N − K = d + 1', [4, 3], 4],
    ['N − K = d', [3, 3], 4],
    ['N − K < d', [2, 2, 1], 5],
    ['no deviations', [1, 1], 3],
  ])('%s: first and second moments of means and scatter, against brute force', (_, counts, d) => {
    const [one, two] = [createRandom(101), createRandom(202)];
    const drawn = statistics(counts, d, () => drawReduced(counts, d, STD, one));
    const brute = statistics(counts, d, () => reduceSamples(counts, d, two));
    expect(drawn.length).toBe(brute.length);
    // At most 60 statistics a row: five standard errors of the difference; the seeds are fixed, so there is no luck in it.
    drawn.forEach(({ mean, error }, j) =>
      expect(Math.abs(mean - brute[j].mean)).toBeLessThanOrEqual(5 * Math.hypot(error, brute[j].error)),
    );
  });

  it('triangular where N − K > d, with χ²(N − K − j) on the diagonal and N(0, 1) below', () => {
    const [counts, d] = [[20, 11, 1], 5];
    const many = 29;
    const random = createRandom(7);
    const squares = Array.from({ length: d }, () => [0, 0]);
    let [below, belowSquare, entries] = [0, 0, 0];
    for (let i = 0; i < DRAWS; i++) {
      const { data, cols } = drawReduced(counts, d, STD, random).columns;
      expect(cols).toBe(3 + d);
      for (let r = 0; r < d; r++)
        for (let j = 0; j < d; j++) {
          const x = data[r * cols + 3 + j] / STD;
          if (r < j) expect(x).toBe(0);
          else if (r === j) {
            squares[j][0] += x ** 2 / DRAWS;
            squares[j][1] += x ** 4 / DRAWS;
            if (!(x > 0)) expect.fail('χ is positive');
          } else {
            below += x;
            belowSquare += x * x;
            entries++;
          }
        }
    }
    squares.forEach(([mean, fourth], j) => {
      // χ²(k): mean k, variance 2k, and a fourth central moment of 12k² + 48k; five standard errors.
      const k = many - j;
      const five = 5 / Math.sqrt(DRAWS);
      expect(Math.abs(mean - k)).toBeLessThan(five * Math.sqrt(2 * k));
      expect(Math.abs(fourth - mean ** 2 - 2 * k)).toBeLessThan(five * Math.sqrt(8 * k * k + 48 * k));
    });
    expect(Math.abs(below / entries)).toBeLessThan(5 / Math.sqrt(entries));
    expect(Math.abs(belowSquare / entries - 1)).toBeLessThan(5 * Math.sqrt(2 / entries));
  });

  it('costs nothing for N: four billion samples are drawn at once, without a way back to single ones', () => {
    const drawn = drawReduced([2 ** 31, 2 ** 31], 8, STD, createRandom(1));
    expect(drawn.columns.cols).toBe(10);
    // χ²(4e9)/4e9 is 1 within five times √(2/4e9)
    expect(Math.abs(drawn.columns.data[2] ** 2 / STD ** 2 / 2 ** 32 - 1)).toBeLessThan(
      5 * Math.sqrt(2 / 2 ** 32),
    );
    expect(() => expandColumns(drawn, drawn.columns, blas)).toThrow('without a basis');
  });
});
