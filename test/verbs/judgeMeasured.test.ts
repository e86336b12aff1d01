/** A network in another geometry than the predicted one must not pass, and a permuted minimiser must. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { createProblem } from '../../src/model/index.js';
import type { Minimiser } from '../../src/theory/index.js';
import type { Measurement } from '../../src/metrics/index.js';
import { predictCe, predictMse } from '../../src/theory/index.js';
import { compareClasses, describeSurvival } from '../../src/verbs/compare.js';
import { measure, solutionFile, type MeasureDocument } from '../../src/verbs/index.js';

const problemOf = (depth: number) =>
  createProblem({
    counts: new Array<number>(10).fill(10),
    depth,
    widths: 10,
    loss: 'ce',
    weightDecays: 1e-3,
    featureDecay: 1e-3,
  });

async function judged(depth: number, solution: Minimiser, scale = 1): Promise<MeasureDocument> {
  const problem = problemOf(depth);
  const weights = solution.head.weights.map((W) => ({ ...W, data: W.data.map((x) => x * scale) }));
  const bytes = solutionFile(problem, { ...solution, head: { ...solution.head, weights } });
  return measure({
    file: await openArrays(memorySource('net.npz', bytes)),
    names: { features: undefined, labels: undefined, weights: undefined, bias: undefined },
    loss: 'ce',
    weightDecays: [1e-3],
    featureDecay: 1e-3,
    blas: portableBlas,
  });
}

/** The same solution with its classes in reverse. */
function reversed({ head, classFeatures }: Minimiser): Minimiser {
  const turn = ({ data, rows, cols }: Minimiser['classFeatures'], byRow: boolean) => ({
    rows,
    cols,
    data: Float64Array.from(data, (_, i) => {
      const [r, c] = [Math.floor(i / cols), i % cols];
      return byRow ? data[(rows - 1 - r) * cols + c] : data[r * cols + cols - 1 - c];
    }),
  });
  const last = head.weights.length - 1;
  return {
    head: { ...head, weights: head.weights.map((W, m) => (m === last ? turn(W, true) : W)) },
    classFeatures: turn(classFeatures, false),
  };
}

describe('measure judges', () => {
  it('names the solution that a network is at instead of the predicted one', async () => {
    const prediction = predictCe(problemOf(2));
    const simplex = prediction.alternatives.findIndex(({ name }) => name.startsWith('simplex'));
    const { verdict } = await judged(2, prediction.alternativeMinimisers()[simplex]);
    expect(verdict).toMatchObject({ held: false });
    expect(verdict!.sentence).toMatch(/another solution.*simplex ETF \(neural collapse\)/);
    // 0.114362 against 0.100933, in theory.md.
    expect(verdict!.sentence).toContain('13 % above the best known solution');
    expect(verdict!.objectiveAtMeans).toBeCloseTo(0.114362, 6);
  });

  it('knows a minimiser whose classes are exchanged', async () => {
    const prediction = predictCe(problemOf(3));
    const { verdict, nc2 } = await judged(3, reversed(prediction.minimiser()));
    // The arrangement is far from its own mirror image, class by class.
    expect(nc2.weights.predicted).toBeGreaterThan(0.25);
    expect(verdict).toMatchObject({ held: true });
    expect(verdict!.sentence).toContain('one of several minimisers');
    expect(verdict!.objectiveAtMeans! / prediction.objective).toBeCloseTo(1, 9);
  });

  it.each([1e20, 1e160])('prints no astronomical percentage for weights times %s', async (scale) => {
    const { verdict } = await judged(2, predictCe(problemOf(2)).minimiser(), scale);
    expect(verdict!.held).toBe(false);
    expect(verdict!.sentence).not.toMatch(/NaN|Infinity|e\+\d+ %/);
  });
});

describe('life and death of a measured class', () => {
  const problem = createProblem({
    counts: [10, 10],
    depth: 2,
    widths: 3,
    weightDecays: 1e-3,
    featureDecay: 1e-3,
  });
  const prediction = predictMse(problem);
  /** Both classes with a share of the predicted norms each: the fit is its square. */
  const judgedAt = (share: number): readonly [unknown, string[]] => {
    const classes = prediction.classes.map(({ count, weightNorm, featureNorm, fit }) => ({
      count,
      weightNorm: share * weightNorm,
      featureNorm: share * featureNorm,
      accuracy: null,
      fit: share ** 2 * fit,
    }));
    const fits = classes.map(({ fit }) => fit);
    const compared = compareClasses({ classes } as unknown as Measurement, prediction, fits);
    return [compared[0].measured, describeSurvival(compared, prediction)];
  };

  it.each([
    [1, 'alive', 'all 2 classes are alive, as predicted'],
    [0.6, null, 'classes 0 and 1 are neither alive nor collapsed'],
    [0.2, 'dead', 'classes 0 and 1 collapsed though they live'],
    [100, null, 'classes 0 and 1 overshoot their targets'],
  ] as const)('%s of the predicted norms: %s', (share, measured, words) => {
    const [found, clauses] = judgedAt(share);
    expect(found).toBe(measured);
    expect(clauses.join()).toContain(words);
  });
});
