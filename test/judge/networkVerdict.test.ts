/** Before features have collapsed or training has ended nothing is called lost, and nothing is judged. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { zeros } from '../../src/core/matrix.js';
import {
  compareClasses,
  fitsOf,
  judgeNetworkRun,
  measureBeside,
  networkSettled,
  undecided,
} from '../../src/judge/index.js';
import { createProblem } from '../../src/model/index.js';
import type { RunStatus } from '../../src/runs/index.js';
import { predictMse } from '../../src/theory/index.js';

const counts = [10, 10, 10];
const problem = createProblem({ counts, depth: 2, widths: 3, weightDecays: 1e-3, featureDecay: 1e-3 });
const prediction = predictMse(problem);

/** A network hardly off zero, whose features scatter around orthogonal means. */
function judged(status: RunStatus, withinTrace: number) {
  const small = (size: number) => {
    const A = zeros(3, 3);
    for (let k = 0; k < 3; k++) A.data[4 * k] = size;
    return A;
  };
  const beside = measureBeside(
    {
      statistics: { counts, means: small(0.1), variances: null, withinTrace, within: null },
      head: { weights: [small(0.1), small(0.1)], bias: null },
      agreement: null,
    },
    { blas: portableBlas, predicted: prediction.geometry(), weightDecays: [1e-3, 1e-3] },
  );
  const classes = compareClasses(beside.measurement, prediction, fitsOf(beside.measurement, problem, null));
  const settled = networkSettled(status, beside.measurement);
  return {
    settled,
    classes: undecided(classes, settled),
    verdict: judgeNetworkRun({
      ...{ status, prediction, classes, beside, blas: portableBlas },
      ...{ step: 5, noPrediction: null, grownTo: null, divergedEpoch: 10 },
    }),
  };
}

describe('a network near zero that theory keeps', () => {
  it.each([
    ['finished', 0.01, /^Features have not collapsed onto their means yet.*Not there yet/],
    ['interrupted', 0, /^Stopped before the end\. Not there yet/],
  ] as const)('%s with a scatter of %f is called nothing yet', (status, scatter, opening) => {
    const { settled, classes, verdict } = judged(status, scatter);
    expect(settled).toBe(false);
    expect(classes.map(({ measured }) => measured)).toEqual([null, null, null]);
    expect(verdict.held).toBeNull();
    expect(verdict.sentence).toMatch(opening);
    expect(verdict.sentence).toContain('classes 0–2 are near zero, though they live');
    expect(verdict.sentence).not.toMatch(/collapsed though|lost though|can end there/);
  });

  it('has lost its classes once training has ended with features collapsed', () => {
    const { settled, classes, verdict } = judged('finished', 0);
    expect(settled).toBe(true);
    expect(classes.every(({ measured }) => measured !== null && measured !== 'alive')).toBe(true);
    expect(verdict.held).toBe(false);
    expect(verdict.sentence).toMatch(
      /^This network is not at the global minimum: classes 0–2 .* though they live/,
    );
  });
});
