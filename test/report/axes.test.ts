/** Axes: every value lies on them, ticks are where their labels say, and there are neither too few nor too many. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearAxis, logAxis, stepAxis, type Axis } from '../../src/report/figures/axes.js';
import { tickValue } from '../support/readSvg.js';

const inside = ({ domain: [low, high] }: Axis, at: number) => {
  const slack = 1e-9 * (high - low);
  return at >= low - slack && at <= high + slack;
};
const labels = ({ ticks }: Axis) => ticks.map(({ label }) => label);

describe('a linear axis', () => {
  it('holds every value, ends on ticks, and has ticks where they say', () => {
    // Down there a number has three digits; nearer to zero steps of an axis would round to nothing.
    const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => (Math.abs(x) < 1e-318 ? 0 : x));
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
        const axis = linearAxis(values);
        for (const x of values) expect(inside(axis, axis.at(x) ?? NaN)).toBe(true);
        const [first, last] = [axis.ticks[0].at, axis.ticks[axis.ticks.length - 1].at];
        expect(first).toBeCloseTo(axis.domain[0], 6);
        expect(last).toBeCloseTo(axis.domain[1], 6);
        expect(axis.ticks.length).toBeGreaterThanOrEqual(3);
        expect(axis.ticks.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['a value alone, a tenth to each side', [5], undefined, [4.4, 5.6], '5'],
    ['a value alone, above the line it starts from', [5], 0, [0, 5], '0'],
    ['zero alone', [0], 0, [0, 1], '0'],
    ['nothing', [], 0, [0, 1], '0'],
    ['values from below zero', [-3, 5], 0, [-4, 6], '0'],
    ['values above the line it starts from', [20, 40], 0, [0, 40], '0'],
    ['values without such a line', [20, 40], undefined, [20, 40], '20'],
    ['values below the normal numbers', [2e-310, 8e-310], 0, [0, 8e-310], '2·10⁻³¹⁰'],
    ['values near the least number', [5e-324], 0, [0, 1e-320], '10⁻³²⁰'],
  ] as const)('%s', (_, values, from, domain, tick) => {
    const axis = linearAxis(values, from);
    expect(axis.domain.map((end) => Number(end.toPrecision(9)))).toEqual(domain);
    expect(labels(axis)).toContain(tick);
  });
});

describe('a logarithmic axis', () => {
  it('has powers of ten where they are, values beyond them, and zero below all', () => {
    const axis = logAxis([1e-6, 1e-2, 0], 'none');
    expect(axis.ticks[0].label).toBe('none');
    expect(axis.at(0)).toBe(axis.domain[0]);
    expect(axis.broken).toBeGreaterThan(axis.domain[0]);
    expect(axis.broken).toBeLessThan(axis.at(1e-6) ?? NaN);
    for (const { at, label } of axis.ticks.slice(1)) expect(10 ** at / tickValue(label)).toBeCloseTo(1, 9);
    expect(labels(axis).slice(1)).toEqual(['10⁻⁶', '10⁻⁵', '10⁻⁴', '10⁻³', '10⁻²']);
    expect(inside(axis, axis.at(1e-6) ?? NaN)).toBe(true);
    expect(axis.at(null)).toBeNull();
  });

  it.each([
    [[1, 1.2], 4],
    [[1, 9], 4],
    [[1, 90], 3],
    [[1e-30, 1], 4],
    [[1e-300, 1e300], 3],
    [[1e-322, 3e-321], 3],
    [[1e-320, 1e-300], 3],
  ])('of %j has from %i to eleven ticks', (values, least) => {
    const axis = logAxis(values);
    expect(axis.broken).toBeNull();
    expect(axis.ticks.length).toBeGreaterThanOrEqual(least);
    expect(axis.ticks.length).toBeLessThanOrEqual(11);
    for (const x of values) expect(inside(axis, axis.at(x) ?? NaN)).toBe(true);
    for (const { at, label } of axis.ticks)
      if (Math.abs(at) < 200) expect(10 ** at / tickValue(label)).toBeCloseTo(1, 2);
      else expect(at - Math.log10(tickValue(label))).toBeCloseTo(0, 1);
  });
});

it('a logarithmic axis keeps the smallest numbers apart', () => {
  const axis = logAxis([1e-320, 1e-310, 1e-300]);
  for (const x of [1e-320, 1e-310, 1e-300]) expect(axis.at(x)).toBeCloseTo(Math.log10(x), 3);
});

describe('an axis of steps', () => {
  it('is linear from the first to the last, with whole steps for ticks', () => {
    const axis = stepAxis([0, 10, 1000], 'linear');
    expect(axis.domain).toEqual([0, 1000]);
    expect(axis.ticks.map(({ at }) => at)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(axis.at(10)).toBe(10);
    expect(stepAxis([3], 'log').domain).toEqual([0, 3]);
    expect(stepAxis([], 'linear').domain).toEqual([0, 1]);
  });

  it('is logarithmic behind the first positive step, and step 0 has a place', () => {
    const axis = stepAxis([0, 10, 100, 10_000], 'log');
    expect(axis.at(0)).toBe(0);
    expect(axis.at(10)).toBeCloseTo(Math.log10(2), 12);
    expect(axis.domain).toEqual([0, Math.log10(1001)]);
    expect(axis.ticks[0]).toEqual({ at: 0, label: '0' });
    for (const { at, label } of axis.ticks) expect(axis.at(tickValue(label))).toBeCloseTo(at, 9);
    expect(axis.ticks.map(({ label }) => tickValue(label))).toEqual([0, 10, 100, 1000, 10_000]);
    // A run that goes on later has no step 0.
    expect(stepAxis([50, 400], 'log').ticks.map(({ label }) => tickValue(label))).not.toContain(0);
  });
});
