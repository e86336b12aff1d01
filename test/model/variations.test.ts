import { describe, expect, it } from 'vitest';
import {
  createProblem,
  lossFrom,
  lossShares,
  namedClassWeights,
  outputsOf,
  refuseVariations,
  requirePlain,
  targetRows,
  variationFields,
  variationsOf,
  type ProblemInput,
} from '../../src/model/index.js';

const base: ProblemInput = {
  counts: [8, 4, 2],
  depth: 2,
  widths: 5,
  weightDecays: [0.01, 0.02],
  featureDecay: 0.03,
};
const problem = (more: Partial<ProblemInput>) => createProblem({ ...base, ...more });

describe('a problem beyond the plain one', () => {
  it('has no variations where what is given changes nothing', () => {
    expect(variationsOf(problem({}))).toEqual([]);
    expect(variationsOf(problem({ classWeights: [1, 1, 1], labelSmoothing: 0, focal: 0 }))).toEqual([]);
    expect(variationsOf(problem({ loss: 'ce', classWeights: [3, 3, 3] }))).toEqual([]);
    const shifted = { offsets: [2, 2, 2], scales: [1, 1, 1] };
    expect(variationsOf(problem({ loss: 'ce', logitAdjustment: shifted }))).toEqual([]);
    expect(variationFields(problem({}))).toEqual({});
  });

  it('keeps equal weights under squared error, where they scale the loss', () => {
    expect(variationsOf(problem({ classWeights: [3, 3, 3] }))).toEqual(['class weights']);
  });

  it('names each variation, and refuses those that are not covered', () => {
    const many = problem({
      loss: 'ce',
      bias: 'decayed',
      classWeights: 'inverse',
      labelSmoothing: 0.1,
      featureSign: 'nonnegative',
      logitAdjustment: { additive: 1, multiplicative: 0 },
    });
    expect(variationsOf(many)).toEqual([
      'class weights',
      'label smoothing',
      'decayed bias',
      'non-negative features',
      'logit adjustment',
    ]);
    expect(() => requirePlain('somewhere', many)).toThrow(/^somewhere: .*class weights, label smoothing/);
    expect(() => refuseVariations('there', many, variationsOf(many))).not.toThrow();
    expect(many.biasDecay).toBe(0.02);
    expect(variationFields(many)).toMatchObject({ labelSmoothing: 0.1, biasDecay: 0.02 });
  });

  it.each([
    [{ classWeights: [1, 2] }, /class weights: a number for each of the 3/],
    [{ classWeights: [1, 0, 2] }, /class weights, class 1: a positive/],
    [{ labelSmoothing: 1 }, /label smoothing/],
    [{ focal: 2 }, /focal loss: cross-entropy/],
    [{ loss: 'ce', focal: 1, labelSmoothing: 0.1 }, /focal loss: one-hot targets/],
    [{ biasDecay: 0.1 }, /bias decay: a decayed bias/],
    [
      { bias: 'decayed', biasDecay: 0 },
      /bias decay: a positive finite number, got 0; a bias without decay is a free one/,
    ],
    [{ bias: 'decayed', biasDecay: -1 }, /bias decay: a positive finite number/],
    [{ bias: 'decayed', biasDecay: Infinity }, /bias decay: a positive finite number/],
    [{ targets: [[1, 2]] }, /targets, row 0: 3 columns/],
    [{ targets: [[1, 2, 3]], labelSmoothing: 0.1 }, /label smoothing: one-hot/],
    [{ loss: 'ce', targets: [[1, 0, 0]] }, /3 rows under cross-entropy/],
    [{ logitAdjustment: { additive: 1, multiplicative: 0 } }, /logit adjustment: cross-entropy/],
  ] as const)('refuses %o', (more, message) => {
    expect(() => problem(more as Partial<ProblemInput>)).toThrow(message);
  });

  it('scales named weights to Σ n_k w_k = N, in their ratios', () => {
    const counts = [1000, 100, 10];
    for (const [name, power] of [
      ['inverse', 1],
      ['inverse-sqrt', 0.5],
      ['equal-survival', 3 / 4],
    ] as const) {
      const w = namedClassWeights(name, counts, 3);
      expect(counts.reduce((sum, n, k) => sum + n * w[k], 0)).toBeCloseTo(1110, 9);
      expect(w[2] / w[0]).toBeCloseTo(100 ** power, 9);
    }
  });

  it('gives shares of the loss, targets and outputs', () => {
    expect(lossShares(problem({ loss: 'ce', classWeights: [1, 2, 4] }))).toEqual([1 / 3, 1 / 3, 1 / 3]);
    expect(targetRows(problem({ labelSmoothing: 0.3 }))[0]).toEqual([0.7 + 0.1, 0.3 / 3, 0.3 / 3]);
    expect(outputsOf(problem({ targets: [[1, 2, 3]] }))).toBe(1);
    expect(outputsOf(problem({}))).toBe(3);
  });

  it('reads a loss as people write it', () => {
    expect(lossFrom('loss', 'focal:2')).toEqual({ loss: 'ce', focal: 2 });
    expect(lossFrom('loss', 'MSE')).toEqual({ loss: 'mse', focal: 0 });
    for (const text of ['focal', 'focal:', 'focal:x', 'focal:-1', 'hinge'])
      expect(() => lossFrom('--loss', text)).toThrow(/--loss: mse, ce or focal:G/);
  });
});
