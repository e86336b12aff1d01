import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProblem, samplesOf, type Problem } from '../../src/model/index.js';
import { createTrainer, drawStart, expandColumns, givenStart } from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { multiply, transposed } from '../support/naive.js';
import { largestDifference } from '../core/naive.js';
import { column, naiveDescent, orderOf, problems, randomTensors, seeds } from './support.js';

const STEPS = 30;

/**
 * Both ways make the same iterates in exact arithmetic. Each step rounds a few times 1e-16 relative to numbers of order 1 to 10,
 * and thirty steps of descent at this rate amplify a difference by less than ten: 30·10·10·1e-16.
 */
const ROUNDING = 1e-12;

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  `few columns on %s${NATIVE_NOTE}`,
  (_, blas) => {
    function followBoth(problem: Problem, seed: number, momentum: number, std: number): number {
      const tensors = randomTensors(problem, std, seed);
      const naive = naiveDescent(problem, tensors, 0.1, momentum);
      const start = givenStart(problem, tensors, blas, 'test');
      const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 0.1, momentum }, blas);
      let worst = 0;
      const compare = (found: number, expected: number) => {
        const gap = Math.abs(found - expected) / Math.max(1, Math.abs(expected));
        if (!(gap <= worst)) worst = gap;
      };
      compare(trainer.objective(), naive.objective());
      for (let step = 1; step <= STEPS; step++) {
        expect(trainer.advance()).toBe('running');
        naive.advance();
        compare(trainer.objective(), naive.objective());
      }
      expect(trainer.step).toBe(STEPS);
      naive.state.weights.forEach((W, m) =>
        W.data.forEach((w, i) => compare(trainer.parameters.weights[m].data[i], w)),
      );
      naive.state.bias?.forEach((b, k) => compare(trainer.parameters.bias?.[k] ?? NaN, b));
      // Single samples: class after class, in the order in which they came.
      const { features, labels } = expandColumns(trainer.reduced, trainer.parameters.columns, blas);
      const d = features.cols;
      orderOf(tensors.labels, problem.counts.length).forEach((i, row) => {
        expect(labels[row]).toBe(tensors.labels[i]);
        column(naive.state.features, i).forEach((h, r) => compare(features.data[row * d + r], h));
      });
      return worst;
    }

    it('gives the iterates of all N samples: objective at every step, final features, weights and bias', () => {
      const some = problems({ classes: 5, count: 7, depth: 4, width: 7, decays: [1e-3, 0.1] });
      fc.assert(
        fc.property(some, seeds, fc.constantFrom(0, 0.9), (problem, seed, momentum) => {
          expect(followBoth(problem, seed, momentum, 0.4)).toBeLessThan(ROUNDING);
        }),
        { numRuns: 120 },
      );
    });

    it.each<[string, number[], number[], 'none' | 'free']>([
      ['N − K < d, so every deviation is kept', [3, 2, 1], [9, 4], 'free'],
      ['N − K = d', [4, 3], [5], 'none'],
      ['N − K > d, so a QR stands for them', [9, 7, 5, 1, 1], [4, 6, 3], 'free'],
      ['no deviations at all: one sample a class', [1, 1, 1], [4, 4], 'none'],
      ['one class, bias free', [6], [3, 2], 'free'],
      ['a bottleneck of one', [5, 4, 3], [3, 1, 4], 'none'],
      ['one feature dimension', [5, 4, 3], [1], 'free'],
      ['more classes than width', [2, 2, 2, 2, 2, 2, 2, 2], [3, 3], 'none'],
    ])('%s', (_name, counts, widths, bias) => {
      const problem = createProblem({
        counts,
        depth: widths.length,
        widths,
        weightDecays: widths.map((_unused, m) => 0.01 * (m + 1)),
        featureDecay: 0.004,
        bias,
      });
      const { columns } = drawStart(problem, 1, 0, blas).reduced;
      expect(columns.cols).toBe(counts.length + Math.min(widths[0], samplesOf(problem) - counts.length));
      for (const seed of [1, 2, 3]) expect(followBoth(problem, seed, 0.9, 0.5)).toBeLessThan(ROUNDING);
    });

    it('the reduction is orthogonal: norms, class means and scatter survive, and expansion gives the samples back', () => {
      fc.assert(
        fc.property(
          problems({ classes: 4, count: 9, depth: 1, width: 6, decays: [0.01, 0.02] }),
          seeds,
          (problem, seed) => {
            const tensors = randomTensors(problem, 1, seed);
            const { reduced } = givenStart(problem, tensors, blas, 'test');
            const { features } = expandColumns(reduced, reduced.columns, blas);
            const K = problem.counts.length;
            const H = tensors.features;
            const order = orderOf(tensors.labels, K);
            order.forEach((i, row) =>
              column(H, i).forEach((h, r) =>
                // Helmert's recursion adds at most 9 numbers a class, and one QR: some ten roundings of numbers up to ~10.
                expect(Math.abs(features.data[row * H.rows + r] - h)).toBeLessThan(1e-13),
              ),
            );
            // HHᵀ does not depend on the basis of the columns.
            const gap = largestDifference(
              multiply(reduced.columns, transposed(reduced.columns)),
              multiply(H, transposed(H)),
            );
            expect(gap).toBeLessThan(1e-12); // entries up to N·10 = 400, some ten roundings
          },
        ),
        { numRuns: 60 },
      );
    });

    it('a snapshot tells what the expanded samples tell: means, scatter, variances', () => {
      const problem = createProblem({
        counts: [7, 4, 1, 3],
        depth: 2,
        widths: [5, 6],
        weightDecays: 0.01,
        featureDecay: 0.01,
        bias: 'free',
      });
      const start = givenStart(problem, randomTensors(problem, 0.7, 5), blas, 'test');
      const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: 0.1, momentum: 0.9 }, blas);
      for (let step = 0; step < 5; step++) trainer.advance();
      const { statistics, head, agreement } = trainer.snapshot('samples');
      const { features, labels } = expandColumns(trainer.reduced, trainer.parameters.columns, blas);
      const [N, d] = [features.rows, features.cols];
      let trace = 0;
      const scatter = multiply(transposed(features), features); // becomes Σ_W below
      scatter.data.fill(0);
      problem.counts.forEach((n, k) => {
        const rows = [...labels.keys()].filter((i) => labels[i] === k);
        const mean = Array.from({ length: d }, (_unused, r) =>
          rows.reduce((sum, i) => sum + features.data[i * d + r] / n, 0),
        );
        let variance = 0;
        for (const i of rows)
          for (let r = 0; r < d; r++) {
            const x = features.data[i * d + r] - mean[r];
            variance += (x * x) / n;
            for (let c = 0; c < d; c++)
              scatter.data[r * d + c] += (x * (features.data[i * d + c] - mean[c])) / N;
          }
        trace += (variance * n) / N;
        // Sums of at most 15 numbers of order 1: some 1e-15; a hundred times that.
        mean.forEach((h, r) => expect(Math.abs(statistics.means.data[k * d + r] - h)).toBeLessThan(1e-13));
        expect(Math.abs((statistics.variances?.[k] ?? NaN) - variance)).toBeLessThan(1e-13);
      });
      expect(Math.abs(statistics.withinTrace - trace)).toBeLessThan(1e-13);
      if (statistics.within?.kind !== 'factor') throw new Error('a factor of Σ_W was expected');
      const { X } = statistics.within;
      expect(largestDifference(multiply(transposed(X), X), scatter)).toBeLessThan(1e-13);
      // Accuracy, by the definition: the largest of Ph + b.
      const P = multiply(trainer.parameters.weights[1], trainer.parameters.weights[0]);
      const logits = multiply(features, transposed(P));
      let right = 0;
      for (let i = 0; i < N; i++) {
        const row = [...problem.counts.keys()].map(
          (k) => logits.data[i * 4 + k] + (trainer.parameters.bias?.[k] ?? NaN),
        );
        if (row.indexOf(Math.max(...row)) === labels[i]) right++;
      }
      expect(agreement?.accuracy).toBe(right / N);
      // A snapshot is a copy.
      const kept = head?.weights[0].data[0];
      for (let step = 0; step < 5; step++) trainer.advance();
      expect(head?.weights[0].data[0]).toBe(kept);
      expect(trainer.parameters.weights[0].data[0]).not.toBe(kept);
    });
  },
);
