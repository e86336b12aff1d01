/** What is said of a network at the end of its training. */
import { describe, expect, it } from 'vitest';
import { portableBlas as blas } from '../../src/core/portableBlas.js';
import { transpose } from '../../src/core/matrix.js';
import { compareClasses, fitsOf, judgeNetworkRun, measureBeside } from '../../src/judge/index.js';
import { createProblem } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import { buildMinimiser } from '../../src/theory/mse/minimiser.js';

const counts = [20, 20, 20];
const decays = { weightDecays: 1e-3, featureDecay: 1e-3 };
const problem = createProblem({ counts, depth: 1, widths: 5, loss: 'mse', bias: 'free', ...decays });
const prediction = predictMse(problem);

/** A network at the minimiser, but for a scatter within classes that is `quotient` of that between them. */
function verdict(quotient: number) {
  const { head, classFeatures } = buildMinimiser(problem, blas);
  const snapshot = (withinTrace: number) => ({
    statistics: { counts, means: transpose(classFeatures), variances: null, withinTrace, within: null },
    head,
    agreement: null,
  });
  const options = { blas, predicted: prediction.geometry(), weightDecays: [1e-3] };
  const unit = measureBeside(snapshot(1), options).measurement.nc1.quotient!;
  const beside = measureBeside(snapshot(quotient / unit), options);
  const { measurement } = beside;
  expect(measurement.nc1.quotient).toBeCloseTo(quotient, 12);
  const classes = compareClasses(measurement, prediction, fitsOf(measurement, problem, head.bias));
  return judgeNetworkRun({
    ...{ status: 'converged', prediction, classes, beside, step: 100 },
    ...{ noPrediction: null, grownTo: null, divergedEpoch: 100, blas },
  });
}

describe('a network at the end of training', () => {
  it('is as theory says where its features have collapsed', () => {
    const { held, sentence } = verdict(0.01);
    expect(held).toBe(true);
    expect(sentence).toMatch(/^Every class is as theory says/);
  });

  it.each([
    [0.5, '50 %'],
    [0.2, '20 %'],
  ])('is not judged where they have not: trace quotient %d', (quotient, words) => {
    const { held, sentence } = verdict(quotient);
    expect(held).toBeNull();
    expect(sentence).toMatch(/^Features have not collapsed onto their means yet: /);
    expect(sentence).toContain(`the scatter within classes is ${words} of that between them.`);
  });
});
