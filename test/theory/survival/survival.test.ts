import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { matrix, zeros, type Matrix } from '../../../src/core/matrix.js';
import { createRandom } from '../../../src/core/random.js';
import { createClassMoments } from '../../../src/metrics/index.js';
import type { Loss } from '../../../src/model/index.js';
import {
  createScoreBins,
  crossEntropyError,
  distancesOfMeans,
  estimatesFromCounts,
  estimatesFromMeans,
  estimatesFromMoments,
  isolatedReach,
  largestPlainDecay,
  ridgeBasis,
  squaredLimits,
  survivalAt,
  survivalShares,
  type DirectionScores,
  type LastBias,
  type SurvivalProblem,
} from '../../../src/theory/index.js';
import { crossEntropyLimit } from '../../../src/theory/survival/oneAgainstRest.js';
import { RIDGES } from '../../../src/theory/survival/scoreBins.js';
import { ridgeDirections } from '../../../src/theory/survival/ridgePath.js';
import { BLASES } from '../../support/blases.js';

const blas = BLASES[BLASES.length - 1];

/** 138 samples of five classes in nine dimensions; see test/golden/README.md. */
interface Golden {
  readonly counts: number[];
  readonly inputs: number[][];
  readonly labels: number[];
  readonly cases: {
    readonly loss: Loss;
    readonly bias: LastBias;
    readonly layers: number;
    readonly means: number[];
    readonly exists: number[];
    readonly global: number[];
    readonly path?: number[];
  }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../golden/plainDecay.json', import.meta.url), 'utf8'),
) as Golden;
const X = matrix(Float64Array.from(golden.inputs.flat()), golden.inputs.length, 9);
const labels = Int32Array.from(golden.labels);
const { counts } = golden;
const shares = counts.map((n) => n / golden.labels.length);
/** A class with a tenth of the loss. */
const TENTH = { share: 0.1, smoothing: 0, classes: 5 };

function statisticsOf(inputs: Matrix, of: Int32Array) {
  const moments = createClassMoments({ dimension: inputs.cols, scatter: { kind: 'full', blas } });
  moments.add(inputs, of);
  return moments.statistics();
}
const statistics = statisticsOf(X, labels);

const ratios = (values: readonly (number | null)[], others: readonly number[]) =>
  values.map((value, k) => (value ?? NaN) / others[k]);

describe('estimates beside the reference', () => {
  it.each(golden.cases)('$loss, last bias $bias, $layers layers', (reference) => {
    const { layers, loss, bias, path } = reference;
    const problem = { counts, layers, loss, bias };
    // The reference takes the maximum over 2001 strengths in six decades: 1e-5 below that of a smooth function.
    for (const ratio of ratios(estimatesFromMeans(problem, statistics.means, blas), reference.means)) {
      expect(ratio).toBeGreaterThan(1 - 1e-9);
      expect(ratio).toBeLessThan(1 + 2e-5);
    }
    const basis = ridgeBasis(statistics, shares, loss === 'ce' ? 'decayed' : bias, blas);
    if (loss === 'mse') {
      // There over 800 ridges in nine decades.
      for (const limit of ['exists', 'global'] as const)
        for (const ratio of ratios(
          counts.map((_, k) => squaredLimits(basis, k, layers)[limit]),
          reference[limit],
        )) {
          expect(ratio).toBeGreaterThan(1 - 1e-9);
          expect(ratio).toBeLessThan(1 + 2e-4);
        }
      return;
    }
    const bins = createScoreBins(basis, counts, blas);
    bins.add(X, labels);
    const found = estimatesFromMoments(problem, basis, bins);
    // `path`: the exact path of logistic ridge regression, in all directions. Fourteen ridge directions and 48 strengths lose two per cent of it.
    for (const ratio of ratios(found, path ?? [])) {
      expect(ratio).toBeGreaterThan(0.975);
      expect(ratio).toBeLessThan(1.025);
    }
    for (const ratio of ratios(found, reference.exists)) expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
  });
});

