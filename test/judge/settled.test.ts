/** No verdict before training has settled: at starts, at plateaus, on the way; and one once it has. */
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/portableBlas.js';
import { compareClasses, fitsOf, gainsNothing, hasSettled, judge, undecided } from '../../src/judge/index.js';
import { measureSnapshot } from '../../src/metrics/index.js';
import { createProblem, type Problem } from '../../src/model/index.js';
import { predictMse } from '../../src/theory/index.js';
import { createTrainer, drawStart } from '../../src/ufm/index.js';

const RATE = { learningRate: 0.2, momentum: 0.9 };

function trained(problem: Problem, std: number, steps: number, every: number) {
  const start = drawStart(problem, std, 1, portableBlas);
  const trainer = createTrainer(problem, start, { name: 'sgd', ...RATE }, portableBlas);
  let before = trainer.objective();
  for (let step = 0; step < steps; step++) {
    if (step === steps - every) before = trainer.objective();
    trainer.advance();
  }
  const time = (every * RATE.learningRate) / (1 - RATE.momentum);
  const objective = trainer.objective();
  const movement = {
    gradientSquare: trainer.gradientSquare(),
    objective,
    earlier: { objective: before, time },
  };
  return { trainer, movement, settled: hasSettled(movement, problem) };
}

const problem = (depth: number, decay: number) =>
  createProblem({ counts: [8, 4, 2], depth, widths: 4, weightDecays: decay, featureDecay: decay });

describe('a training has settled', () => {
  it('has the squared length of the gradient, by finite differences', () => {
    const at = drawStart(problem(2, 0.01), 0.5, 3, portableBlas);
    const value = (flat: Float64Array) => {
      const parameters = { ...at, parameters: { ...at.parameters, flat } };
      return createTrainer(problem(2, 0.01), parameters, { name: 'sgd', ...RATE }, portableBlas).objective();
    };
    const { flat } = at.parameters;
    let square = 0;
    for (let i = 0; i < flat.length; i++) {
      const shifted = (step: number) => value(flat.map((x, j) => (i === j ? x + step : x)));
      square += ((shifted(1e-5) - shifted(-1e-5)) / 2e-5) ** 2;
    }
    const trainer = createTrainer(problem(2, 0.01), at, { name: 'sgd', ...RATE }, portableBlas);
    expect(trainer.gradientSquare() / square).toBeCloseTo(1, 7);
  });

  it.each([
    [1, 1e-3, 0.1, 3, 1],
    [3, 1e-3, 0.1, 3, 1],
    // A plateau: so near to the saddle at zero that hardly anything moves.
    [1, 1e-3, 1e-6, 3, 1],
    [1, 1e-3, 1e-6, 20, 5],
    [2, 1e-3, 0.3, 40, 10],
  ])('not at M = %i, λ = %f, start %f, %i steps', (depth, decay, std, steps, every) => {
    expect(trained(problem(depth, decay), std, steps, every).settled).toBe(false);
  });

  it.each([
    [1, 1e-2, 0.1],
    [2, 1e-2, 0.5],
    // Every class is lost, as theory says: it decays to zero.
    [2, 0.5, 0.1],
  ])('after long enough at M = %i, λ = %f', (depth, decay, std) => {
    expect(trained(problem(depth, decay), std, 20_000, 100).settled).toBe(true);
  });

  it('where nothing moves any more, and by the fall since the measurement before', () => {
    const { movement } = trained(problem(1, 1e-2), 0.1, 20_000, 100);
    const { objective } = movement;
    const rest = { gradientSquare: 0, objective, earlier: { objective, time: 1 } };
    expect(hasSettled(rest, problem(1, 1e-2))).toBe(true);
    // Slow, but not at rest: settled where the objective fell as a gradient of this size makes it fall, or further.
    const slow = 1e-12 * objective;
    const fell = (by: number) => ({ objective: objective + by, time: 2 });
    const at = (by: number) =>
      hasSettled({ gradientSquare: slow, objective, earlier: fell(by) }, problem(1, 1e-2));
    expect([at(2.1 * slow), at(1.9 * slow), at(0)]).toEqual([true, false, false]);
    expect(hasSettled({ gradientSquare: slow, objective, earlier: null }, problem(1, 1e-2))).toBe(false);
  });

  it('by the pace at which basin rests: what a decay time could gain, in shares of the objective', () => {
    const decays = { weightDecays: [0.1, 0.02], featureDecay: 0.05 };
    expect(gainsNothing(1.9e-8, 1, decays)).toBe(true);
    expect(gainsNothing(2.1e-8, 1, decays)).toBe(false);
    expect(gainsNothing(-2.1e-8, 1, decays)).toBe(false);
  });

  it.each([1, 3])('and before that nothing is said to be lost, and nothing judged (M = %i)', (depth) => {
    const given = problem(depth, 1e-3);
    const prediction = predictMse(given);
    const { trainer, settled } = trained(given, 0.01, 3, 1);
    const measurement = measureSnapshot(trainer.snapshot('classes'), { blas: portableBlas });
    const classes = compareClasses(measurement, prediction, fitsOf(measurement, given, null));
    expect(classes.map(({ measured }) => measured)).toEqual(['lost', 'lost', 'lost']);
    expect(undecided(classes, settled).map(({ measured }) => measured)).toEqual([null, null, null]);
    expect(undecided(classes, true)).toBe(classes);
    const objective = trainer.objective();
    const say = (rest: boolean) =>
      judge({ prediction, classes, objective, settled: rest, status: 'finished', divergence: undefined });
    expect(say(settled).held).toBeNull();
    expect(say(settled).sentence).toMatch(/^Not there yet: classes 0–2 are near zero/);
    expect(say(settled).sentence).not.toMatch(/\blost\b|end there/);
    expect(say(true).held).toBe(false);
  });
});
