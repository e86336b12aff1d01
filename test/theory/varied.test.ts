/** Closed forms and certificates beyond the plain problem, each against numerical minima and the objective by its definition. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createProblem, type Problem, type ProblemInput } from '../../src/model/index.js';
import {
  predictCe,
  predictMse,
  requireCovered,
  statementFor,
  type Statement,
} from '../../src/theory/index.js';
import { ceCertificate } from '../../src/theory/ce/certificate.js';
import { ceDualCertificate } from '../../src/theory/ce/dual.js';
import { objectiveAt } from '../../src/theory/means/objective.js';
import { mseDualCertificate } from '../../src/theory/mse/dual.js';
import { logitsAt } from '../../src/theory/point.js';
import { naiveObjective, numericMinimum, predictVaried } from '../support/numericMinimum.js';

const base: ProblemInput = {
  counts: [8, 4, 2, 2],
  depth: 1,
  widths: 6,
  weightDecays: 0.005,
  featureDecay: 0.005,
};
const problem = (more: Partial<ProblemInput>): Problem => createProblem({ ...base, ...more });
const equal = [5, 5, 5, 5];
const three = { depth: 3, widths: [6, 5, 6], weightDecays: [0.005, 0.01, 0.003] };

/** Relative distance of two objectives that a descent to a gradient of 1e-12 leaves. */
const CLOSE = 1e-10;

function heldBy(given: Problem, statement: Statement) {
  expect(statementFor(given)).toBe(statement);
  const prediction = predictVaried(given);
  const { objective } = prediction;
  const scale = Math.abs(objective);
  // The point that the prediction stands for has that objective, by the definition.
  expect(Math.abs(naiveObjective(given, prediction.minimiser()) - objective)).toBeLessThan(1e-12 * scale);
  return { prediction, objective, gap: (numericMinimum(given).objective - objective) / scale };
}

describe('class weights under squared error', () => {
  it.each<[string, Partial<ProblemInput>, 'global' | 'best-known']>([
    ['one layer, any weights', { classWeights: [1, 2, 3, 1] }, 'global'],
    ['three layers, 1/n', { ...three, classWeights: 'inverse' }, 'global'],
    ['two layers, equal survival', { depth: 2, classWeights: 'equal-survival' }, 'best-known'],
    ['a bottleneck', { depth: 2, classWeights: [1, 2, 3, 1], widths: 3 }, 'best-known'],
    ['features of at least 0', { classWeights: [1, 2, 1, 1], featureSign: 'nonnegative' }, 'global'],
    ['no weights, features of at least 0', { ...three, featureSign: 'nonnegative' }, 'global'],
  ])('are the minimum: %s', (_, more, optimality) => {
    const { gap, prediction } = heldBy(problem(more), 'weights');
    expect(Math.abs(gap)).toBeLessThan(CLOSE);
    expect(prediction.optimality).toBe(optimality);
    if (optimality === 'global') expect(prediction.certificate?.relativeGap).toBeLessThan(1e-12);
  });

  it('is the plain prediction where the weights are 1', () => {
    const given = problem({ ...three, featureSign: 'nonnegative' });
    const plain = predictMse(problem(three));
    const { objective, classes } = predictVaried(given);
    expect(objective).toBeCloseTo(plain.objective, 14);
    classes.forEach(({ featureNorm }, k) =>
      expect(featureNorm).toBeCloseTo(plain.classes[k].featureNorm, 14),
    );
  });

  it('keeps all classes up to one decay with equal survival, and loses the largest first with 1/n', () => {
    for (const depth of [1, 2, 4]) {
      const limits = (classWeights: 'equal-survival' | 'inverse') =>
        predictVaried(problem({ depth, classWeights, counts: [800, 90, 7] })).classes.map(
          ({ maxWeightDecay }) => maxWeightDecay ?? NaN,
        );
      const [first, ...others] = limits('equal-survival');
      for (const limit of others) expect(limit / first).toBeCloseTo(1, 10);
      const inverse = limits('inverse');
      expect(inverse[0]).toBeLessThan(inverse[1]);
      expect(inverse[1]).toBeLessThan(inverse[2]);
    }
  });

  it('loses a class where its limit says', () => {
    const given = problem({ depth: 2, classWeights: [1, 2, 3, 1], counts: [80, 40, 7, 20] });
    const { classes } = predictVaried(given);
    classes.forEach(({ maxWeightDecay }, k) => {
      const at = (times: number) =>
        predictVaried({ ...given, weightDecays: [0, 0].map(() => times * (maxWeightDecay ?? NaN)) }).classes[
          k
        ];
      expect(at(0.999).regime).toBe('alive');
      expect(at(1.001).regime).not.toBe('alive');
    });
  });
});

