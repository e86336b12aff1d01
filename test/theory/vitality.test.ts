import { describe, expect, it } from 'vitest';
import { createProblem, frameEntry } from '../../src/model/index.js';
import { aliveAbove, lostUpTo, livesInTheory, predictMse, zeroClasses } from '../../src/theory/index.js';

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

describe('the yardsticks of alive and lost', () => {
  const living = { ...predicted([500, 100, 20], 'none', 1e-3).classes[0], fit: 0.8 };
  const lost = predicted([3, 2], 'none', 10).classes[0];
  const without = { ...lost, regime: null, fit: 0 };

  it('are half the predicted fit and a tenth of it for a class that lives', () => {
    expect(livesInTheory(living.regime, living.fit)).toBe(true);
    expect(aliveAbove(living, 3)).toBe(0.4);
    expect(lostUpTo(living, 3)).toBeCloseTo(0.08, 15);
  });

  it('are half of the least fit that a living mode can have, (M − 1)/(2M), for one that theory gives up', () => {
    expect(livesInTheory(lost.regime, lost.fit)).toBe(false);
    expect(aliveAbove(lost, 3)).toBe(1 / 6);
    expect(aliveAbove(lost, 2)).toBe(1 / 8);
    for (const [prediction, depth] of [
      [lost, 1],
      [without, 1],
      [without, 4],
    ] as const)
      // prettier-ignore
      expect(aliveAbove(prediction, depth)).toBe(0.05);
    expect(lostUpTo(lost, 3)).toBe(1 / 6);
  });
});
