/** The prediction across the layers, beside explicit minimisers and minima that a descent found on its own. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/core/random.js';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { zeros, type Matrix } from '../../src/core/matrix.js';
import { createProblem, frameRows, type Problem, type ProblemInput } from '../../src/model/index.js';
import {
  buildMinimiser,
  predictCe,
  predictedLayers,
  predictMse,
  type Minimiser,
  type Prediction,
} from '../../src/theory/index.js';
import { descendCrossEntropy } from '../support/crossEntropyDescent.js';
import { naiveObjective, numericMinimum, predictVaried } from '../support/numericMinimum.js';

const base: ProblemInput = {
  counts: [8, 4, 2, 2],
  depth: 3,
  widths: [6, 5, 6],
  weightDecays: [0.005, 0.01, 0.003],
  featureDecay: 0.005,
};
const problem = (more: Partial<ProblemInput> = {}): Problem => createProblem({ ...base, ...more });

function product(A: Matrix, B: Matrix, transposeB: 'N' | 'T' = 'N'): Matrix {
  const out = zeros(A.rows, transposeB === 'N' ? B.cols : B.rows);
  blas.gemm('N', transposeB, 1, A, B, 0, out);
  return out;
}

/** Of an explicit point, by multiplication alone: both Gram matrices and the product at every layer. */
function layersOf({ head, classFeatures }: Minimiser) {
  const M = head.weights.length;
  let Z = classFeatures;
  return Array.from({ length: M + 1 }, (_, m) => {
    if (m > 0) Z = product(head.weights[m - 1], Z);
    const above = head.weights.slice(m);
    const P = above.length === 0 ? null : above.reduceRight((right, W) => product(right, W));
    const features = zeros(Z.cols, Z.cols);
    blas.gramInto(1, Z, 0, features);
    return {
      weights: P === null ? null : product(P, P, 'T'),
      features,
      logits: P === null ? null : product(P, Z),
    };
  });
}

function expectClose(A: Matrix | null, frame: readonly (readonly number[])[], tolerance: number) {
  if (A === null) return;
  const scale = Math.max(...A.data.map(Math.abs));
  expect(scale).toBeGreaterThan(0);
  frame.flat().forEach((value, i) => {
    expect(Math.abs(value - A.data[i])).toBeLessThan(tolerance * scale);
  });
}

function expectLayers(prediction: Prediction, point: Minimiser, tolerance: number) {
  const predicted = predictedLayers(prediction, blas) ?? [];
  const explicit = layersOf(point);
  expect(predicted).toHaveLength(explicit.length);
  predicted.forEach(({ geometry, point: atLayer }, m) => {
    const { weights, features, logits } = explicit[m];
    expectClose(weights, frameRows(geometry.weights), tolerance);
    expectClose(features, frameRows(geometry.features), tolerance);
    expectClose(logits, frameRows(geometry.logits), tolerance);
    const compact = atLayer();
    if (compact === null) return;
    expectClose(weights, frameRows(dense(product(compact.head, compact.head, 'T'))), tolerance);
    expectClose(logits, frameRows(dense(product(compact.head, compact.classFeatures))), tolerance);
    const gram = zeros(features.rows, features.rows);
    blas.gramInto(1, compact.classFeatures, 0, gram);
    expectClose(features, frameRows(dense(gram)), tolerance);
    // P = ΔH̄ᵀ where classes live, of the layers that something reads.
    if (weights !== null)
      expectClose(
        compact.head,
        frameRows(dense(product(frame(geometry.duality), compact.classFeatures, 'T'))),
        tolerance,
      );
  });
}

const dense = (matrix: Matrix) => ({ kind: 'dense', matrix }) as const;
function frame(given: Parameters<typeof frameRows>[0]): Matrix {
  const rows = frameRows(given);
  return { data: Float64Array.from(rows.flat()), rows: rows.length, cols: rows[0].length };
}

/** Roundings of factors and an eigenvector of a gap of a tenth. */
const EXACT = 1e-11;
/** A descent ends at a gradient of 1e-12 over a curvature of 1e-3. */
const DESCENDED = 1e-5;
const WEAK = { weightDecays: 1e-3, featureDecay: 1e-3 };

describe('the layers of an explicit minimiser under squared error', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['no bias', {}],
    ['a free bias', { bias: 'free' }],
    ['equal counts and a free bias', { counts: [5, 5, 5, 5], bias: 'free' }],
    ['one layer', { depth: 1, widths: 6, weightDecays: 0.005 }],
    ['a bottleneck', { widths: [6, 3, 6] }],
    ['a bottleneck in a simplex', { counts: [5, 5, 5, 5], widths: [6, 2, 6], bias: 'free' }],
    ['lost classes', { counts: [40, 20, 1, 1] }],
    ['six layers', { depth: 6, widths: 7, weightDecays: [1e-3, 2e-3, 5e-4, 1e-3, 3e-3, 1e-3] }],
  ])('are as predicted: %s', (_, more) => {
    const given = problem(more);
    const prediction = predictMse(given);
    expect(prediction.rank).toBeGreaterThan(0);
    expectLayers(prediction, buildMinimiser(given, blas, createRandom(3)), EXACT);
  });

  it('are nothing where every class is lost', () => {
    const lost = predictMse(problem({ weightDecays: 1, featureDecay: 1 }));
    const layers = predictedLayers(lost, blas) ?? [];
    for (const { geometry } of layers)
      for (const { kind, ...rest } of [geometry.weights, geometry.features])
        expect(kind === 'diagonal' && 'entries' in rest && rest.entries.every((x) => x === 0)).toBe(true);
  });
});

describe('the layers of a minimum that a descent found', () => {
  it.each<[string, Partial<ProblemInput>]>([
    ['squared error', { widths: [5, 4, 5] }],
    ['squared error with a free bias', { bias: 'free' }],
    ['class weights', { classWeights: [1, 2, 3, 1] }],
    ['features of at least 0', { featureSign: 'nonnegative', depth: 2, widths: 5, weightDecays: 0.005 }],
    ['a decayed bias', { counts: [5, 5, 5, 5], bias: 'decayed', biasDecay: 0.02 }],
  ])('are as predicted: %s', (_, more) => {
    const given = problem(more);
    const varied = given.bias === 'decayed' || given.classWeights !== null || given.featureSign !== 'free';
    const prediction = varied ? predictVaried(given) : predictMse(given);
    const { objective, point } = numericMinimum(given);
    expect(Math.abs(objective - prediction.objective)).toBeLessThan(1e-9);
    expectLayers(prediction, point, DESCENDED);
  });

  it.each<[string, Partial<ProblemInput>]>([
    ['two layers, unequal counts', { counts: [6, 4, 3, 2], depth: 2, widths: 5, ...WEAK }],
    ['three layers, unequal counts', { counts: [5, 3, 2], depth: 3, widths: [4, 3, 4], ...WEAK }],
    ['equal counts', { counts: [3, 3, 3, 3], depth: 2, widths: 5, ...WEAK }],
  ])('are as predicted under cross-entropy: %s', (_, more) => {
    const given = problem({ loss: 'ce', ...more });
    const prediction = predictCe(given, { blas, seed: 1, budget: 5, restarts: 4 });
    const { objective, point } = descendCrossEntropy(given);
    expect(Math.abs(objective - naiveObjective(given, point))).toBeLessThan(1e-13);
    expect(Math.abs(objective - prediction.objective)).toBeLessThan(1e-9);
    expectLayers(prediction, point, DESCENDED);
  });
});