describe('soft targets under squared error', () => {
  const regression = [
    [1, 2, -1, 0.5],
    [0.3, -0.6, 2, 0.2],
  ];
  it.each<[string, Partial<ProblemInput>]>([
    ['label smoothing', { depth: 2, labelSmoothing: 0.1 }],
    ['label smoothing with a bias', { bias: 'free', labelSmoothing: 0.1 }],
    ['regression', { depth: 2, bias: 'free', targets: regression }],
    ['regression, no bias, equal weights of 2', { targets: regression, classWeights: [2, 2, 2, 2] }],
    [
      'regression, one sample a column',
      { counts: [1, 1, 1, 1], depth: 3, weightDecays: 0.01, targets: regression },
    ],
    ['a bottleneck', { labelSmoothing: 0.2, widths: 2 }],
  ])('are the global minimum: %s', (_, more) => {
    const { gap, prediction } = heldBy(problem(more), 'targets');
    expect(Math.abs(gap)).toBeLessThan(CLOSE);
    expect(prediction.optimality).toBe('global');
    expect(prediction.certificate?.relativeGap).toBeLessThan(1e-11);
  });

  it('scale every limit by (1 − ε)² with a free bias', () => {
    const [smooth, plain] = [
      predictVaried(problem({ bias: 'free', labelSmoothing: 0.3, depth: 2 })),
      predictMse(problem({ bias: 'free', depth: 2 })),
    ];
    smooth.classes.forEach(({ maxWeightDecay, fit, share, regime }, k) => {
      const of = plain.classes[k];
      expect((maxWeightDecay ?? NaN) / (of.maxWeightDecay ?? NaN)).toBeCloseTo(0.49, 10);
      expect([share, regime]).toEqual([expect.closeTo(of.share, 10), of.regime]);
      expect(fit).toBeLessThan(of.fit);
    });
  });

  it('keep a direction of regression iff its covariance eigenvalue exceeds Nλ_Wλ_H', () => {
    const random = createRandom(3);
    const rows = [2, 0.5].map((size) => Array.from({ length: 40 }, () => size * random.normal()));
    const given = problem({ counts: new Array<number>(40).fill(1), targets: rows, bias: 'free' });
    const N = 40;
    const weakest = Math.min(
      ...predictVaried(given)
        .levels.slice(0, 2)
        .map(({ solution }) => solution.target ** 2 / N),
    );
    for (const [times, rank] of [
      [0.99, 2],
      [1.01, 1],
    ]) {
      const decay = Math.sqrt((times * weakest) / N);
      expect(predictVaried({ ...given, weightDecays: [decay], featureDecay: decay }).rank).toBe(rank);
    }
  });
});

describe('a decayed bias under squared error with equal counts', () => {
  it.each([
    ['one layer', { biasDecay: 3 }],
    ['two layers', { depth: 2, biasDecay: 0.3 }],
    ['hardly decayed', { depth: 2, biasDecay: 1e-3 }],
  ])('is the global minimum: %s', (_, more) => {
    const { gap, prediction } = heldBy(problem({ counts: equal, bias: 'decayed', ...more }), 'decayed bias');
    expect(Math.abs(gap)).toBeLessThan(CLOSE);
    expect(prediction.certificate?.relativeGap).toBeLessThan(1e-12);
  });

  it('goes from the free bias to none', () => {
    const at = (biasDecay: number) =>
      predictVaried(problem({ counts: equal, bias: 'decayed', biasDecay })).objective;
    expect(at(1e-9)).toBeCloseTo(predictMse(problem({ counts: equal, bias: 'free' })).objective, 8);
    expect(at(1e9)).toBeCloseTo(predictMse(problem({ counts: equal })).objective, 8);
  });
});

