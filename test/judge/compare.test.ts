/** Measured fits beside predicted ones, at exact minimisers. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import { createProblem } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import { buildMinimiser } from '../../src/theory/mse/minimiser.js';
import { compareClasses, measuredCeFits, worstNormError } from '../../src/judge/compare.js';
import { layerValues } from '../../src/judge/layers.js';
import { measureSnapshot, type Measurement } from '../../src/metrics/index.js';
import { fromRows } from '../../src/core/matrix.js';
import { measure, solutionFile } from '../../src/verbs/index.js';

describe('at a minimiser', () => {
  it.each([
    [[10, 10], 'free', 1],
    [[12, 8, 4], 'free', 1],
    [[12, 8, 4], 'free', 2],
    [[12, 8, 4], 'none', 2],
  ] as const)(
    'of %j, bias %s, M = %d, the measured fits are the predicted ones',
    async (counts, bias, depth) => {
      const decays = { weightDecays: 2e-3, featureDecay: 2e-3 };
      const problem = createProblem({ counts, depth, widths: 4, loss: 'mse', bias, ...decays });
      const bytes = solutionFile(problem, buildMinimiser(problem, portableBlas));
      const { classes } = await measure({
        file: await openArrays(memorySource('net.npz', bytes)),
        names: {},
        loss: 'mse',
        weightDecays: [2e-3],
        featureDecay: 2e-3,
        blas: portableBlas,
      });
      const predicted = predictMse(problem).classes.map(({ fit }) => fit);
      expect(predicted[0]).toBeGreaterThan(0.5);
      classes.forEach(({ fit, predictedFit }, k) => {
        expect(predictedFit).toBeCloseTo(predicted[k], 12);
        expect(fit).toBeCloseTo(predicted[k], 9);
      });
    },
  );
});

describe('rows of P beyond the largest number', () => {
  it('are neither lost nor as predicted', () => {
    const decays = { weightDecays: 2e-3, featureDecay: 2e-3 };
    const problem = createProblem({
      counts: [4, 4],
      depth: 2,
      widths: 2,
      loss: 'mse',
      bias: 'none',
      ...decays,
    });
    const unit = fromRows([[1, 0], [0, 1]]); // prettier-ignore
    const large = { ...unit, data: unit.data.map((x) => x * 1e200) };
    const statistics = { counts: [4, 4], means: unit, variances: null, withinTrace: 0, within: null };
    const head = { weights: [large, large], bias: null };
    const measurement = measureSnapshot({ statistics, head, agreement: null }, { blas: portableBlas });
    expect(measurement.classes.map(({ weightNorm }) => weightNorm)).toEqual([null, null]);
    const classes = compareClasses(measurement, predictMse(problem), [0, 0]);
    expect(classes.map(({ measured }) => measured)).toEqual([null, null]);
    expect(worstNormError(classes)).toBe(Infinity);
  });
});

it('the fit of cross-entropy has the bias in its logits, and the share of the class below it', () => {
  // Columns are classes: logits (1, ½) at the first mean, (−2, 2) at the second.
  const matrix = { data: Float64Array.of(1, -2, 0.5, 2), rows: 2, cols: 2 };
  const measurement = {
    ...{ counts: [3, 1], samples: 4 },
    geometry: { weights: null, features: null, logits: { kind: 'dense', matrix } },
  } as unknown as Measurement;
  const fit = (difference: number, none: number) =>
    Math.max(0, (1 / (1 + Math.exp(-difference)) - none) / (1 - none));
  const biased = measuredCeFits(measurement, Float64Array.of(0.3, -0.7));
  expect(biased[0]).toBeCloseTo(fit(0.5 + 1, 0.75), 12);
  expect(biased[1]).toBeCloseTo(fit(4 - 1, 0.25), 12);
  // Another class is named here, but with less than its share.
  expect(measuredCeFits(measurement, Float64Array.of(4.2, 0))[1]).toBeCloseTo(fit(-0.2, 0.25), 12);
  const plain = measuredCeFits(measurement, null);
  expect(plain[0]).toBeCloseTo(fit(0.5, 0.5), 12);
  expect(plain[1]).toBeCloseTo(fit(4, 0.5), 12);
});

it('a record of a layer keeps each NC1 under its name', () => {
  const nc1 = { pinv: 1, pinvWeighted: 2, quotient: 3 };
  expect(layerValues({ nc1 } as unknown as Measurement).nc1).toEqual({ pinv: 1, quotient: 3 });
});
