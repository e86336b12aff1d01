import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../../src/core/portableBlas.js';
import { createProblem } from '../../../src/model/index.js';
import { expectedStart, growthTime, halfFitTime } from '../../../src/theory/index.js';
import { createTrainer, drawStart } from '../../../src/ufm/index.js';

const problem = createProblem({
  ...{ counts: [40, 20, 10, 1], depth: 1, widths: 60, weightDecays: 0.02, featureDecay: 0.02 },
});
const S = (n: number) => Math.sqrt(n) - 71 * 0.02;

describe('when a class is learned', () => {
  it('is the time of the logistic curve, and none for a class that is lost or a problem without a curve', () => {
    const s0 = 0.01;
    const time = halfFitTime(problem, 1, s0) ?? NaN;
    expect(S(20) / (1 + (S(20) / s0 - 1) * Math.exp((-2 * S(20) * time) / 71))).toBeCloseTo(S(20) / 2, 12);
    expect(growthTime(problem, 1)).toBeCloseTo(71 / (2 * S(20)), 12);
    expect(halfFitTime(problem, 3, s0)).toBeNull();
    expect(halfFitTime(problem, 0, 10)).toBe(0);
    expect(halfFitTime({ ...problem, bias: 'free' }, 0, s0)).toBeNull();
    expect(halfFitTime({ ...problem, featureDecay: 0.01 }, 0, s0)).toBeNull();
  });

  it('is when gradient descent with small steps gets there', () => {
    const std = 1e-3;
    const start = drawStart(problem, std, 4, blas);
    const rate = 0.05;
    const trainer = createTrainer(problem, start, { name: 'sgd', learningRate: rate, momentum: 0 }, blas);
    const [W] = trainer.parameters.weights;
    const { columns } = trainer.parameters;
    const value = (k: number) => {
      let sum = 0;
      for (let r = 0; r < 60; r++) sum += W.data[k * 60 + r] * columns.data[r * columns.cols + k];
      return sum;
    };
    const s0 = [0, 1, 2].map((k) => {
      let sum = 0;
      for (let r = 0; r < 60; r++) sum += (W.data[k * 60 + r] + columns.data[r * columns.cols + k]) ** 2;
      return sum / 4;
    });
    // A sum of squares of 60 normal entries: its relative deviation is √(2/60).
    for (const one of s0) expect(one / expectedStart(problem, std)).toBeCloseTo(1, 0);
    const reached: (number | null)[] = [null, null, null];
    for (let step = 1; step < 12_000 && reached.includes(null); step++) {
      trainer.advance();
      reached.forEach((at, k) => {
        if (at === null && value(k) >= S(problem.counts[k]) / 2) reached[k] = step * rate;
      });
    }
    reached.forEach((at, k) => {
      const ratio = (at ?? NaN) / (halfFitTime(problem, k, s0[k]) ?? NaN);
      expect(ratio).toBeGreaterThan(0.98);
      expect(ratio).toBeLessThan(1.06);
    });
  });
});