describe('one scalar under cross-entropy with equal counts', () => {
  it.each<[string, Partial<ProblemInput>, 'global' | 'best-known']>([
    ['label smoothing', { labelSmoothing: 0.1 }, 'global'],
    ['label smoothing with a decayed bias', { labelSmoothing: 0.1, bias: 'decayed' }, 'global'],
    ['focal loss', { focal: 2 }, 'best-known'],
    ['focal loss with a bias', { focal: 0.5, bias: 'free', weightDecays: 1e-3 }, 'best-known'],
  ])('is the minimum: %s', (_, more, optimality) => {
    const { gap, prediction } = heldBy(problem({ counts: equal, loss: 'ce', ...more }), 'one scalar');
    expect(Math.abs(gap)).toBeLessThan(1e-9);
    expect(prediction.optimality).toBe(optimality);
    if (optimality === 'global') expect(prediction.certificate?.relativeGap).toBeLessThan(1e-9);
  });

  it('loses everything from √Λ = (1 − ε)/(K√n) on', () => {
    const edge = (1 - 0.2) / (4 * Math.sqrt(5));
    const at = (mu: number) =>
      predictVaried(
        problem({ counts: equal, loss: 'ce', labelSmoothing: 0.2, weightDecays: mu, featureDecay: mu }),
      ).rank;
    expect([at(0.999 * edge), at(1.001 * edge)]).toEqual([3, 0]);
  });
});

describe('features of at least 0', () => {
  it.each<[string, Partial<ProblemInput>, Statement]>([
    ['cross-entropy', { loss: 'ce' }, 'apart'],
    [
      'cross-entropy with weights and smoothing',
      { loss: 'ce', classWeights: [1, 2, 3, 1], labelSmoothing: 0.1 },
      'apart',
    ],
    [
      'cross-entropy, some classes lost',
      { loss: 'ce', counts: [200, 100, 30, 4], weightDecays: 0.04 },
      'apart',
    ],
    ['squared error with a bias', { bias: 'free' }, 'non-negative'],
    ['squared error with a bias, equal counts', { bias: 'free', counts: equal }, 'non-negative'],
  ])('are the global minimum: %s', (_, more, statement) => {
    const { gap, prediction } = heldBy(problem({ featureSign: 'nonnegative', ...more }), statement);
    expect(gap).toBeLessThan(1e-8);
    expect(gap).toBeGreaterThan(-CLOSE);
    expect(prediction.optimality).toBe('global');
    expect(prediction.certificate?.relativeGap).toBeLessThan(1e-9);
    expect(Math.min(...prediction.minimiser().classFeatures.data)).toBeGreaterThanOrEqual(0);
  });

  it('lose a class under cross-entropy where n = N²λ_Wλ_H·K/(K − 1)', () => {
    const given = problem({ loss: 'ce', counts: [50, 20, 8], featureSign: 'nonnegative' });
    predictVaried(given).classes.forEach(({ maxTiedDecay, count }, k) => {
      expect(maxTiedDecay ?? NaN).toBeCloseTo(Math.sqrt((count * 2) / 3) / 78, 12);
      const at = (times: number) => {
        const decay = times * (maxTiedDecay ?? NaN);
        return predictVaried({ ...given, weightDecays: [decay], featureDecay: decay }).classes[k].featureNorm;
      };
      expect(at(0.999)).toBeGreaterThan(0);
      expect(at(1.001)).toBe(0);
    });
  });

  it('have no closed form under squared error where the condition fails, and are then the best known', () => {
    const given = problem({
      counts: [400, 6, 5, 4],
      bias: 'free',
      featureSign: 'nonnegative',
      weightDecays: 0.02,
    });
    const prediction = predictVaried(given);
    expect(prediction.search === null).toBe(prediction.frame === 'orthogonal features, non-negative');
    expect(prediction.objective).toBeLessThanOrEqual(numericMinimum(given).objective * (1 + 1e-9));
  });
});

