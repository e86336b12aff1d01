import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import {
  bottleneckOf,
  createProblem,
  geometricMean,
  depthOf,
  isBalanced,
  PLAIN,
  samplesOf,
  type ProblemInput,
} from '../../src/model/index.js';

const GOOD: ProblemInput = { counts: [8, 4, 2], depth: 3, widths: 6, weightDecays: 0.01, featureDecay: 0.02 };

describe('createProblem', () => {
  it('spreads one width and one decay over the layers, and takes defaults from the paper', () => {
    expect(createProblem(GOOD)).toEqual({
      counts: [8, 4, 2],
      widths: [6, 6, 6],
      loss: 'mse',
      bias: 'none',
      weightDecays: [0.01, 0.01, 0.01],
      featureDecay: 0.02,
      ...PLAIN,
    });
    const lists = createProblem({
      ...GOOD,
      widths: [6, 5, 7],
      weightDecays: [1, 2, 3],
      loss: 'ce',
      bias: 'free',
    });
    expect(lists).toMatchObject({ widths: [6, 5, 7], weightDecays: [1, 2, 3], loss: 'ce', bias: 'free' });
    expect(createProblem({ ...GOOD, widths: [4], weightDecays: [1] }).widths).toEqual([4, 4, 4]);
  });

  it('keeps nothing of what was given: later changes do not reach it', () => {
    const [counts, widths, weightDecays] = [
      [3, 3],
      [4, 4],
      [1, 1],
    ];
    const problem = createProblem({ ...GOOD, counts, depth: 2, widths, weightDecays });
    counts[0] = widths[0] = weightDecays[0] = -1;
    expect(problem).toMatchObject({ counts: [3, 3], widths: [4, 4], weightDecays: [1, 1] });
  });

  it.each<[string, Partial<ProblemInput>, string]>([
    ['no classes', { counts: [] }, 'counts: at least one class, got []'],
    ['an empty class', { counts: [3, 0] }, 'counts, class 1: a positive whole number of samples, got 0'],
    ['a negative class', { counts: [-3] }, 'counts, class 0: a positive whole number of samples, got -3'],
    ['a fraction', { counts: [1, 2, 1.5] }, 'counts, class 2: a positive whole number of samples, got 1.5'],
    ['NaN samples', { counts: [NaN] }, 'counts, class 0: a positive whole number of samples, got NaN'],
    ['too many samples', { counts: [2 ** 53 - 1, 1] }, 'counts: at most 2^53 samples in all'],
    ['no layer', { depth: 0 }, 'depth: a whole number of linear layers from 1 to 1000, got 0'],
    ['half a layer', { depth: 1.5 }, 'depth: a whole number of linear layers from 1 to 1000, got 1.5'],
    ['NaN layers', { depth: NaN }, 'depth: a whole number'],
    ['endless layers', { depth: Infinity }, 'depth: a whole number'],
    ['too many layers', { depth: 1001 }, 'depth: a whole number'],
    [
      'two widths for three layers',
      { widths: [6, 5] },
      'width: one value, or one for each of the 3 layers (d_0 … d_{M−1}), got "2 values"',
    ],
    ['no width', { widths: [] }, 'width: one value, or one for each of the 3 layers'],
    ['four widths', { widths: [6, 5, 6, 3] }, 'width: one value, or one for each of the 3 layers'],
    ['a width of zero', { widths: 0 }, 'width d_0: a whole number from 1 to 2147483647, got 0'],
    [
      'a width of zero inside',
      { widths: [6, 0, 6] },
      'width d_1: a whole number from 1 to 2147483647, got 0',
    ],
    ['half a width', { depth: 1, widths: 2.5 }, 'width: a whole number from 1 to 2147483647, got 2.5'],
    [
      'two decays for three layers',
      { weightDecays: [1, 1] },
      'weight decay: one value, or one for each of the 3 layers (λ_1 … λ_M)',
    ],
    ['a decay of zero', { depth: 1, weightDecays: 0 }, 'weight decay: a positive finite number, got 0'],
    ['a negative decay', { weightDecays: [1, -1, 1] }, 'weight decay λ_2: a positive finite number, got -1'],
    ['a decay of NaN', { weightDecays: NaN }, 'weight decay λ_1: a positive finite number, got NaN'],
    [
      'an infinite decay',
      { weightDecays: Infinity },
      'weight decay λ_1: a positive finite number, got Infinity',
    ],
    ['a feature decay of zero', { featureDecay: 0 }, 'feature decay: a positive finite number, got 0'],
    ['a feature decay of NaN', { featureDecay: NaN }, 'feature decay: a positive finite number, got NaN'],
    ['an infinite feature decay', { featureDecay: Infinity }, 'feature decay: a positive finite number'],
    ['a loss that is none', { loss: 'CE' as 'ce' }, 'loss: mse or ce, got "CE"'],
    ['a bias that is none', { bias: 'last' as 'free' }, 'bias: none, free or decayed, got "last"'],
  ])('refuses %s', (_, change, message) => {
    expect(() => createProblem({ ...GOOD, ...change })).toThrow(InputError);
    expect(() => createProblem({ ...GOOD, ...change })).toThrow(message);
  });

  it('sizes: M, N, R and balance', () => {
    const side = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        fc.array(side, { minLength: 1, maxLength: 6 }),
        fc.array(side, { minLength: 1, maxLength: 4 }),
        (counts, widths) => {
          const problem = createProblem({ ...GOOD, counts, depth: widths.length, widths });
          expect(depthOf(problem)).toBe(widths.length);
          expect(samplesOf(problem)).toBe(counts.reduce((a, b) => a + b));
          expect(bottleneckOf(problem)).toBe([counts.length, ...widths].sort((a, b) => a - b)[0]);
          expect(isBalanced(problem)).toBe(new Set(counts).size === 1);
        },
      ),
    );
  });

  it('a hundred thousand classes and a thousand layers are no problem', () => {
    const problem = createProblem({ ...GOOD, counts: new Array<number>(100_000).fill(3), depth: 1000 });
    expect(samplesOf(problem)).toBe(300_000);
    expect(bottleneckOf(problem)).toBe(6);
  });
});

describe('geometricMean', () => {
  it.each([
    [[5e-4, 5e-4, 5e-4], 5e-4],
    [[1e-300, 1e-300], 1e-300],
    [[0.1, 0.1, 0.1, 0.1, 0.1], 0.1],
  ] as const)('of equal numbers is that number: %j', (values, expected) =>
    expect(geometricMean(values)).toBe(expected),
  );

  it('is the root of the product, and finite where the product is not', () => {
    expect(geometricMean([2, 8])).toBeCloseTo(4, 14);
    expect(geometricMean([1e200, 1e250, 1e300]) / 1e250).toBeCloseTo(1, 12);
  });
});