describe('squared error', () => {
  /** min ½‖…‖² of class k against the rest with ‖P‖ ≤ s: normal equations and bisection in μ, no eigenvectors. */
  function leastLoss(k: number, s: number): number {
    const N = X.rows;
    const D = X.cols;
    const mean = Array.from({ length: D }, (_, j) => golden.inputs.reduce((sum, row) => sum + row[j] / N, 0));
    const rows = golden.inputs.map((row) => row.map((value, j) => value - mean[j]));
    const target = golden.labels.map((label) => (label === k ? 1 : 0) - counts[k] / N);
    const C = mean.map((_, i) =>
      mean.map((__, j) => rows.reduce((sum, row) => sum + (row[i] * row[j]) / N, 0)),
    );
    const q = mean.map((_, i) => rows.reduce((sum, row, n) => sum + (row[i] * target[n]) / N, 0));
    const at = (mu: number) =>
      solve(
        C.map((row, i) => row.map((v, j) => v + (i === j ? mu : 0))),
        q,
      );
    let [low, high] = [1e-9, 1e9];
    for (let i = 0; i < 60; i++) {
      const mu = Math.sqrt(low * high);
      if (Math.hypot(...at(mu)) > s) low = mu;
      else high = mu;
    }
    const P = at(high);
    return rows.reduce((sum, row, n) => {
      const error = row.reduce((z, value, j) => z + value * P[j], -target[n]);
      return sum + error ** 2 / (2 * N);
    }, 0);
  }

  it.each([3, 6])('has a living minimum just below the limit and none just above, %i layers', (layers) => {
    const basis = ridgeBasis(statistics, shares, 'decayed', blas);
    for (const k of [0, 4]) {
      const { exists, global } = squaredLimits(basis, k, layers);
      const strengths = Array.from({ length: 100 }, (_, i) => 10 ** (-3.5 + (4 * i) / 99));
      const losses = strengths.map((s) => leastLoss(k, s));
      const costs = (decay: number) =>
        losses.map((loss, i) => loss + (layers / 2) * decay * strengths[i] ** (2 / layers));
      const dips = (decay: number) =>
        costs(decay).some(
          (cost, i, all) => i > 0 && i < all.length - 1 && cost < all[i - 1] && cost < all[i + 1],
        );
      expect([dips(0.98 * exists), dips(1.01 * exists)]).toEqual([true, false]);
      const nothing = leastLoss(k, 1e-12);
      expect(Math.min(...costs(0.99 * global))).toBeLessThan(nothing);
      expect(Math.min(...costs(1.01 * global))).toBeGreaterThan(nothing);
    }
  });

  it('scales with the inputs to the power 2/L', () => {
    const larger = statisticsOf({ ...X, data: X.data.map((value) => 100 * value) }, labels);
    for (const layers of [3, 5]) {
      const [small, large] = [statistics, larger].map((of) =>
        squaredLimits(ridgeBasis(of, shares, 'decayed', blas), 1, layers),
      );
      expect(large.exists / small.exists / 100 ** (2 / layers)).toBeCloseTo(1, 8);
      expect(large.global / small.global / 100 ** (2 / layers)).toBeCloseTo(1, 8);
    }
  });

  it('of an isolated class has the constants of the closed form', () => {
    // a = (L − 2)/(2(L − 1)): 0.25^(1/3)·0.75, …
    for (const [layers, reach] of [
      [3, 0.4725],
      [4, 0.3849],
      [5, 0.347],
      [6, 0.3257],
      [7, 0.3121],
    ])
      expect(isolatedReach(layers, 'mse', 'none', TENTH)).toBeCloseTo(reach, 4);
    expect(isolatedReach(4, 'mse', 'decayed', TENTH) / isolatedReach(4, 'mse', 'none', TENTH)).toBeCloseTo(
      0.9,
      14,
    );
  });

  it('of two layers has its limit where the class is nothing yet: the length of q', () => {
    const basis = ridgeBasis(statistics, shares, 'decayed', blas);
    const size = basis.values.length;
    const row = basis.means.data.subarray(0, size);
    const length = Math.hypot(...row) * basis.shares[0];
    expect(squaredLimits(basis, 0, 2).exists / length).toBeCloseTo(1, 3);
    expect(isolatedReach(2, 'mse', 'none', TENTH)).toBe(1);
    expect(isolatedReach(2, 'ce', 'decayed', TENTH)).toBeCloseTo(0.9, 12);
  });

  it('of classes with one mean is nothing', () => {
    const same = matrix(Float64Array.of(1, 2, 1, 2, 1, 2, 1, 2), 4, 2);
    const basis = ridgeBasis(statisticsOf(same, Int32Array.of(0, 0, 1, 1)), [0.5, 0.5], 'decayed', blas);
    expect(squaredLimits(basis, 0, 3)).toEqual({ exists: 0, global: 0 });
  });
});