describe('what has no closed form', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['weights and a bias under squared error', { bias: 'free', classWeights: [1, 2, 3, 1] }],
    ['a decayed bias, unequal counts', { bias: 'decayed', biasDecay: 0.1 }],
    ['weights under cross-entropy', { loss: 'ce', classWeights: 'inverse' }],
    ['weights and a bias under cross-entropy', { loss: 'ce', bias: 'free', classWeights: [1, 2, 3, 1] }],
    [
      'everything together',
      {
        ...{ loss: 'ce', bias: 'decayed', classWeights: [1, 2, 3, 1], labelSmoothing: 0.1 },
        logitAdjustment: { additive: 1, multiplicative: 0.3 },
      },
    ],
    [
      'features of at least 0 and a bias under cross-entropy',
      { loss: 'ce', bias: 'free', featureSign: 'nonnegative' },
    ],
  ])('is certified with one layer: %s', (_, more) => {
    const { prediction, gap } = heldBy(problem(more), 'numeric');
    expect(prediction.optimality).toBe('global');
    expect(prediction.certificate?.relativeGap).toBeLessThan(1e-8);
    expect(Math.abs(gap)).toBeLessThan(1e-9);
  });

  it('is best known with more layers', () => {
    const given = problem({ depth: 2, bias: 'free', classWeights: [1, 2, 3, 1] });
    expect(predictVaried(given)).toMatchObject({ optimality: 'best-known', certificate: null });
  });

  it('is refused by name where it is too large', () => {
    const many = problem({
      counts: new Array<number>(500).fill(3),
      bias: 'decayed',
      loss: 'ce',
      classWeights: [...Array(500).keys()].map((k) => k + 1),
    });
    expect(() => requireCovered('predict', many)).toThrow(
      /predict: at most 400 classes with class weights, decayed bias/,
    );
  });
});

describe('the dual bounds', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['squared error', {}],
    ['squared error, free bias', { bias: 'free', classWeights: [1, 2, 3, 1] }],
    ['squared error, decayed bias', { bias: 'decayed', biasDecay: 0.2, labelSmoothing: 0.2 }],
    ['squared error, features of at least 0', { bias: 'free', featureSign: 'nonnegative' }],
    ['cross-entropy, soft targets', { loss: 'ce', labelSmoothing: 0.2, classWeights: [1, 2, 3, 1] }],
    [
      'cross-entropy, free bias',
      {
        loss: 'ce',
        bias: 'free',
        classWeights: [3, 2, 3, 1],
        logitAdjustment: { additive: 1, multiplicative: 0.2 },
      },
    ],
    [
      'cross-entropy, decayed bias',
      { loss: 'ce', bias: 'decayed', biasDecay: 0.2, logitAdjustment: { additive: 1, multiplicative: 0.2 } },
    ],
    [
      'cross-entropy, features of at least 0',
      { loss: 'ce', featureSign: 'nonnegative', classWeights: [1, 2, 3, 1] },
    ],
  ])('stay below the minimum from any point: %s', (_, more) => {
    const given = problem(more);
    const minimum = Math.min(numericMinimum(given).objective, numericMinimum(given, 2).objective);
    const random = createRandom(5);
    for (let trial = 0; trial < 30; trial++) {
      const scale = 10 ** (random.uniform() * 3 - 1);
      const logits = { data: random.normalsInto(new Float64Array(16), scale), rows: 4, cols: 4 };
      const dual = given.loss === 'mse' ? mseDualCertificate : ceDualCertificate;
      expect(dual(given, logits, 1e9, blas).lowerBound).toBeLessThanOrEqual(minimum * (1 + 1e-9));
    }
  });

  it('is that of the plain certificate where the problem is plain', () => {
    const given = problem({ loss: 'ce', bias: 'free' });
    const prediction = predictCe(given);
    const point = prediction.minimiser();
    const logits = logitsAt(point, blas);
    const plain = ceCertificate({
      ...{ logits, counts: given.counts, weightDecay: 0.005, featureDecay: 0.005 },
      ...{ bias: new Float64Array(4), objective: prediction.objective },
    });
    const { lowerBound } = ceDualCertificate(given, logits, prediction.objective, blas);
    expect(lowerBound).toBeCloseTo(plain.lowerBound, 11);
    expect(objectiveAt(given, point, blas)).toBeCloseTo(prediction.objective, 12);
  });
});
