import { describe, expect, it } from 'vitest';
import { createProblem, frameEntry } from '../../src/model/index.js';
import { livesInTheory, predictMse, zeroClasses } from '../../src/theory/index.js';

function predicted(counts: readonly number[], bias: 'none' | 'free', weightDecays: number) {
  return predictMse(createProblem({ counts, depth: 3, widths: 64, weightDecays, featureDecay: 5e-4, bias }));
}

describe('classes of which nothing is left', () => {
  it.each([
    [[500, 100, 20], 'none', 0.02],
    [[500, 500, 20, 20], 'free', 0.02],
    [[300, 40, 40], 'free', 0.06],
    [[3, 2], 'none', 10],
  ] as const)('of %j, bias %s, λ_W = %f: those without length in the geometry', (counts, bias, decay) => {
    const { classes, geometry } = predicted(counts, bias, decay);
    const { weights, features } = geometry();
    const without = counts.map(
      (_, k) =>
        Math.max(frameEntry(weights, k, k), 0) < 1e-12 && Math.max(frameEntry(features, k, k), 0) < 1e-12,
    );
    expect(zeroClasses(classes)).toEqual(without);
  });

  it('are fewer than those whose mode is zero where a free bias mixes classes', () => {
    const { classes } = predicted([300, 40, 40], 'free', 0.06);
    expect(classes.map(({ regime, fit }) => livesInTheory(regime, fit))).toEqual([true, false, false]);
    expect(zeroClasses(classes)).toEqual([false, false, false]);
  });

  it('are all where every norm is zero', () => {
    expect(zeroClasses(predicted([3, 2], 'none', 10).classes)).toEqual([true, true]);
  });
});
