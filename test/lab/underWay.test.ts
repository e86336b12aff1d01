/** What keeps a training of the page honest: when it is measured, and that a change under way keeps its weights. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anglesOf, anglesOfRows, widestAngle } from '../../lab/theory/angles.js';
import { factsOf, type PredictionFacts } from '../../lab/theory/facts.js';
import { strandedOf } from '../../lab/theory/fate.js';
import type { Weighting } from '../../lab/link/labState.js';
import { storyOf } from '../../lab/link/stories.js';
import { snapped } from '../../lab/problem/snap.js';
import { dotsOf } from '../../lab/workers/dots.js';
import { isMeasured, stepsDue } from '../../lab/workers/schedule.js';
import { startTraining, type TrainingRun } from '../../lab/workers/trainingRun.js';
import { createProblem } from '../../src/model/index.js';
import { predictMse, predictWeighted } from '../../src/theory/index.js';
import { portableBlas } from '../../src/core/index.js';
import { headProduct } from '../../src/head/index.js';

const TRAINING = { seed: 1, scale: 0.2, learningRate: 0.1, momentum: 0.9 };
const BASE = { counts: [12, 8, 6], depth: 2, widths: 4, weightDecays: 3e-3, featureDecay: 3e-3 };
const factsFor = (change: object = {}): PredictionFacts =>
  factsOf(predictMse(createProblem({ ...BASE, ...change })));
const advanced = (run: TrainingRun, steps: number): TrainingRun => {
  for (let i = 0; i < steps; i++) run.trainer.advance();
  return run;
};
const rowsOf = ({ trainer }: TrainingRun) =>
  headProduct(portableBlas, trainer.snapshot('classes').head?.weights ?? []).data;

describe('the schedule of measurements', () => {
  it('is every step to ten, then twenty in each power of ten', () => {
    const steps = Array.from({ length: 100_001 }, (_, step) => step).filter(isMeasured);
    expect(steps.slice(0, 14)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14]);
    for (const power of [10, 100, 1000, 10_000])
      expect(steps.filter((step) => step >= power && step < 10 * power).length).toBe(20);
    steps.slice(10).forEach((step, i) => expect(step / steps[i + 9]).toBeLessThan(1.21));
  });

  it('lets an eye follow: at one speed on a logarithmic scale, from few steps', () => {
    expect(stepsDue(0)).toBe(0);
    expect(stepsDue(0.5)).toBeLessThan(10);
    expect(stepsDue(8)).toBeGreaterThan(700);
    expect(stepsDue(9) / stepsDue(8)).toBeCloseTo(stepsDue(12) / stepsDue(11), 1);
  });
});

describe('a change under way', () => {
  it('of the decay keeps weights and samples, and leads to the minimum of the new problem', () => {
    const before = advanced(startTraining(1, factsFor(), TRAINING), 150);
    const facts = factsFor({ weightDecays: 6e-3 });
    const after = startTraining(2, facts, TRAINING, before);
    expect(after.trainer.step).toBe(0);
    expect([...rowsOf(after)]).toEqual([...rowsOf(before)]);
    expect([...after.trainer.parameters.columns.data]).toEqual([...before.trainer.parameters.columns.data]);
    advanced(after, 3000);
    expect(Math.abs(after.trainer.objective() / facts.objective - 1)).toBeLessThan(1e-6);
  });

  it('of sizes and bias keeps the head and the samples that stay', () => {
    const before = advanced(startTraining(1, factsFor(), TRAINING), 150);
    const facts = factsFor({ counts: [9, 8, 11], bias: 'free' });
    const after = startTraining(2, facts, TRAINING, before);
    expect([...rowsOf(after)]).toEqual([...rowsOf(before)]);
    // Class 1 has its samples still, and its mean.
    const means = (run: TrainingRun) => [
      ...run.trainer.snapshot('classes').statistics.means.data.subarray(4, 8),
    ];
    means(after).forEach((value, i) => expect(value).toBeCloseTo(means(before)[i], 12));
    advanced(after, 4000);
    expect(Math.abs(after.trainer.objective() / facts.objective - 1)).toBeLessThan(1e-6);
  });

  it('of the loss keeps the head, whose samples then stand singly', () => {
    const before = advanced(startTraining(1, factsFor(), TRAINING), 150);
    const mse = factsFor();
    const ce = { ...mse, problem: createProblem({ ...BASE, loss: 'ce' }) };
    const after = startTraining(2, ce, TRAINING, before);
    expect([...rowsOf(after)]).toEqual([...rowsOf(before)]);
    const back = startTraining(3, mse, TRAINING, after);
    back.trainer
      .snapshot('classes')
      .statistics.means.data.forEach((value, i) =>
        expect(value).toBeCloseTo(before.trainer.snapshot('classes').statistics.means.data[i], 12),
      );
  });

  it('of the class weights loses a class and brings it back, each time to the minimum that theory has', () => {
    const rescue = storyOf('rescue').problem;
    const problem = (weighting: Weighting) =>
      createProblem({
        ...{ counts: rescue.counts, depth: rescue.depth, widths: rescue.width },
        ...{ weightDecays: rescue.weightDecay, featureDecay: rescue.featureDecay },
        classWeights: weighting === 'none' ? null : weighting,
      });
    let run: TrainingRun | null = null;
    for (const [weighting, alive] of [
      ['equal-survival', true],
      ['none', false],
      ['inverse', true],
    ] as const) {
      const facts = factsOf(
        weighting === 'none' ? predictMse(problem('none')) : predictWeighted(problem(weighting)),
      );
      const next: TrainingRun = startTraining(1, facts, storyOf('rescue').training, run);
      if (run !== null) expect([...rowsOf(next)]).toEqual([...rowsOf(run)]);
      // What is lost is said of a state that has come to rest: its second measurement.
      advanced(next, 3000).measure(0);
      run = advanced(next, 1000);
      expect(Math.abs(run.trainer.objective() / facts.objective - 1)).toBeLessThan(1e-9);
      const { more, record } = run.measure(0);
      expect(more.classes.map(({ measured }) => measured)[2]).toBe(alive ? 'alive' : 'lost');
      facts.classes.forEach(({ weightNorm }, k) =>
        expect(Math.abs((record.weightNorms?.[k] ?? NaN) - weightNorm)).toBeLessThan(1e-4),
      );
    }
  });

  const toItsEnd = (run: TrainingRun): TrainingRun => {
    for (let step = 0; step < 20_000 && !run.settled; step++) {
      run.trainer.advance();
      if (isMeasured(run.trainer.step)) run.measure(0);
    }
    expect(run.settled).toBe(true);
    return run;
  };

  it('ends when it has converged, and says so', () => {
    const run = toItsEnd(startTraining(1, factsFor(), TRAINING));
    const { verdict, classes } = run.measure(0).more;
    expect(verdict.held).toBe(true);
    expect(strandedOf(classes)).toBeNull();
    expect(run.ended().status).toBe('finished');
  });

  it('loses a class when its decay is raised in the first steps, and brings it back from next to nothing', () => {
    const { problem, training } = storyOf('lost');
    const facts = (weightDecay: number) =>
      factsOf(
        predictMse(
          createProblem({
            ...{ counts: problem.counts, depth: problem.depth, widths: problem.width },
            ...{ weightDecays: weightDecay, featureDecay: problem.featureDecay },
          }),
        ),
      );
    let run = advanced(startTraining(1, facts(problem.weightDecay), training), 20);
    for (const [weightDecay, lost] of [
      [0.2, true],
      [1, true],
      [0.02, false],
    ] as const) {
      run = toItsEnd(startTraining(1, facts(weightDecay), training, run));
      const { classes } = run.measure(0).more;
      expect(classes[2].measured, String(weightDecay)).toBe(lost ? 'lost' : 'alive');
      expect(strandedOf(classes)).toBeNull();
      expect(run.trainer.objective() / facts(weightDecay).objective - 1).toBeLessThan(1e-5);
    }
  });

  it('leaves at zero what came too close to it, and says so of classes that live at the minimum', () => {
    const { training } = storyOf('trapped');
    const few = { counts: [60, 60, 1], depth: 3, widths: 3, weightDecays: 5e-3, featureDecay: 5e-3 };
    const facts = factsFor(few);
    expect(facts.classes.map(({ regime }) => regime)).toEqual(['alive', 'alive', 'lost']);
    const { classes } = toItsEnd(startTraining(1, facts, training)).measure(0).more;
    expect(strandedOf(classes)).toMatch(/^This training has lost classes 0 and 1, though they live/);
  });
});

describe('angles', () => {
  it('of a simplex are as wide as can be, and of rows as of their Gram matrix', () => {
    for (const K of [3, 4, 10]) {
      const facts = factsFor({ counts: new Array<number>(K).fill(9), widths: K, bias: 'free' });
      const angles = anglesOf(facts.geometry.weights);
      expect(angles.length).toBe((K * (K - 1)) / 2);
      for (const { degrees } of angles) expect(degrees).toBeCloseTo(widestAngle(K), 8);
    }
    const rows = { data: Float64Array.of(1, 0, 1, 1, 0, -2, 1e-9, 0), rows: 4, cols: 2 };
    expect(anglesOfRows(rows, 1).map(({ i, j, degrees }) => [i, j, Math.round(degrees)])).toEqual([
      [0, 1, 45],
      [0, 2, 90],
      [1, 2, 135],
    ]);
  });
});

describe('a hand on a bar', () => {
  const at = (count: number) => 60 * Math.log10(count);
  it('means another class’s size where one is near, else a round number, else two digits', () => {
    expect(snapped(207, [190, 30], at)).toBe(190);
    expect(snapped(207, [30], at)).toBe(200);
    expect(snapped(147, [30], at)).toBe(150);
    expect(snapped(97, [], at)).toBe(100);
    expect(snapped(1.02, [], at)).toBe(1);
  });
});

describe('dots', () => {
  it('are as many of each class as its share, and never more than it has', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 2, maxLength: 20 }),
        (counts) => {
          const drawn = dotsOf(counts);
          const total = drawn.reduce((sum, n) => sum + n, 0);
          expect(total).toBeLessThanOrEqual(120 + 2.5 * counts.length);
          drawn.forEach((n, k) => {
            expect(n).toBeLessThanOrEqual(counts[k]);
            expect(n).toBeGreaterThanOrEqual(Math.min(2, counts[k]));
          });
        },
      ),
    );
  });
});
