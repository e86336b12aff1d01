import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../src/core/random.js';
import { createProblem, parseCounts, type Bias } from '../../../src/model/index.js';
import { predictCe } from '../../../src/theory/index.js';
import { createDescent } from '../../../src/theory/ce/descent.js';
import { exchangeInto, KICKS, kickInto, pairsToExchange } from '../../../src/theory/ce/moves.js';
import { createSearcher, matricesOf, pointInto } from '../../../src/theory/ce/searcher.js';
import { startInto, type StartKind } from '../../../src/theory/ce/starts.js';
import { createTerms } from '../../../src/theory/ce/terms.js';
import { BLASES } from '../../support/blases.js';
import { multiply } from '../../support/naive.js';
import { naiveCe } from './naive.js';

const blas = BLASES[BLASES.length - 1];
const DEEP = process.env.COLLAPSAR_DEEP === '1';

interface Lowest {
  readonly counts: readonly number[] | string;
  readonly depth: number;
  readonly widths: number;
  readonly bias: Bias;
  readonly weightDecays: number | readonly number[];
  readonly featureDecay: number;
  readonly best: number;
}

/** Lowest objectives known of 53 problems, from 600 starts each and exchanges of classes in another program. */
const LOWEST = (
  JSON.parse(
    readFileSync(new URL('../../golden/ceLowestKnown.json', import.meta.url), 'utf8'),
  ) as readonly Lowest[]
).map(({ counts, ...rest }, index) => ({
  index,
  K: typeof counts === 'string' ? parseCounts(counts).length : counts.length,
  best: rest.best,
  problem: createProblem({
    ...rest,
    counts: typeof counts === 'string' ? parseCounts(counts) : counts,
    loss: 'ce',
  }),
}));

describe('the lowest objectives known', () => {
  // Every eighth of the small ones is quick: some tenths of a second.
  const chosen = LOWEST.filter(({ K, index }) => DEEP || (K <= 9 && index % 4 === 0));
  it.each(chosen)(
    'are met or beaten: problem $index, K = $K',
    ({ problem, best }) => {
      const { objective, certificate, minimiser } = predictCe(problem, { blas });
      expect(objective).toBeLessThanOrEqual(best * (1 + 1e-6));
      expect(certificate!.lowerBound).toBeLessThan(best);
      // By the definition, over all samples.
      if (problem.counts.reduce((a, b) => a + b, 0) <= 1000)
        expect(Math.abs(naiveCe(problem, minimiser()).value / objective - 1)).toBeLessThan(1e-10);
    },
    60_000,
  );
});

const PROBLEMS = [
  createProblem({
    counts: [9, 4, 4, 1, 2],
    depth: 1,
    widths: 3,
    loss: 'ce',
    weightDecays: 0.01,
    featureDecay: 0.02,
  }),
  createProblem({
    counts: [9, 4, 4, 1, 2],
    depth: 2,
    widths: 4,
    loss: 'ce',
    bias: 'free',
    weightDecays: [0.01, 0.003],
    featureDecay: 0.02,
  }),
  createProblem({
    counts: [30, 4, 7, 1, 2, 11],
    depth: 4,
    widths: 6,
    loss: 'ce',
    bias: 'free',
    weightDecays: 0.002,
    featureDecay: 0.001,
  }),
];

function randomPoint(problem: (typeof PROBLEMS)[number], rank: number, seed: number) {
  const terms = createTerms(problem, rank);
  const x = createRandom(seed).normalsInto(new Float64Array(terms.size), 1);
  return { terms, x };
}

