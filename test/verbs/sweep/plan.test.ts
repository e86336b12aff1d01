/** The grid of a sweep: against nested loops, and what it refuses. */
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.js';
import { checkSpec } from '../../../src/runs/index.js';
import { commandAt } from '../../../src/verbs/sweep/command.js';
import { parseOverride, withSetting } from '../../../src/verbs/sweep/overrides.js';
import { parseSweep, samePlan, settingsAt, specAt } from '../../../src/verbs/sweep/plan.js';

const BASE = `kind: ufm
counts: [20, 10, 5]
depth: 1
width: 8
weightDecay: 1e-3
featureDecay: 1e-3
steps: 0
`;

const refusal = (text: string): string => {
  try {
    parseSweep(text, 'a.yaml');
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'nothing';
};

describe('a grid', () => {
  it('is not overridden where it is swept: that would change nothing', () => {
    const text = `${BASE}sweep: {depth: [1, 2]}\n`;
    expect(() => parseSweep(text, 'a.yaml', [['depth', 3]])).toThrow(
      'a.yaml: depth: a key that is not swept',
    );
    expect(parseSweep(text, 'a.yaml', [['sweep.depth', [3]]]).points).toBe(1);
    const seeds = parseSweep(text, 'a.yaml', [['sweep.init.seed', [3, 4, 5]]]);
    expect(settingsAt(seeds, 5)).toEqual([
      ['depth', 2],
      ['init.seed', 5],
    ]);
    expect(specAt(parseSweep(text, 'a.yaml', [['width', 5]]), 0, 'a.yaml')).toMatchObject({ width: 5 });
  });

  it('is that of nested loops, the last axis turning fastest', () => {
    const plan = parseSweep(
      `${BASE}sweep:
  weightDecay: {from: 1e-4, to: 1e-1, points: 4, scale: log}
  [depth, width]: [[1, 8], [2, 6]]
  init.seed: [3, 5, 7]
`,
      'a.yaml',
    );
    const expected: unknown[] = [];
    for (const weightDecay of [1e-4, 1e-3, 1e-2, 1e-1])
      for (const [depth, width] of [
        [1, 8],
        [2, 6],
      ])
        for (const seed of [3, 5, 7]) expected.push({ weightDecay, depth, width, 'init.seed': seed });
    expect(plan.points).toBe(24);
    expect(Array.from({ length: 24 }, (_, i) => Object.fromEntries(settingsAt(plan, i)))).toEqual(expected);
    expect(specAt(plan, 17, 'a.yaml')).toEqual(
      checkSpec(
        {
          ...{ kind: 'ufm', counts: [20, 10, 5], featureDecay: 1e-3, steps: 0 },
          ...{ weightDecay: 1e-2, depth: 2, width: 6, init: { seed: 7 } },
        },
        'b',
      ),
    );
  });

  it('has the ends of a linear range and equal steps between', () => {
    const plan = parseSweep(`${BASE}sweep: {featureDecay: {from: 0.5, to: 1.5, points: 5}}`, 'a');
    expect(plan.axes[0].values.flat()).toEqual([0.5, 0.75, 1, 1.25, 1.5]);
  });

  it('takes keys that go together as JSON has them', () => {
    const value = { kind: 'ufm', counts: '5x3', weightDecay: 1e-3, featureDecay: 1e-3, steps: 0 };
    const plan = parseSweep(JSON.stringify({ ...value, sweep: { 'depth, width': [[2, 6]] } }), 'a.json');
    expect(settingsAt(plan, 0)).toEqual([
      ['depth', 2],
      ['width', 6],
    ]);
  });

  it.each([
    ['', /a section sweep/],
    ['sweep: {}', /keys with lists or ranges/],
    ['sweep: {depth: 3}', /sweep: depth: a list, or \{from/],
    ['sweep: {depth: []}', /at least one value/],
    ['sweep: {depth: [1, 1]}', /each value once/],
    ['sweep: {deth: [1, 2]}', /known keys only, got "deth"; did you mean depth/],
    ['sweep: {depth: [1, 0]}', /a.yaml with depth 0: depth: at least 1/],
    ['sweep: {weightDecay: {from: 0, to: 1, points: 3, scale: log}}', /positive ends on a log scale/],
    ['sweep: {weightDecay: {from: 1, to: 1, points: 3}}', /two different ends/],
    ['sweep: {weightDecay: {from: 1, to: 2, point: 3}}', /the keys from, to, points, scale/],
    ['sweep: {weightDecay: {from: 1, to: 2, points: 1}}', /from 2 to/],
    ['sweep: {"depth, width": [[1, 2], [3]]}', /lists of 2 values/],
    ['sweep: {"depth, width": [[1, 2]], depth: [1]}', /each key once/],
    ['sweep: {init: [{seed: 1}], init.seed: [1, 2]}', /outside of init, which is swept too/],
    ['sweep: {counts.a: [1]}', /a section under counts/],
    ['sweep: {class: [1, 2]}', /not columns of results\.csv/],
    ['sweep: {__proto__.a: [1]}', /a key of the spec/],
    ['measure: {loss: ce}\nsweep: {depth: [1]}', /measure beside run/],
  ])('refuses %s', (text, message) => {
    expect(refusal(`${BASE}${text}\n`)).toMatch(message);
  });

  it('is another with another order of points', () => {
    const plan = (sweep: string) => parseSweep(`${BASE}sweep: ${sweep}`, 'a');
    const one = plan('{depth: [1, 2], width: [6, 8]}');
    expect(samePlan(one, parseSweep(`sweep: {depth: [1, 2], width: [6, 8]}\n${BASE}`, 'b'))).toBe(true);
    expect(samePlan(one, plan('{width: [6, 8], depth: [1, 2]}'))).toBe(false);
    expect(samePlan(one, plan('{depth: [1, 2], width: [6, 7]}'))).toBe(false);
  });
});

describe('a command', () => {
  it('has its words filled in, lists with commas', () => {
    const plan = parseSweep(
      `run: [python, train.py, '--wd={wd}', --counts, '{counts}', --out, '{out}/a']
counts: [5, 3]
sweep: {wd: [1e-3, 0.5]}
`,
      'a',
    );
    expect(commandAt(plan.command!, plan.base, settingsAt(plan, 1), '/x/000001')).toEqual([
      ...['python', 'train.py', '--wd=0.5', '--counts', '5,3', '--out', '/x/000001/a'],
    ]);
  });

  it.each([
    ['run: python\nsweep: {wd: [1]}', /a list of words/],
    ["run: [python, '{wd}']\nsweep: {wd: [1]}", /'\{out\}' among its words/],
    ["run: [python, '{out}', '{dw}']\nsweep: {wd: [1]}", /\{out\}, \{wd\}, got "\{dw\}"/],
    ["run: [python, '{out}']\nsweep: {wd: [1]}", /'\{wd\}' among its words/],
    ["run: [a, '{out}', '{wd}']\nmeasure: {lss: ce}\nsweep: {wd: [1]}", /measure: the keys loss/],
    [
      "run: [a, '{out}', '{wd}']\nmesure: {loss: ce}\nsweep: {wd: [1]}",
      /mesure: '\{mesure\}' among the words/,
    ],
  ])('is refused: %s', (text, message) => {
    expect(refusal(text)).toMatch(message);
  });
});

describe('an override', () => {
  it.each([
    ['depth=3', ['depth', 3]],
    ['optimizer.learningRate=5e-2', ['optimizer.learningRate', 0.05]],
    ['counts=[5, 3]', ['counts', [5, 3]]],
    ['counts=5000x10', ['counts', '5000x10']],
  ])('%s', (text, setting) => {
    expect(parseOverride(text, '--override')).toEqual(setting);
  });

  it('reaches into sections and leaves the spec as it is', () => {
    const spec = { a: { b: 1, c: 2 }, d: 3 };
    expect(withSetting(spec, ['a.b', 5])).toEqual({ a: { b: 5, c: 2 }, d: 3 });
    expect(withSetting(spec, ['e.f.g', 1])).toEqual({ ...spec, e: { f: { g: 1 } } });
    expect(spec).toEqual({ a: { b: 1, c: 2 }, d: 3 });
    expect(() => withSetting(spec, ['d.x', 1])).toThrow(/a section under d/);
    expect(() => parseOverride('depth', '--override')).toThrow(/KEY=VALUE/);
  });
});
