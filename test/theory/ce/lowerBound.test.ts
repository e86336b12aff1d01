import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runThrough } from '../../../src/core/pausable.js';
import { createRandom } from '../../../src/core/random.js';
import { createProblem, type Bias, type Problem } from '../../../src/model/index.js';
import { predictCe } from '../../../src/theory/index.js';
import { ceLowerBound } from '../../../src/theory/ce/lowerBound.js';
import { BLASES } from '../../support/blases.js';
import { naiveCe } from './naive.js';

const blas = BLASES[BLASES.length - 1];

function problemOf(counts: readonly number[], depth: number, decay: number, bias: Bias): Problem {
  return createProblem({
    counts,
    depth,
    widths: counts.length + 2,
    loss: 'ce',
    bias,
    weightDecays: decay,
    featureDecay: decay,
  });
}

const bound = (problem: Problem, upper: number) => runThrough(ceLowerBound(problem, upper, { blas }));

describe('the lower bound for two or more layers', () => {
  // Found independently on a grid of s: .78, .56 and .40 of the lowest value known.
  it.each([
    [3, 2, 0.78],
    [10, 2, 0.56],
    [10, 5, 0.4],
  ])('K = %i, M = %i: %f of the best known value', (K, depth, part) => {
    const problem = problemOf(new Array<number>(K).fill(10), depth, 1e-3, 'none');
    const { objective, certificate } = predictCe(problem, { blas });
    expect(certificate!.lowerBound / objective).toBeGreaterThan(part - 0.005);
    expect(certificate!.lowerBound / objective).toBeLessThan(part + 0.005);
    expect(certificate!.gap).toBe(objective - certificate!.lowerBound);
  });

  it('is below the objective of every point, near a minimum and far from it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 2, maxLength: 4 }),
        fc.integer({ min: 2, max: 4 }),
        fc.double({ min: -5, max: -0.5, noNaN: true }),
        fc.constantFrom<Bias>('none', 'free'),
        fc.integer({ min: 0, max: 1000 }),
        (counts, depth, log, bias, seed) => {
          const problem = problemOf(counts, depth, 10 ** log, bias);
          const found = predictCe(problem, { blas, budget: 0.2, restarts: 8 });
          const least = found.certificate!.lowerBound;
          expect(least).toBeLessThanOrEqual(found.objective * (1 + 1e-12));
          // The bound does not depend on the value that it is asked with, but for how closely it is sought.
          expect(bound(problem, 3 * found.objective)).toBeLessThanOrEqual(found.objective);
          const random = createRandom(seed);
          const { head, classFeatures } = found.minimiser(random);
          for (const noise of [1e-3, 0.1, 1]) {
            for (const W of [...head.weights, classFeatures])
              for (let i = 0; i < W.data.length; i++) W.data[i] += noise * random.normal();
            expect(naiveCe(problem, { head, classFeatures }).value).toBeGreaterThanOrEqual(least);
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('is the loss of zero, nearly, where nothing can live', () => {
    const problem = problemOf([5, 5, 5], 3, 1, 'none');
    const { certificate, objective } = predictCe(problem, { blas });
    expect(objective).toBeCloseTo(Math.log(3), 12);
    expect(certificate!.lowerBound).toBeGreaterThan(0.9 * Math.log(3));
    expect(certificate!.lowerBound).toBeLessThanOrEqual(objective);
  });
});
