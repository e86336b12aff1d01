import { describe, expect, it } from 'vitest';
import { degrees, number, percent, share, whole } from '../../src/core/numbers.js';

describe('numbers in words', () => {
  it('have so many significant digits, no trailing zeros, and an exponent outside 10⁻³ … 10⁶', () => {
    expect([0, 0.5, 1 / 3, 123.456, 999_999, 1e6, 1.25e-9].map((x) => number(x))).toEqual([
      ...['0', '0.5', '0.3333', '123.5', '1000000', '1e6', '1.25e-9'],
    ]);
    expect([1e-3, 9.99e-4, -9.99e-4, -1e-3].map((x) => number(x))).toEqual([
      '0.001',
      '9.99e-4',
      '-9.99e-4',
      '-0.001',
    ]);
    expect(number(0.0012345, 2)).toBe('0.0012');
    expect(number(20_000_000)).toBe('2e7');
  });

  it('are dashes where there is none', () => {
    for (const format of [number, percent, share, degrees])
      expect([format(null), format(undefined)]).toEqual(['–', '–']);
  });

  it('say parts, shares, angles and counts', () => {
    expect([percent(0.0213), percent(0.9512, 3), percent(2e-7), percent(0)]).toEqual([
      '2.1 %',
      '95.1 %',
      '2e-5 %',
      '0 %',
    ]);
    expect([share(0.9534), share(1), share(0.5, 0)]).toEqual(['95.34 %', '100.00 %', '50 %']);
    expect(degrees(12.34)).toBe('12.3°');
    expect([whole(9999), whole(10_000), whole(1_234_567)]).toEqual(['9999', '10 000', '1 234 567']);
  });
});
