import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProblem, type Problem } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import { createTrainer, drawStart } from '../../src/ufm/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { problems, seeds } from './support.js';

/** F is of order 0.1 to 1: a thousand roundings of 1e-16 here, and a gradient of 1e-9 squared over a curvature of 1e-3. */
const REACHED = 1e-12;

function lbfgs(problem: Problem, std: number, seed: number, blas: (typeof BLASES)[number]): number {
  const start = drawStart(problem, std, seed, blas);
  const trainer = createTrainer(problem, start, { name: 'lbfgs', memory: 20, tolerance: 1e-9 }, blas);
  for (let i = 0; i < 3000 && trainer.advance() === 'running'; i++);
  return trainer.objective();
}

/** Restarts until the prediction is reached; no end may be below it. The number of restarts, or null. */
function restartsNeeded(problem: Problem, blas: (typeof BLASES)[number], most: number): number | null {
  const { objective } = predictMse(problem);
  for (let seed = 0; seed < most; seed++) {
    const found = lbfgs(problem, seed % 2 === 0 ? 1 : 0.5, seed, blas);
    expect(found).toBeGreaterThan(objective - REACHED);
    if (found <= objective + REACHED) return seed + 1;
  }
  return null;
}

const TABLE: [number[], number | number[], number, number[], 'none' | 'free', number][] = [
  [[8, 4, 2, 2], 0.005, 0.005, [6], 'none', 0.0374842712],
  [[8, 4, 2, 2], 0.005, 0.02, [6], 'free', 0.0523623276],
  [[8, 4, 2, 2], 0.005, 0.005, [6, 5], 'none', 0.0452532525],
  [[8, 4, 2, 2], [0.005, 0.01, 0.003], 0.005, [6, 5, 6], 'none', 0.0567898776],
  [[8, 4, 2, 2], [0.005, 0.01, 0.003], 0.005, [6, 5, 6], 'free', 0.0417793431],
  [[8, 4, 2, 2], 0.005, 0.005, [2], 'none', 0.1487421356],
  [[5, 5, 5, 5], 0.005, 0.005, [6, 6], 'free', 0.0380307182],
  [[5, 5, 5, 5], 0.005, 0.005, [6, 2], 'free', 0.1503538121],
  [[12, 6, 1, 1], 0.01, 0.01, [6, 6, 6], 'none', 0.1055576984],
];

describe.each(BLASES.map((blas) => [blas.name, blas] as const))(
  `L-BFGS and the prediction on %s${NATIVE_NOTE}`,
  (_, blas) => {
    it.each(TABLE)(
      'n = %j, λ_W = %j, λ_H = %d, widths %j, bias %s reaches %d and goes no lower',
      (counts, weightDecays, featureDecay, widths, bias, value) => {
        const problem = createProblem({
          counts,
          depth: widths.length,
          widths,
          weightDecays,
          featureDecay,
          bias,
        });
        // The table prints ten digits.
        expect(Math.abs(predictMse(problem).objective - value)).toBeLessThan(6e-11);
        // A restart may end in a local minimum in which a living class has died: each deep mode has one at zero.
        expect(restartsNeeded(problem, blas, 40)).not.toBeNull();
      },
    );

    it('reaches the prediction of random problems: unequal decays and widths, bottlenecks, dead classes, either bias', () => {
      const some = problems({ classes: 4, count: 8, depth: 3, width: 5, decays: [1e-3, 0.02] });
      // A fixed seed: how many restarts a problem takes is luck, and a test must not depend on it.
      for (const [index, problem] of fc.sample(some, { seed: 20230, numRuns: 25 }).entries())
        expect(
          restartsNeeded(problem, blas, 60),
          `problem ${index}: ${JSON.stringify(problem)}`,
        ).not.toBeNull();
    });
  },
);

it('no start ends below the prediction', () => {
  const some = problems({ classes: 5, count: 9, depth: 4, width: 6, decays: [1e-4, 0.1] });
  fc.assert(
    fc.property(some, seeds, fc.constantFrom(0.2, 0.5, 1, 2), (problem, seed, std) => {
      const { objective } = predictMse(problem);
      expect(lbfgs(problem, std, seed, BLASES[0])).toBeGreaterThan(objective - REACHED);
    }),
    { numRuns: 40 },
  );
});
