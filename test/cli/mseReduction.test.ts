/**
 * Decays as PyTorch has them, in every verb that takes a problem: beside the minima that PyTorch found of its own losses
 * (test/golden/monitor/make_minima.py), and beside the same problem with its λ typed.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { json } from '../support/commandInProcess.js';

const MINIMA = new URL('../golden/monitor/minima/', import.meta.url).pathname;
const objectives = JSON.parse(readFileSync(`${MINIMA}objective.json`, 'utf8')) as Record<string, number>;
const PROBLEM = '--counts 12,8,4 --depth 1 --width 5';
const DECAYED = `${PROBLEM} --bias decayed --weight-decay 5e-3 --feature-decay 5e-3`;
const SUMMED = `${PROBLEM} --bias decayed --weight-decay 0.12 --feature-decay 0.12`;

const run = (verb: string, options: string) => json([verb, ...options.split(' ')]);

describe('predict', () => {
  /** `times`: PyTorch's loss is that many times the average of theory. */
  it.each([
    { name: 'mse-mean', options: `--loss mse --mse-reduction mean ${DECAYED}`, times: 2 / 3 },
    { name: 'mse-sum', options: `--loss mse --mse-reduction sum --batch 24 ${SUMMED}`, times: 48 },
    { name: 'ce', options: `--loss ce ${DECAYED}`, times: 1 },
    { name: 'ce-weights', options: `--loss ce --class-weights 0.5,1,2 ${DECAYED}`, times: 1 },
    { name: 'ce-smoothing', options: `--loss ce --label-smoothing 0.1 ${DECAYED}`, times: 1 },
  ])('has the minimum that PyTorch found: $name', async ({ name, options, times }) => {
    const { objective, optimality } = (await run('predict', options)) as {
      objective: number;
      optimality: string;
    };
    expect(optimality).toBe('global');
    expect((objective * times) / objectives[name]).toBeCloseTo(1, 8);
  });
});

describe('every verb', () => {
  // λ = wd·K/2 for nn.MSELoss(), wd/(2B) for its sum; three classes here.
  const forms = {
    mean: '--mse-reduction mean --weight-decay 4e-3 --feature-decay 2e-3',
    sum: '--mse-reduction sum --batch 16 --weight-decay 0.192 --feature-decay 0.096',
    paper: '--weight-decay 6e-3 --feature-decay 3e-3',
  };
  const problem = '--counts 6,3,2 --depth 2 --width 4 --loss mse';
  /** What depends on the time that a search took is left out. */
  const numbers: Readonly<Record<string, readonly string[]>> = {
    predict: ['objective', 'modes', 'classes', 'geometry'],
    verify: ['predicted', 'best', 'verdict'],
    basin: ['classes', 'starts'],
    advise: ['depths', 'classes'],
  };

  it.each(Object.entries(numbers))('%s has one answer for one λ', async (verb, keys) => {
    const search =
      { verify: ' --budget 0.3 --seed 1', basin: ' --seed 1 --scales 0.1 --starts 2 --steps 300' }[verb] ??
      '';
    const of = async (form: string) =>
      (await run(verb, `${problem} ${form}${search}`)) as Readonly<Record<string, unknown>>;
    const paper = await of(forms.paper);
    for (const form of [forms.mean, forms.sum]) {
      const other = await of(form);
      for (const key of keys) expectNear(other[key], paper[key], `${verb} ${key}`);
    }
  });
});

/** λ of a sum is rounded once more than that typed. */
function expectNear(actual: unknown, expected: unknown, where: string): void {
  expect(expected, where).toBeDefined();
  if (typeof expected === 'number')
    expect(Math.abs((actual as number) - expected), where).toBeLessThanOrEqual(
      1e-6 * Math.max(1e-3, Math.abs(expected)),
    );
  else if (typeof expected === 'object' && expected !== null)
    for (const [key, value] of Object.entries(expected))
      expectNear((actual as Record<string, unknown>)[key], value, `${where}.${key}`);
  else expect(actual, where).toEqual(expected);
}
