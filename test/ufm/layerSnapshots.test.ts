/** Statistics of z_m from the reduced columns, beside those of every sample multiplied through the layers. */
import { describe, expect, it } from 'vitest';
import { zeros, type Matrix } from '../../src/core/matrix.js';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { createProblem, type ProblemInput } from '../../src/model/index.js';
import { createTrainer, drawStart } from '../../src/ufm/index.js';
import { expandColumns } from '../../src/ufm/columns.js';

const base: ProblemInput = {
  counts: [9, 4, 2],
  depth: 3,
  widths: [4, 5, 3],
  weightDecays: 0.01,
  featureDecay: 0.01,
};

/** Rows z of all samples. */
function through(features: Matrix, weights: readonly Matrix[]): Matrix {
  return weights.reduce((Z, W) => {
    const next = zeros(Z.rows, W.rows);
    blas.gemm('N', 'T', 1, Z, W, 0, next);
    return next;
  }, features);
}

describe('snapshots of the layers', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['reduced by a basis', {}],
    ['fewer deviations than features', { widths: [30, 5, 3] }],
    ['columns that are samples', { loss: 'ce', bias: 'free' }],
  ])('are those of the samples: %s', (_, more) => {
    const problem = createProblem({ ...base, ...more });
    const sgd = { name: 'sgd', learningRate: 0.1, momentum: 0.9 } as const;
    const trainer = createTrainer(problem, drawStart(problem, 0.4, 5, blas), sgd, blas);
    for (let i = 0; i < 3; i++) trainer.advance();
    const { weights, columns, bias } = trainer.parameters;
    const { features, labels } = expandColumns(trainer.reduced, columns, blas);
    const snapshots = trainer.layerSnapshots();
    expect(snapshots).toHaveLength(3);
    snapshots.forEach(({ statistics, head }, i) => {
      const Z = through(features, weights.slice(0, i + 1));
      const { counts, means, variances, withinTrace, within } = statistics;
      const d = Z.cols;
      const scatter = zeros(d, d);
      const squares = counts.map(() => 0);
      labels.forEach((k, n) => {
        const deviation = Array.from({ length: d }, (__, r) => Z.data[n * d + r] - means.data[k * d + r]);
        squares[k] += deviation.reduce((sum, x) => sum + x * x, 0) / counts[k];
        for (let a = 0; a < d; a++)
          for (let b = 0; b < d; b++)
            scatter.data[a * d + b] += (deviation[a] * deviation[b]) / labels.length;
      });
      counts.forEach((n, k) => {
        for (let r = 0; r < d; r++) {
          let sum = 0;
          labels.forEach((label, at) => (sum += label === k ? Z.data[at * d + r] / n : 0));
          expect(means.data[k * d + r]).toBeCloseTo(sum, 12);
        }
        expect(variances?.[k]).toBeCloseTo(squares[k], 12);
      });
      expect(withinTrace).toBeCloseTo(
        Array.from({ length: d }, (__, r) => scatter.data[r * d + r]).reduce((x, y) => x + y),
        12,
      );
      if (within?.kind !== 'factor') throw new Error('a factor was expected');
      const gram = zeros(d, d);
      blas.gramInto(1, within.X, 0, gram);
      gram.data.forEach((value, at) => {
        expect(value).toBeCloseTo(scatter.data[at], 12);
      });
      expect(head?.weights.length ?? 0).toBe(2 - i);
      expect(head?.bias ?? null).toEqual(i < 2 ? bias : null);
    });
  });
});
