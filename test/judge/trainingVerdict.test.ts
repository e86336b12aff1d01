/** The verdict on a training, branch by branch: what was measured is made up, on each side of every limit. */
import { describe, expect, it } from 'vitest';
import { judge, type Judged } from '../../src/judge/index.js';
import { createProblem, type Vitality } from '../../src/model/index.js';
import type { ClassComparison } from '../../src/runs/index.js';
import { predictMse, type Prediction } from '../../src/theory/index.js';

const decays = { weightDecays: 1e-3, featureDecay: 1e-3 };
const problem = createProblem({ counts: [8, 4, 2], depth: 2, widths: 4, ...decays });
const prediction = predictMse(problem);
const least = prediction.objective;

/** Every class measured as `vitality` says, its norms off by `off`. */
function classesOf({ classes }: Prediction, vitality: readonly Vitality[], off: number): ClassComparison[] {
  return classes.map(({ count, weightNorm, featureNorm, fit, regime }, k) => ({
    count,
    weightNorm: weightNorm * (1 + off),
    featureNorm,
    fit: vitality[k] === 'lost' ? 0 : fit,
    accuracy: 1,
    predictedWeightNorm: weightNorm,
    predictedFeatureNorm: featureNorm,
    predictedFit: fit,
    regime,
    measured: vitality[k],
  }));
}

const ALIVE: readonly Vitality[] = ['alive', 'alive', 'alive'];
const ONE_LOST: readonly Vitality[] = ['alive', 'alive', 'lost'];

function verdict(changes: Partial<Judged> & { readonly off?: number; readonly lives?: readonly Vitality[] }) {
  const { off = 0, lives = ALIVE, ...rest } = changes;
  const base = changes.prediction ?? prediction;
  return judge({
    prediction: base,
    classes: classesOf(base, lives, off),
    objective: base.objective,
    settled: true,
    status: 'finished',
    divergence: undefined,
    ...rest,
  });
}

describe('the verdict on a training', () => {
  it.each([
    ['at the minimum', {}, true, 'Theory held'],
    ['just within 1 % of the objective', { objective: least * 1.0099 }, true, 'Theory held'],
    ['just beyond', { objective: least * 1.0101 }, false, 'Training settled at another solution'],
    ['norms just within 1 %', { off: 0.0099 }, true, 'Theory held'],
    ['norms just beyond', { off: 0.0101 }, false, 'Training settled at another solution'],
    ['there before it has settled', { settled: false }, true, 'Theory held'],
    ['not there before it has settled', { settled: false, objective: 2 * least }, null, 'Not there yet'],
    ['stopped away from it', { status: 'interrupted', objective: 2 * least }, null, 'Stopped before the end'],
    ['stopped at it', { status: 'interrupted' }, true, 'Theory held'],
    [
      'a class lost at the least value',
      { lives: ONE_LOST },
      false,
      'Training did not reach the global minimum',
    ],
    ['diverged', { status: 'diverged' }, null, 'Training diverged at step 0'],
    ['no number any more', { objective: null }, null, 'Training diverged at step 0'],
    ['under way', { status: 'running' }, null, 'So far'],
  ] as const)('%s', (_, changes, held, opening) => {
    const judged = verdict(changes);
    expect(judged.held).toBe(held);
    expect(judged.sentence.startsWith(opening)).toBe(true);
    expect(judged.sentence).toMatch(/\.$/);
  });

  it('names a plateau that theory knows, within 1 % of it', () => {
    const [other] = prediction.alternatives.filter(({ objective }) => objective > 1.5 * least);
    const at = (objective: number) => verdict({ objective, lives: ONE_LOST }).sentence;
    const named = `Training settled at another solution, ${other.name}: `;
    expect(at(other.objective * 1.0099)).toContain(named);
    expect(at(other.objective * 0.9901)).toContain(named);
    expect(at(other.objective * 1.0101)).not.toContain(named);
    // One that is no higher than the prediction is no other solution.
    const same = { ...other, objective: least * 1.0099 };
    const near = { ...prediction, alternatives: [same] };
    expect(verdict({ prediction: near, objective: least, off: 1 }).sentence).toMatch(
      /^Training settled at another solution: /,
    );
  });

  it('takes a gap to a minimum of zero as it is', () => {
    const zero = { ...prediction, objective: 0, alternatives: [] };
    expect(verdict({ prediction: zero, objective: 0.0099 }).held).toBe(true);
    expect(verdict({ prediction: zero, objective: 0.0101 }).held).toBe(false);
  });

  it('calls what is only best known so, and says where frames are not unique', () => {
    const known = { ...prediction, optimality: 'best-known' as const };
    expect(verdict({ prediction: known }).sentence).toMatch(/^The best known solution was reached: /);
    expect(verdict({ prediction: known, lives: ONE_LOST }).sentence).toMatch(
      /^Training did not reach the best known solution: /,
    );
    const several = 'one of several minimisers';
    expect(verdict({ prediction: { ...prediction, unique: false } }).sentence).toContain(several);
    expect(verdict({ prediction: { ...prediction, unique: true } }).sentence).not.toContain(several);
  });

  it('says where a training diverged, how far, and which rate is stable', () => {
    const divergence = { step: 7, objective: 12345.6, stableLearningRate: 0.25, confirmedSteps: 100 };
    expect(verdict({ status: 'diverged', objective: 12345.6, divergence }).sentence).toBe(
      'Training diverged at step 7, where the objective has grown to 1.235e+4; a learning rate of 0.25 is stable.',
    );
    expect(
      verdict({ objective: null, divergence: { ...divergence, stableLearningRate: null } }).sentence,
    ).toBe('Training diverged at step 7, where the objective is no longer a finite number.');
  });

  it('says of a training under way what it sees, and no judgement', () => {
    const { sentence } = verdict({ status: 'running', off: 0.05, lives: ONE_LOST, objective: 2 * least });
    expect(sentence).toContain('class 2 is near zero, though it lives at the global minimum');
    expect(sentence).toContain('norms are within 5 % of the prediction');
    expect(sentence).not.toContain('the objective');
  });
});