describe('cross-entropy', () => {
  it.each([
    [0.004, 0],
    [0.3, 0],
    [0.5, 0.1],
    [0.9, 0.2],
  ])('the error of a class of share %f with smoothing %f is that of its best bias', (share, smoothing) => {
    const [inside, outside] = [1 - smoothing + smoothing / 4, smoothing / 4];
    for (const a of [0, 0.5, 3, 12]) {
      let [low, high] = [-80, 80];
      for (let i = 0; i < 200; i++) {
        const b = (low + high) / 2;
        const gradient =
          share * (1 / (1 + Math.exp(-(a + b))) - inside) + (1 - share) * (1 / (1 + Math.exp(-b)) - outside);
        if (gradient > 0) high = b;
        else low = b;
      }
      const error = crossEntropyError(a, { share, smoothing, classes: 4 });
      expect(error).toBeCloseTo(inside - 1 / (1 + Math.exp(-(a + low))), 12);
    }
  });

  it('takes binned scores of many samples for the scores themselves', () => {
    const random = createRandom(3);
    const [many, D] = [[400, 300, 20], 6];
    const of = Int32Array.from(many.flatMap((n, k) => new Array<number>(n).fill(k)));
    const inputs = zeros(of.length, D);
    random.normalsInto(inputs.data, 1);
    of.forEach((label, i) => (inputs.data[i * D + label] += 2 + label));
    const stats = statisticsOf(inputs, of);
    const parts = many.map((n) => n / of.length);
    const basis = ridgeBasis(stats, parts, 'decayed', blas);
    const bins = createScoreBins(basis, many, blas);
    // In three batches.
    for (const [from, to] of [
      [0, 500],
      [500, 501],
      [501, of.length],
    ])
      bins.add(
        { data: inputs.data.slice(from * D, to * D), rows: to - from, cols: D },
        of.subarray(from, to),
      );
    const found = estimatesFromMoments({ counts: many, layers: 4, loss: 'ce', bias: 'decayed' }, basis, bins);
    many.forEach((n, k) => {
      const directions = ridgeDirections(basis, k, RIDGES);
      const scores = RIDGES.map((_, j): DirectionScores => {
        const t = Array.from({ length: D }, (__, i) =>
          Array.from(
            { length: D },
            (___, m) => basis.vectors.data[i * D + m] * directions.data[j * D + m],
          ).reduce((a, b) => a + b),
        );
        const along = Array.from(of, (_label, i) =>
          t.reduce((sum, value, m) => sum + value * (inputs.data[i * D + m] - basis.centre[m]), 0),
        );
        const side = (inside: boolean) => {
          const values = Float64Array.from(along.filter((__, i) => (of[i] === k) === inside));
          return { values, weights: values.map(() => 1 / of.length) };
        };
        return { inside: side(true), outside: side(false) };
      });
      const target = { share: n / of.length, smoothing: 0, classes: 3 };
      const exact = crossEntropyLimit({ directions: scores, target, layers: 4 });
      // Bins of a sixteenth of a deviation.
      expect(found[k] / exact).toBeGreaterThan(0.998);
      expect(found[k] / exact).toBeLessThan(1.002);
    });
  });
});

describe('weights and smoothing', () => {
  const inputs = { counts, layers: 4, bias: 'decayed' } as const;
  const both = (problem: SurvivalProblem, of = statistics, rows = X, named = labels) => {
    const basis = ridgeBasis(of, survivalShares(problem), 'decayed', blas);
    const bins = createScoreBins(basis, problem.counts, blas);
    bins.add(rows, named);
    return [
      ...estimatesFromMeans(problem, of.means, blas),
      ...estimatesFromMoments(problem, basis, bins),
    ] as number[];
  };

  it.each(['mse', 'ce'] as const)('counts a class of weight three as three copies of it, %s', (loss) => {
    const classWeights = [1, 3, 1, 2, 1];
    const copies = golden.labels.flatMap((k, i) => new Array<number>(classWeights[k]).fill(i));
    const copied = matrix(Float64Array.from(copies.flatMap((i) => golden.inputs[i])), copies.length, 9);
    const copiedLabels = Int32Array.from(copies, (i) => golden.labels[i]);
    const repeated = statisticsOf(copied, copiedLabels);
    const expected = both({ ...inputs, loss, counts: repeated.counts }, repeated, copied, copiedLabels);
    // Under MSE the loss is not divided by the sum of weights: as much more of it as there are copies.
    const mass = loss === 'mse' ? copies.length / labels.length : 1;
    both({ ...inputs, loss, classWeights }, { ...statistics, within: repeated.within }).forEach((value, i) =>
      expect(value / (mass * expected[i])).toBeCloseTo(1, 9),
    );
  });

  it('leaves (1 − ε)^{2 − 2/L} of a limit under MSE, and less than all under cross-entropy', () => {
    const [hard, soft] = [0, 0.2].map((labelSmoothing) => both({ ...inputs, loss: 'mse', labelSmoothing }));
    soft.forEach((value, i) => expect(value / hard[i]).toBeCloseTo(0.8 ** 1.5, 12));
    const [certain, smooth] = [0, 0.2].map((labelSmoothing) =>
      both({ ...inputs, loss: 'ce', labelSmoothing }),
    );
    smooth.forEach((value, i) => {
      expect(value / certain[i]).toBeLessThan(0.87);
      expect(value / certain[i]).toBeGreaterThan(0.6);
    });
  });
});

