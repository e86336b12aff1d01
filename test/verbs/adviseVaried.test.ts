/** Advice with class weights, soft targets and the like: predictions just below and just above each limit. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { advise, predictProblem, type AdviseDocument } from '../../src/verbs/index.js';

const problemOf = (more: Partial<ProblemInput>) =>
  createProblem({
    ...{ counts: [40, 16, 6], depth: 2, widths: 8, weightDecays: 2e-3, featureDecay: 1e-3, ...more },
  });
const adviceOf = (more: Partial<ProblemInput>, featureDecay: 'fixed' | 'tied' = 'fixed') =>
  advise({ problem: problemOf(more), featureDecay, blas });

const CASES: readonly [string, Partial<ProblemInput>][] = [
  ['class weights', { classWeights: 'inverse' }],
  ['class weights in a list, one layer', { classWeights: [1, 3, 2], depth: 1 }],
  ['label smoothing', { labelSmoothing: 0.1 }],
  ['label smoothing, a free bias', { labelSmoothing: 0.2, bias: 'free', depth: 3 }],
  [
    'given targets',
    {
      targets: [
        [1, 0.2, 0],
        [0, 0.9, 0.1],
        [0.3, 0, 0.8],
      ],
    },
  ],
  ['a decayed bias', { counts: [9, 9, 9], bias: 'decayed', biasDecay: 0.5 }],
  ['features of at least 0, cross-entropy', { loss: 'ce', featureSign: 'nonnegative', depth: 1 }],
  [
    'the same with weights and smoothing',
    { loss: 'ce', featureSign: 'nonnegative', depth: 1, classWeights: 'inverse-sqrt', labelSmoothing: 0.05 },
  ],
];

describe.each(CASES)('advice with %s', (_, more) => {
  it.each(['fixed', 'tied'] as const)('has limits that predictions change at (%s)', (rule) => {
    const { classes, depths, problem } = adviceOf(more, rule);
    classes.forEach(({ maxWeightDecay }, k) => {
      const livesAt = (decay: number) => {
        const at = problemOf({
          ...more,
          weightDecays: decay,
          featureDecay: rule === 'tied' ? decay : 1e-3,
        });
        const { regime, fit } = predictProblem(at, blas).classes[k];
        return regime === null ? fit > 1e-9 : regime === 'alive';
      };
      expect(livesAt((maxWeightDecay ?? NaN) * 0.999)).toBe(true);
      expect(livesAt((maxWeightDecay ?? NaN) * 1.001)).toBe(false);
    });
    const here = depths.find(({ depth }) => depth === problem.depth);
    expect(here?.maxWeightDecay).toBe(
      Math.min(...classes.map(({ maxWeightDecay }) => maxWeightDecay ?? NaN)),
    );
  });

  it('says up to which decay the class that is lost first keeps a fit', () => {
    const { keep, keepFit, keepClass, keepReaches, keepAtRatio, recommendation } = adviceOf(more);
    const fit = (weightDecays: number, featureDecay: number) =>
      predictProblem(problemOf({ ...more, weightDecays, featureDecay }), blas).classes[keepClass ?? -1].fit;
    expect(fit((keep ?? NaN) * (1 - 1e-9), 1e-3)).toBeGreaterThanOrEqual(keepFit - 1e-7);
    expect(fit((keep ?? NaN) * 1.001, 1e-3)).toBeLessThan(keepFit);
    expect(keepReaches).toBeGreaterThanOrEqual(keepFit - 1e-9);
    const scaled = keepAtRatio ?? NaN;
    expect(fit(scaled * 0.9999, scaled * 0.9999 * 0.5)).toBeGreaterThan(keepFit - 1e-6);
    expect(fit(scaled * 1.001, scaled * 1.001 * 0.5)).toBeLessThan(keepFit);
    expect(recommendation).toMatch(/weight decay/);
  });
});

const limitsOf = ({ classes }: AdviseDocument) => classes.map(({ maxWeightDecay }) => maxWeightDecay ?? NaN);

describe('what theory says of them', () => {
  it('equal-survival weights give every class one limit', () => {
    const limits = limitsOf(adviceOf({ classWeights: 'equal-survival' }));
    for (const limit of limits) expect(limit / limits[0]).toBeCloseTo(1, 12);
  });

  it('label smoothing with a free bias multiplies limits by (1 − ε)²', () => {
    const plain = limitsOf(adviceOf({ bias: 'free' }));
    limitsOf(adviceOf({ bias: 'free', labelSmoothing: 0.2 })).forEach((limit, k) => {
      expect(limit / plain[k]).toBeCloseTo(0.64, 10);
    });
  });

  it('weights of 1 are the plain problem', () => {
    const [plain, weighted] = [adviceOf({}), adviceOf({ classWeights: [1, 1, 1] })];
    limitsOf(weighted).forEach((limit, k) => {
      expect(limit / limitsOf(plain)[k]).toBeCloseTo(1, 12);
    });
    expect((weighted.keep ?? NaN) / (plain.keep ?? NaN)).toBeCloseTo(1, 9);
  });

  it('targets of samples are refused, with the verbs that know them', () => {
    const targets = [Array.from({ length: 9 }, (_, i) => i), Array.from({ length: 9 }, (_, i) => i % 3)];
    expect(() => adviceOf({ counts: new Array<number>(9).fill(1), targets })).toThrow(/predict and measure/);
  });

  it.each<[string, Partial<ProblemInput>]>([
    ['class weights with a bias', { bias: 'free', classWeights: 'inverse' }],
    ['class weights under ce', { loss: 'ce', depth: 1, classWeights: 'inverse' }],
    ['decayed bias', { bias: 'decayed' }],
    ['focal loss', { loss: 'ce', focal: 2, depth: 1 }],
    ['logit adjustment', { loss: 'ce', depth: 1, logitAdjustment: { additive: 1, multiplicative: 0 } }],
    ['non-negative features', { bias: 'free', depth: 1, featureSign: 'nonnegative' }],
  ])('%s: the rest is refused by name', (name, more) => {
    expect(() => adviceOf(more)).toThrow(
      new RegExp(`closed form.*got "${name.split(/ (with|under)/)[0]}`, 's'),
    );
  });
});
