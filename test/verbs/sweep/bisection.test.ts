/** Bisection over a sweep: finds what running every point finds, with far fewer points, and says what it does not know. */
import { describe, expect, it } from 'vitest';
import type { PointResult } from '../../../src/runs/index.js';
import { createBisection, mostBisected } from '../../../src/verbs/sweep/bisection.js';
import { parseSweep, settingsAt } from '../../../src/verbs/sweep/plan.js';

const N = 65;
const text = (rest = '') => `kind: ufm
counts: [100, 30, 10]
depth: 1
width: 4
weightDecay: 1e-3
featureDecay: 1e-3
steps: 100
measureEvery: 100
sweep:
  depth: [1, 2]
  weightDecay: {from: 1e-4, to: 1, points: ${N}, scale: log}
  init.seed: [0, 1, 2]
bisect: weightDecay
${rest}`;
const plan = parseSweep(text(), 'test');
const decays = plan.axes[1].values.map(([value]) => Number(value));

/** Class k is lost at this decay. */
const lostAt = (k: number, depth: number, seed: number) => ([0.5, 0.05, 0.002][k] / depth) * 1.2 ** seed;

type State = 'alive' | 'lost' | null;

function resultAt(
  point: number,
  states: readonly State[],
  status: PointResult['status'] = 'finished',
): PointResult {
  return {
    ...{ point, status, step: 100, counts: states.length === 0 ? [] : [100, 30, 10] },
    ...{ featureDecay: 1e-3, predicted: null, failure: null, seconds: 1 },
    measured: {
      ...{ objective: 1, nc1: 1, cdnv: null, nc2Weights: null, nc2Features: null, nc3: null, nc4: null },
      ...{ accuracy: null, testAccuracy: null },
      classes: states.map((state) => ({ weightNorm: 1, featureNorm: 1, fit: 1, accuracy: null, state })),
    },
  };
}

function run(stateOf: (decay: number, depth: number, seed: number, k: number) => State) {
  const bisection = createBisection(plan, plan.bisect ?? -1);
  let runs = 0;
  for (let points = bisection.needed(); points.length > 0; points = bisection.needed())
    for (const point of points) {
      const { weightDecay, depth, 'init.seed': seed } = Object.fromEntries(settingsAt(plan, point));
      const states = [0, 1, 2].map((k) => stateOf(Number(weightDecay), Number(depth), Number(seed), k));
      bisection.add(resultAt(point, states));
      runs++;
    }
  return { losses: bisection.losses(), runs };
}

describe('bisection', () => {
  it('finds the neighbours between which each class of each seed is lost, in few runs', () => {
    const { losses, runs } = run((decay, depth, seed, k) =>
      decay < lostAt(k, depth, seed) ? 'alive' : 'lost',
    );
    // Two ends, then the halves and quarters that three classes can lie in, then a middle for each class.
    expect(mostBisected(plan, 1)).toBe(6 * (2 + 1 + 2 + 3 * 4));
    expect(runs).toBeLessThanOrEqual(mostBisected(plan, 1) ?? 0);
    expect(losses.map(({ settings }) => settings)).toEqual([[['depth', 1]], [['depth', 2]]]);
    losses.forEach(({ classes }, i) => {
      classes.forEach(({ estimate, low, high, seeds, of }, k) => {
        const limits = [0, 1, 2].map((seed) => lostAt(k, i + 1, seed));
        const below = limits.map((limit) => decays.filter((decay) => decay < limit).at(-1) ?? NaN);
        const above = limits.map((limit) => decays.find((decay) => decay >= limit) ?? NaN);
        expect([low, high, seeds, of]).toEqual([Math.min(...below), Math.max(...above), 3, 3]);
        const middles = below.map((value, seed) => Math.log(value * above[seed]) / 2);
        expect(Math.log(estimate ?? NaN)).toBeCloseTo(middles.reduce((a, b) => a + b) / 3, 9);
      });
    });
  });

  it('leaves open what lies beyond the grid', () => {
    const { losses } = run((decay, _, seed, k) => {
      if (k === 0) return 'alive';
      if (k === 1) return 'lost';
      return seed === 0 || decay < 0.01 ? 'alive' : 'lost';
    });
    const [never, always, some] = losses[0].classes;
    expect(never).toEqual({ count: 100, estimate: null, low: 1, high: null, seeds: 0, of: 3 });
    expect(always).toEqual({ count: 30, estimate: null, low: null, high: 1e-4, seeds: 0, of: 3 });
    expect(some).toMatchObject({ high: null, seeds: 2, of: 3 });
  });

  it('passes by runs that do not say, and ends where none does', () => {
    const { losses } = run((decay, _, __, k) => {
      if (decay > 0.009 && decay < 0.011) return null;
      return decay < [0.02, 0.01, 0.005][k] ? 'alive' : 'lost';
    });
    losses[0].classes.forEach(({ low, high }, k) => {
      const limit = [0.02, 0.01, 0.005][k];
      expect(low).toBeLessThan(limit);
      expect(high).toBeGreaterThanOrEqual(limit);
      expect((high ?? NaN) / (low ?? NaN)).toBeLessThan(1.4);
    });
    expect(run(() => null).losses[0].classes[0]).toMatchObject({ estimate: null, low: null, high: null });
  });

  it('gives the whole interval where learned and lost take turns', () => {
    const bisection = createBisection(plan, plan.bisect ?? -1);
    for (const [place, state] of [
      [0, 'alive'],
      [20, 'lost'],
      [30, 'alive'],
      [31, 'lost'],
      [N - 1, 'lost'],
    ] as const)
      bisection.add(resultAt(place * 3, [state, state, state]));
    const [{ low, high }] = bisection.losses()[0].classes.map(({ low: l, high: h }) => ({ low: l, high: h }));
    expect(low).toBeNull();
    expect(high).toBeNull();
    // Seeds without a run are not known; of the one that has them:
    expect(bisection.needed()).not.toContain(25 * 3);
  });

  it('refuses a key that cannot be bisected', () => {
    expect(() => parseSweep(text().replace('bisect: weightDecay', 'bisect: width'), 'test')).toThrow(
      'test: bisect: one key of the sweep, depth, weightDecay, init.seed, got "width"',
    );
    expect(() => parseSweep(text().replace('bisect: weightDecay', 'bisect: depth'), 'test')).toThrow(
      /3 or more positive numbers in ascending order/,
    );
    expect(() => parseSweep(text().replace('bisect: weightDecay', 'estimate: a.json'), 'test')).toThrow(
      /beside bisect/,
    );
  });
});
