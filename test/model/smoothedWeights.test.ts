/** What PyTorch minimises with class weights and smoothing together, by its definition, beside the loss that theory is asked about. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { smoothedLoss, smoothedWeights } from '../../src/model/index.js';

const WEIGHTS = [0.5, 2, 3, 1];
const COUNTS = [8, 4, 2, 1];
const EPSILON = 0.2;
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** −log p of every class at the logits of each class's sample. */
function minusLogs(): number[][] {
  const random = createRandom(3);
  return COUNTS.map(() => {
    const z = COUNTS.map(() => random.normal());
    const all = Math.log(sum(z.map(Math.exp)));
    return z.map((entry) => all - entry);
  });
}

describe('class weights and smoothing together', () => {
  it('are soft targets and other weights: the same loss, to the factor of the decays', () => {
    const logs = minusLogs();
    const K = COUNTS.length;
    const definition =
      sum(
        COUNTS.map(
          (n, k) =>
            n *
            ((1 - EPSILON) * WEIGHTS[k] * logs[k][k] +
              (EPSILON / K) * sum(WEIGHTS.map((w, c) => w * logs[k][c]))),
        ),
      ) / sum(COUNTS.map((n, k) => n * WEIGHTS[k]));
    const { classWeights, targets } = smoothedWeights(WEIGHTS, EPSILON);
    const theory =
      sum(COUNTS.map((n, k) => n * classWeights[k] * sum(logs[k].map((log, c) => targets[c][k] * log)))) /
      sum(COUNTS.map((n, k) => n * classWeights[k]));
    const given = smoothedLoss('ce', { classWeights: WEIGHTS, labelSmoothing: EPSILON }, COUNTS, 2);
    expect(theory / (given?.lambdaPerDecay ?? NaN)).toBeCloseTo(definition, 13);
    expect(given?.variations).toEqual({ classWeights, targets, labelSmoothing: 0 });
    for (const k of COUNTS.keys()) expect(sum(targets.map((row) => row[k]))).toBeCloseTo(1, 14);
    // Largest at its own class: what is left of the label.
    expect(targets[0][0]).toBeCloseTo((0.8 * 0.5 + 0.05 * 0.5) / (0.8 * 0.5 + 0.05 * 6.5), 14);
  });

  it('say the weights and the factor, of many classes the first six', () => {
    const { sentence } = smoothedLoss('ce', { classWeights: WEIGHTS, labelSmoothing: 0.2 }, COUNTS, 1) ?? {};
    // Σ n w = 19, Σ n s = 0.8·19 + 0.2·15·6.5/4.
    expect(sentence).toContain('(ε = 0.2, w = 0.5, 2, 3, 1): ');
    expect(sentence).toMatch(/; λ = 0\.9465·wd$/);
    const many = { classWeights: [1, 2, 3, 4, 5, 6, 7], labelSmoothing: 0.1 };
    expect(smoothedLoss('ce', many, [1, 1, 1, 1, 1, 1, 1], 1)?.sentence).toContain('w = 1, 2, 3, 4, 5, 6 …)');
    expect(
      smoothedLoss('ce', { ...many, classWeights: [1, 2, 3, 4, 5, 6] }, [1, 1, 1, 1, 1, 1], 1)?.sentence,
    ).toContain('w = 1, 2, 3, 4, 5, 6)');
  });

  it('need weights by name turned into numbers', () => {
    const named = smoothedLoss('ce', { classWeights: 'inverse', labelSmoothing: 0.1 }, [30, 10], 1);
    const weights = smoothedLoss('ce', { classWeights: [2 / 3, 2], labelSmoothing: 0.1 }, [30, 10], 1);
    (named?.variations.classWeights as number[]).forEach((w, k) =>
      expect(w).toBeCloseTo((weights?.variations.classWeights as number[])[k], 14),
    );
  });

  it.each([
    ['squared error', 'mse', {}],
    ['no weights', 'ce', { classWeights: null }],
    ['equal weights', 'ce', { classWeights: [2, 2, 2, 2] }],
    ['no smoothing', 'ce', { labelSmoothing: 0 }],
    ['smoothing of all', 'ce', { labelSmoothing: 1 }],
    ['focal loss', 'ce', { focal: 1 }],
    ['targets', 'ce', { targets: [[1, 0, 0, 0]] }],
    ['a weight too few', 'ce', { classWeights: [1, 2, 3] }],
    ['a weight of zero', 'ce', { classWeights: [1, 2, 3, 0] }],
    ['a weight without end', 'ce', { classWeights: [1, 2, 3, Infinity] }],
  ] as const)('are not together with %s', (_, loss, more) => {
    const variations = { classWeights: WEIGHTS, labelSmoothing: EPSILON, ...more };
    expect(smoothedLoss(loss, variations, COUNTS, 1)).toBeNull();
  });
});
