import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { parseCounts } from '../../src/model/index.js';

describe('parseCounts', () => {
  it.each<[string, number[]]>([
    ['8,4,2,2', [8, 4, 2, 2]],
    [' 8 , 4 ', [8, 4]],
    ['1', [1]],
    ['5000x10', new Array<number>(10).fill(5000)],
    ['3×2', [3, 3]],
    ['8,3x2,1', [8, 3, 3, 1]],
    ['1e3', [1000]],
    ['longtail:5000:100:10', [5000, 2997, 1796, 1077, 645, 387, 232, 139, 83, 50]],
    // 10^(1/3) = 2.154, 10^(2/3) = 4.642
    ['longtail:1000:10:4', [1000, 464, 215, 100]],
    ['longtail:7:1:3', [7, 7, 7]],
    ['longtail:9:100:1', [9]],
    ['longtail:8:8:4,5', [8, 4, 2, 1, 5]],
    ['longtail: 100 : 2.5 : 2', [100, 40]],
  ])('%s', (text, counts) => {
    expect(parseCounts(text)).toEqual(counts);
  });

  it('reads back any list, and any runs of equal counts', () => {
    const count = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(fc.array(fc.tuple(count, fc.integer({ min: 1, max: 5 })), { minLength: 1 }), (runs) => {
        const counts = runs.flatMap(([n, times]) => new Array<number>(times).fill(n));
        expect(parseCounts(counts.join(','))).toEqual(counts);
        expect(parseCounts(runs.map(([n, times]) => `${n}x${times}`).join(','))).toEqual(counts);
      }),
    );
  });

  it('longtail is ⌊largest·ratio^(−k/(K−1))⌋: largest first, never rising, largest/ratio last', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (largest, K, share) => {
          // Every ratio up to `largest`, so that the last class has at least one sample.
          const ratio = Math.max(1, Math.pow(largest, share));
          const counts = parseCounts(`longtail:${largest}:${ratio}:${K}`);
          expect(counts).toHaveLength(K);
          expect(counts[0]).toBe(largest);
          counts.forEach((n, k) => {
            // By logarithms, another rounding of the same number; it may cross a whole number by 1e-9 of itself.
            const exact = Math.exp(Math.log(largest) - (k / (K - 1)) * Math.log(ratio));
            expect(n).toBeGreaterThanOrEqual(Math.floor(exact * (1 - 2e-9)));
            expect(n).toBeLessThanOrEqual(Math.floor(exact * (1 + 2e-9)));
            if (k > 0) expect(n).toBeLessThanOrEqual(counts[k - 1]);
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('longtail ends at the whole number largest/ratio, whatever the powers round to', () => {
    for (let ratio = 1; ratio <= 300; ratio++)
      for (const K of [2, 3, 10, 100, 365]) {
        const counts = parseCounts(`longtail:${7 * ratio}:${ratio}:${K}`);
        expect(counts[K - 1]).toBe(7);
      }
  });

  it.each<[string, RegExp]>([
    ['', /whole numbers of samples/],
    [
      'a',
      /^counts: whole numbers of samples, got "a"; write 200,100,50,50 or 5000x10 or longtail:5000:100:10$/,
    ],
    ['8,,2', /whole numbers of samples/],
    ['8,4,', /whole numbers of samples/],
    ['0', /^counts, class 0: a positive whole number of samples, got 0; leave an empty class out$/],
    ['3,0', /class 1: .*got 0/],
    ['5,-3', /class 1: .*got -3/],
    ['2.5', /class 0: .*got 2.5/],
    ['NaN', /got "NaN"/],
    ['Infinity', /got "Infinity"/],
    ['1e999', /class 0: .*got Infinity/],
    ['9007199254740993', /class 0: .*positive whole number/],
    ['9007199254740991,1', /at most 2\^53 samples/],
    ['5x0', /at least one class, got "5x0"/],
    ['5x', /got "5x"/],
    ['x5', /got "x5"/],
    ['5x2x3', /got "5x2x3"/],
    ['5x10000001', /at most 10000000 classes/],
    ['1x9999999,1x2', /at most 10000000 classes, got 10000001/],
    ['0x10', /class 0: .*got 0/],
    ['longtail:5000:100', /longtail:LARGEST:RATIO:CLASSES/],
    ['longtail:5000:100:10:1', /longtail:LARGEST:RATIO:CLASSES/],
    ['longtail:::', /positive whole number for the largest class/],
    ['longtail:0:1:3', /positive whole number for the largest class, got "0"/],
    ['longtail:10.5:2:3', /positive whole number for the largest class/],
    ['longtail:10:0.5:3', /ratio .* of at least 1, got "0.5"/],
    ['longtail:10:Infinity:3', /ratio .* of at least 1/],
    ['longtail:10:2:0', /whole number of classes from 1/],
    ['longtail:10:2:2.5', /whole number of classes from 1/],
    ['longtail:10:2:99999999', /whole number of classes from 1 to 10000000/],
    // the smallest class would be empty
    ['longtail:10:100:3', /class 2: .*got 0/],
  ])('refuses %j', (text, message) => {
    let caught: unknown;
    try {
      parseCounts(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(InputError);
    expect((caught as Error).message).toMatch(message);
  });

  it('takes or refuses any text, on one short line', () => {
    const alphabet = fc.constantFrom(...'0123456789,.:x×+-eE longtailNa∞\n'.split(''));
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 14 }), (text) => {
        try {
          const counts = parseCounts(text);
          expect(counts.length).toBeGreaterThan(0);
          if (counts.length < 1e5) expect(counts.every((n) => Number.isSafeInteger(n) && n > 0)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as Error).message).not.toContain('\n');
          expect((error as Error).message.length).toBeLessThan(300);
        }
      }),
      { numRuns: 500 },
    );
  });
});