describe('the sum of rank-one terms', () => {
  it.each(PROBLEMS)('has the gradient of finite differences: widths $widths', (problem) => {
    for (const rank of [1, 3]) {
      const { terms, x } = randomPoint(problem, rank, rank);
      const [gradient, unused] = [new Float64Array(terms.size), new Float64Array(terms.size)];
      terms.evaluate(x, gradient);
      const step = 1e-5;
      x.forEach((at, i) => {
        x[i] = at + step;
        const above = terms.evaluate(x, unused);
        x[i] = at - step;
        const below = terms.evaluate(x, unused);
        x[i] = at;
        // Third derivatives times step², and rounding of F/μ (some hundreds) over the step.
        expect(Math.abs((above - below) / (2 * step) - gradient[i])).toBeLessThan(
          1e-6 * (1 + Math.abs(gradient[i])),
        );
      });
    }
  });

  it.each(PROBLEMS)('never costs less than the factors of its singular values: widths $widths', (problem) => {
    const M = problem.widths.length;
    const searcher = createSearcher(problem, {
      random: createRandom(0),
      top: 3,
      fixed: M === 1,
      over: () => false,
    });
    for (let seed = 0; seed < 20; seed++) {
      const { terms, x } = randomPoint(problem, 3, seed);
      const value = terms.evaluate(x, new Float64Array(terms.size)) * terms.mu;
      const { Z, b } = matricesOf(searcher, { x, rank: 3, value });
      const K = terms.K;
      const logits = { data: Z.map((z, i) => z / Math.sqrt(problem.counts[i % K])), rows: K, cols: K };
      const placed = pointInto(searcher, { logits, bias: b }, blas);
      const balanced = createTerms(problem, placed.rank);
      const least = balanced.evaluate(placed.x, new Float64Array(balanced.size)) * terms.mu;
      expect(least).toBeLessThanOrEqual(value * (1 + 1e-12));
      // At the balanced factors both are the objective by its definition.
      const { U, s, Vt } = blas.svd({ data: Z, rows: K, cols: K });
      const decays = [...problem.weightDecays];
      const Lambda = decays.reduce((a, c) => a * c, problem.featureDecay);
      // Singular values that are rounding have no factor.
      const share = s.map((sigma, i) =>
        i < placed.rank ? Math.pow(Lambda * sigma * sigma, 1 / (M + 1)) : 0,
      );
      const diagonal = (decay: number) => ({
        data: Float64Array.from({ length: K * K }, (_, i) =>
          i % (K + 1) === 0 ? Math.sqrt(share[i / (K + 1)] / decay) : 0,
        ),
        rows: K,
        cols: K,
      });
      const weights = decays.map((decay, m) =>
        m === M - 1 ? multiply({ data: U.data, rows: K, cols: K }, diagonal(decay)) : diagonal(decay),
      );
      const classFeatures = multiply(diagonal(problem.featureDecay), Vt);
      classFeatures.data.forEach((_, i) => (classFeatures.data[i] /= Math.sqrt(problem.counts[i % K])));
      const naive = naiveCe(problem, { head: { weights, bias: b }, classFeatures }).value;
      expect(Math.abs(naive / least - 1)).toBeLessThan(1e-10);
    }
  });
});

describe('an exchange of classes', () => {
  it.each(PROBLEMS)('changes the objective by what is estimated: widths $widths', (problem) => {
    const { terms, x } = randomPoint(problem, 2, 7);
    const unused = new Float64Array(terms.size);
    const before = terms.evaluate(x, unused);
    const pairs = pairsToExchange(terms, x, problem.counts);
    const different = problem.counts.flatMap((n, k) => problem.counts.slice(0, k).filter((m) => m !== n));
    expect(pairs).toHaveLength(different.length);
    for (const { j, k, change } of pairs) {
      const y = x.slice();
      exchangeInto(terms, y, j, k);
      expect(Math.abs(terms.evaluate(y, unused) - before - change)).toBeLessThan(1e-11 * before);
      exchangeInto(terms, y, j, k);
      y.forEach((value, i) => {
        expect(Math.abs(value - x[i])).toBeLessThan(1e-12);
      });
    }
    for (let i = 1; i < pairs.length; i++)
      expect(pairs[i].change).toBeGreaterThanOrEqual(pairs[i - 1].change);
  });

  it('lowers what no start of the old kind reached', () => {
    // The same arrangement with the two classes of the line exchanged is 5 % worse: exchanges find the way back.
    const { problem, best } = LOWEST[35];
    expect(problem.counts).toHaveLength(6);
    const { objective, rank, search } = predictCe(problem, { blas });
    expect(rank).toBe(1);
    expect(search!.exchanges).toBeGreaterThan(0);
    expect(objective).toBeLessThanOrEqual(best * (1 + 1e-6));
  });
});

