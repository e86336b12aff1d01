/** The lower bound of the MSE minimum: below every point, next to the minimum, and no friend of a wrong prediction. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../../src/core/portableBlas.js';
import { createProblem, samplesOf, type Problem } from '../../../src/model/index.js';
import { predictMse, targetSpectrum } from '../../../src/theory/index.js';
import { mseLowerBound } from '../../../src/theory/mse/bound.js';
import { createTrainer, drawStart } from '../../../src/ufm/index.js';
import { claimOf, isCertified } from '../../../src/verbs/verify/claim.js';

const decay = fc.integer({ min: -70, max: 3 }).map((tenths) => 10 ** (tenths / 10));
const problems = (mostDepth: number, mostCount: number) =>
  fc
    .record({
      counts: fc.array(fc.integer({ min: 1, max: mostCount }), { minLength: 1, maxLength: 7 }),
      depth: fc.integer({ min: 1, max: mostDepth }),
      bias: fc.constantFrom('none' as const, 'free' as const),
      width: fc.integer({ min: 1, max: 8 }),
    })
    .chain(({ depth, width, ...rest }) =>
      fc
        .record({
          weightDecays: fc.array(decay, { minLength: depth, maxLength: depth }),
          featureDecay: decay,
        })
        .map((decays): Problem => createProblem({ ...rest, ...decays, depth, widths: width, loss: 'mse' })),
    );

/** φ over a grid of σ, from its definition: for the modes that fit, and what is lost with the rest. */
function gridMinimum(problem: Problem, points: number): number {
  const N = samplesOf(problem);
  const L = problem.widths.length + 1;
  const Lambda = problem.weightDecays.reduce((product, value) => product * value, problem.featureDecay);
  const squares = targetSpectrum(problem.counts, problem.bias === 'free' ? 'free' : 'none').levels.flatMap(
    (level) => new Array<number>(level.dimension).fill(level.targetSquare),
  );
  const R = Math.min(problem.counts.length, ...problem.widths);
  return squares.reduce((sum, square, i) => {
    const tau = Math.sqrt(square);
    let least = square / (2 * N);
    if (i < R)
      for (let j = 1; j <= points; j++) {
        const sigma = (tau * j) / points;
        least = Math.min(least, (sigma - tau) ** 2 / (2 * N) + (L / 2) * (Lambda * sigma * sigma) ** (1 / L));
      }
    return sum + least;
  }, 0);
}

describe('the lower bound of the MSE minimum', () => {
  it('lies below the scalar problems on a grid, and next to the prediction', () => {
    fc.assert(
      fc.property(problems(6, 400), (problem) => {
        const bound = mseLowerBound(problem);
        expect(bound).toBeLessThanOrEqual(gridMinimum(problem, 400));
        const { objective, certificate } = predictMse(problem, portableBlas);
        expect(certificate!.lowerBound).toBe(bound);
        expect(bound).toBeLessThanOrEqual(objective);
        expect(objective - bound).toBeLessThanOrEqual(1e-11 * objective);
      }),
      { numRuns: 400 },
    );
  });

  it('lies below what L-BFGS finds from random starts', () => {
    fc.assert(
      fc.property(problems(3, 12), fc.integer({ min: 0, max: 1e6 }), (problem, seed) => {
        const start = drawStart(problem, 0.7, seed, portableBlas);
        const trainer = createTrainer(
          problem,
          start,
          { name: 'lbfgs', memory: 10, tolerance: 1e-12 },
          portableBlas,
        );
        for (let i = 0; i < 300 && trainer.advance() === 'running'; i++);
        expect(mseLowerBound(problem)).toBeLessThanOrEqual(trainer.objective() * (1 + 1e-14));
      }),
      { numRuns: 40 },
    );
  });

  it('stays next to the minimum at the ties of alive and lost, and at extreme decays and depths', () => {
    const at = (counts: number[], depth: number, weightDecays: number, featureDecay: number) =>
      predictMse(createProblem({ counts, depth, widths: 8, weightDecays, featureDecay }), portableBlas);
    for (const depth of [1, 2, 3, 6, 9]) {
      const limit = at([9, 4], depth, 1e-3, 1e-3).classes[1].maxWeightDecay!;
      for (const factor of [0.999999999, 1, 1.000000001, 1.01]) {
        const { objective, certificate } = at([9, 4], depth, limit * factor, 1e-3);
        expect(certificate!.gap / objective).toBeGreaterThanOrEqual(0);
        expect(certificate!.relativeGap).toBeLessThan(1e-11);
      }
    }
    for (const [depth, small] of [
      [1, 1e-12],
      [2, 1e-14],
      [40, 1e-9],
      [1000, 5e-4],
      [3, 1e-100],
    ] as const) {
      const { certificate } = at([700, 50, 50, 1], depth, small, small);
      expect(certificate!.gap).toBeGreaterThanOrEqual(0);
      expect(certificate!.relativeGap).toBeLessThan(1e-9);
    }
  });

  it('certifies the prediction, and neither a lower value nor a higher one', () => {
    fc.assert(
      fc.property(problems(4, 50), (problem) => {
        const prediction = predictMse(problem, portableBlas);
        if (prediction.objective < 1e-9) return;
        expect(isCertified(claimOf(prediction))).toBe(true);
        for (const factor of [1 - 1e-6, 1 + 1e-6])
          expect(isCertified(claimOf({ ...prediction, objective: prediction.objective * factor }))).toBe(
            false,
          );
      }),
    );
  });

  it('takes little time for 100 000 classes of different sizes', () => {
    const counts = Array.from({ length: 100_000 }, (_, k) => 100_000 - k);
    const problem = createProblem({
      counts,
      depth: 3,
      widths: 100_000,
      weightDecays: 1e-6,
      featureDecay: 1e-6,
    });
    const began = performance.now();
    mseLowerBound(problem);
    // Measured: 0.1 s on an idle core.
    expect(performance.now() - began).toBeLessThan(3000);
  });
});