describe('distances of class means', () => {
  /** By Gram–Schmidt over the classes that matter at least as much. */
  function naive(means: Matrix, shares: readonly number[]): number[] {
    const rows = shares.map((_, k) => [...means.data.subarray(k * means.cols, (k + 1) * means.cols), 1]);
    return rows.map((row, k) => {
      const basis: number[][] = [];
      const reduced = (vector: number[]) =>
        [1, 2].reduce(
          (left) =>
            basis.reduce((so, e) => {
              const along = so.reduce((sum, value, i) => sum + value * e[i], 0);
              return so.map((value, i) => value - along * e[i]);
            }, left),
          vector,
        );
      rows.forEach((other, j) => {
        if (j === k || shares[j] < shares[k]) return;
        const left = reduced(other);
        const length = Math.hypot(...left);
        if (length > 1e-9) basis.push(left.map((value) => value / length));
      });
      return Math.hypot(...reduced(row));
    });
  }

  it.each([
    ['all different', [0.4, 0.3, 0.15, 0.1, 0.05]],
    ['in groups', [0.3, 0.3, 0.2, 0.1, 0.1]],
    ['all equal', [0.2, 0.2, 0.2, 0.2, 0.2]],
  ])('are those of Gram–Schmidt: shares %s', (_, shares) => {
    const { means } = statistics;
    const found = distancesOfMeans(means, shares, blas);
    naive(means, shares).forEach((distance, k) => expect(found[k] / distance).toBeCloseTo(1, 8));
  });

  it('are zero in the span of larger classes, and there is no estimate', () => {
    // (1, 0, 1), (0, 1, 1), (0, 0, 1), and a fourth in three dimensions.
    const means = matrix(Float64Array.of(1, 0, 0, 1, 0, 0, 5, 5), 4, 2);
    const shares = [0.4, 0.3, 0.2, 0.1];
    expect(distancesOfMeans(means, shares, blas)[3]).toBe(0);
    expect(distancesOfMeans(means, [0.25, 0.25, 0.25, 0.25], blas)).toEqual([0, 0, 0, 0]);
    const estimates = estimatesFromMeans(
      { counts: [4, 3, 2, 1], layers: 3, loss: 'mse', bias: 'none' },
      means,
      blas,
    );
    expect(estimates.map((value) => value === null)).toEqual([false, false, false, true]);
  });
});

describe('the interval', () => {
  it('is half to twice an estimate from means, a third to three times one from counts', () => {
    const limit = largestPlainDecay(0.02, 'means');
    expect(limit).toEqual({ estimate: 0.02, low: 0.01, high: 0.04, from: 'means' });
    expect([0.009, 0.02, 0.041].map((decay) => survivalAt(limit, decay))).toEqual(['alive', 'open', 'lost']);
    expect(largestPlainDecay(0.03, 'counts')).toMatchObject({ low: 0.01, high: 0.09 });
    expect(survivalAt(largestPlainDecay(null, 'means'), 1)).toBe(null);
  });

  it('is refused below two layers and two classes', () => {
    const problem = { counts: [3, 2], layers: 3, loss: 'mse', bias: 'none' } as const;
    expect(() => estimatesFromCounts({ ...problem, layers: 1 })).toThrow('weight layers: a whole number');
    expect(() => estimatesFromCounts({ ...problem, layers: 2.5 })).toThrow('weight layers');
    expect(() => estimatesFromCounts({ ...problem, counts: [3] })).toThrow('at least two classes');
    // Seven, whatever the class; equal shares have equal estimates.
    const [a, b] = estimatesFromCounts({ ...problem, counts: [3, 3] });
    expect(a).toBe(b);
    expect(a).toBeCloseTo(
      0.72 * 0.5 * 7 ** (2 / 3) * isolatedReach(3, 'mse', 'none', { share: 0.5, smoothing: 0, classes: 2 }),
      14,
    );
  });
});

/** Gaussian elimination with pivots. */
function solve(A: number[][], b: number[]): number[] {
  const n = b.length;
  const rows = A.map((row, i) => [...row, b[i]]);
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(rows[best][c]) ? c + i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = c + 1; r < n; r++) {
      const factor = rows[r][c] / rows[c][c];
      for (let j = c; j <= n; j++) rows[r][j] -= factor * rows[c][j];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--)
    x[i] =
      (rows[i][n] - rows[i].slice(i + 1, n).reduce((sum, value, j) => sum + value * x[i + 1 + j], 0)) /
      rows[i][i];
  return x;
}