describe('kicks and starts', () => {
  it.each(KICKS)('%s gives a finite point of its rank', (kick) => {
    for (const problem of PROBLEMS.slice(1)) {
      const { terms, x } = randomPoint(problem, 2, 3);
      const there = createTerms(problem, 2 + Number(kick === 'more') - Number(kick === 'less'));
      const out = new Float64Array(there.size);
      kickInto(kick, terms, x, there, out, createRandom(4));
      expect(there.evaluate(out, new Float64Array(there.size))).toBeLessThan(Infinity);
      expect(out).not.toEqual(x);
    }
  });

  it.each(['random', 'code', 'related', 'sites'] satisfies StartKind[])(
    'a start of kind %s has logits of about the size asked for',
    (kind) => {
      const problem = PROBLEMS[2];
      const searcher = createSearcher(problem, {
        random: createRandom(0),
        top: 3,
        fixed: false,
        over: () => false,
      });
      const terms = searcher.terms(3);
      const x = new Float64Array(terms.size);
      startInto(terms, x, kind, 8, createRandom(1));
      const { Z, b } = matricesOf(searcher, { x, rank: 3, value: 0 });
      const K = terms.K;
      let squares = 0;
      for (let k = 0; k < K; k++) squares += Z[k * K + k] ** 2 / problem.counts[k] / K;
      expect(Math.sqrt(squares)).toBeGreaterThan(1);
      expect(Math.sqrt(squares)).toBeLessThan(40);
      // Distinct sites are separated by their bias: each class has the largest logit at its own.
      if (kind === 'sites')
        for (let k = 0; k < K; k++)
          for (let j = 0; j < K; j++) {
            const logit = (i: number) => Z[i * K + k] / Math.sqrt(problem.counts[k]) + b![i];
            if (j !== k) expect(logit(k)).toBeGreaterThan(logit(j));
          }
    },
  );
});

describe('the descent', () => {
  const valley = (x: Float64Array, gradient: Float64Array) => {
    gradient[0] = -2 * (1 - x[0]) - 400 * x[0] * (x[1] - x[0] ** 2);
    gradient[1] = 200 * (x[1] - x[0] ** 2);
    return 1 + (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2;
  };
  const options = { steps: 1000, tolerance: 1e-9, target: Infinity, watch: 8, hope: 4 };

  it('ends at the minimum of a curved valley, in one go or in slices', () => {
    for (const slice of [1, 7, 1e6]) {
      const descent = createDescent(2, valley);
      descent.x.set([-1.2, 1]);
      descent.begin(options);
      let end = null;
      while (end === null) end = descent.advance(slice);
      expect(end).toBe('settled');
      expect(Math.abs(descent.x[0] - 1)).toBeLessThan(1e-6);
      expect(descent.evaluations()).toBeLessThan(100);
    }
  });

  it('is left when its target is out of reach, and not before it has looked', () => {
    const descent = createDescent(2, valley);
    descent.x.set([-1.2, 1]);
    descent.begin({ ...options, target: 0.5, hope: 1 });
    expect(descent.advance(1e6)).toBe('left');
    expect(descent.evaluations()).toBeGreaterThan(8);
    descent.x.set([-1.2, 1]);
    descent.begin({ ...options, target: 1.01, hope: 20 });
    expect(descent.advance(1e6)).toBe('settled');
  });
});

describe('the limits of a search', () => {
  const { problem } = LOWEST[9];

  it('is cut by its budget, and says so', () => {
    let now = 0;
    // A clock that a look at it moves on.
    const clock = () => (now += 5);
    const { search, interrupted } = predictCe(problem, { blas, budget: 1, host: { clock } });
    expect(search).toMatchObject({ budget: 1, end: 'budget', complete: false });
    expect(search!.starts).toBeGreaterThan(0);
    expect(interrupted).toBe(false);
  });

  it('goes on from a given point, and is never worse than it', () => {
    const known = predictCe(problem, { blas, budget: 1 });
    const { logits } = known.geometry();
    if (logits.kind !== 'dense') throw new Error('a dense geometry');
    const again = predictCe(problem, {
      blas,
      budget: 0.05,
      seed: 3,
      from: [{ logits: logits.matrix, bias: known.bias }],
    });
    expect(again.objective).toBeLessThanOrEqual(known.objective * (1 + 1e-9));
  });
});
