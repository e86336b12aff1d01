import { describe, expect, it } from 'vitest';
import { createProblem } from '../../../src/model/index.js';
import { stoppedBy } from '../../../src/core/host.js';
import { ceDeadDecay, ceLargestDecays, ceMergeDecays, predictCe } from '../../../src/theory/index.js';

const problem = (counts: readonly number[], bias: 'none' | 'free', decay = 1e-3) =>
  createProblem({
    ...{ counts, depth: 1, widths: counts.length, loss: 'ce', bias },
    ...{ weightDecays: decay, featureDecay: decay },
  });

const cases = (
  [
    [20, 8, 3],
    [100, 10, 1],
    [30, 30, 2, 2, 2],
    [7, 6, 5, 4, 3],
  ] as const
).flatMap((counts) => (['none', 'free'] as const).map((bias) => ({ counts, bias })));

describe('ceLargestDecays', () => {
  it.each(cases)(
    'meets the accuracy asked for, and stays at or below death: n = $counts, bias $bias',
    (input) => {
      const asked = problem(input.counts, input.bias);
      const dead = ceDeadDecay(asked);
      const fine = ceLargestDecays(asked, { accuracy: 1e-7 });
      for (const accuracy of [1e-2, 1e-4, 1e-6]) {
        const { tiedDecay, interrupted } = ceLargestDecays(asked, { accuracy });
        expect(interrupted).toBe(false);
        tiedDecay.forEach((limit, k) => {
          if (limit === null) {
            expect(fine.tiedDecay[k]).toBeNull();
            return;
          }
          expect(limit).toBeLessThanOrEqual(dead);
          expect(Math.abs(limit / fine.tiedDecay[k]! - 1)).toBeLessThan(accuracy);
        });
      }
    },
  );

  it.each(['none', 'free'] as const)('classes of one count merge at √n/N, bias %s', (bias) => {
    const counts = [30, 30, 2, 2, 2];
    const merges = ceMergeDecays({ counts });
    expect(ceMergeDecays({ counts: [5, 3, 1] })).toEqual([null, null, null]);
    expect(merges[4]).toBeCloseTo(Math.sqrt(2) / 66, 15);
    /** Cosine between the rows of two small classes, from the geometry of the convex solution. */
    const apart = (decay: number) => {
      const { weights } = predictCe(problem(counts, bias, decay)).geometry();
      if (weights.kind !== 'dense') throw new Error('a dense frame is expected');
      const at = (i: number, j: number) => weights.matrix.data[i * 5 + j];
      return 1 - at(3, 4) / Math.sqrt(at(3, 3) * at(4, 4));
    };
    expect(apart(0.999 * merges[4]!)).toBeGreaterThan(1e-5);
    expect(apart(1.001 * merges[4]!)).toBeLessThan(1e-9);
    const { tiedDecay, sources } = ceLargestDecays(problem(counts, bias));
    // Without bias they are separated until they merge; with one a large class overtakes them before.
    if (bias === 'none') expect([tiedDecay[4], sources[4]]).toEqual([merges[4], 'closed form']);
    else expect(tiedDecay[4]! / merges[4]!).toBeCloseTo(0.855, 2);
  });

  it.each(['none', 'free'] as const)(
    'finds the decay up to which the smallest class has a fit, bias %s',
    (bias) => {
      const counts = [40, 12, 5];
      for (const fit of [0.5, 0.9]) {
        const { reach } = ceLargestDecays(problem(counts, bias), { fit, accuracy: 1e-5 });
        const at = (decay: number) => predictCe(problem(counts, bias, decay)).classes[2].fit;
        expect(at(reach! * (1 - 1e-5))).toBeGreaterThan(fit);
        expect(at(reach! * (1 + 2e-5))).toBeLessThan(fit);
      }
    },
  );

  it('estimates what it does not bisect, says so, and is near', () => {
    const counts = [90, 70, 55, 40, 30, 22, 16, 11, 8, 5];
    for (const bias of ['none', 'free'] as const) {
      const whole = ceLargestDecays(problem(counts, bias));
      const rough = ceLargestDecays(problem(counts, bias), { mostGroups: 4 });
      expect(whole.sources).not.toContain('estimated');
      expect(rough.sources.filter((source) => source === 'estimated').length).toBeGreaterThan(4);
      // The smallest class is bisected, to a hundredth.
      expect(rough.sources[9]).toBe('bisected');
      expect(Math.abs(rough.tiedDecay[9]! / whole.tiedDecay[9]! - 1)).toBeLessThan(1e-2);
      whole.tiedDecay.forEach((limit, k) => {
        if (limit === null) expect(rough.tiedDecay[k]).toBeNull();
        else expect(Math.abs(rough.tiedDecay[k]! / limit - 1)).toBeLessThan(0.15);
      });
    }
  });

  it('shows nothing that it was stopped from bisecting', () => {
    let asked = 0;
    const { tiedDecay, sources, interrupted } = ceLargestDecays(problem([20, 8, 3], 'free'), {
      host: { signal: stoppedBy({ aborted: false }, () => ++asked > 40) },
      accuracy: 1e-6,
    });
    expect(interrupted).toBe(true);
    const whole = ceLargestDecays(problem([20, 8, 3], 'free'), { accuracy: 1e-6 });
    expect(tiedDecay).toContain(null);
    tiedDecay.forEach((limit, k) => {
      if (limit === null) expect(sources[k]).toBeNull();
      else expect(Math.abs(limit / whole.tiedDecay[k]! - 1)).toBeLessThan(1e-6);
    });
  });
});
