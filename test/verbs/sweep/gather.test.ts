/** What figures of a sweep are drawn from: means and ranges over seeds, theory's corners, and which points are shown. */
import { describe, expect, it } from 'vitest';
import type { LinesPanel, PhasePanel } from '../../../src/report/index.js';
import type { PointResult } from '../../../src/runs/index.js';
import { readResult } from '../../../src/runs/sweepResult.js';
import { groupsTable } from '../../../src/cli/sweepResults.js';
import { createGrouping } from '../../../src/verbs/sweep/groups.js';
import { createGathering } from '../../../src/verbs/sweep/gather.js';
import { layoutsOf, type FigureLayout, type LayoutChoices } from '../../../src/verbs/sweep/layout.js';
import { quantityOf } from '../../../src/verbs/sweep/quantities.js';
import { failedResult, resultOfRun } from '../../../src/verbs/sweep/result.js';
import { csvHead, csvLines } from '../../../src/verbs/sweep/resultsCsv.js';
import { networkRun } from '../../report/sample.js';
import { decayLimits } from '../../../src/verbs/sweep/limits.js';
import { parseSweep, settingsAt, type SweepPlan } from '../../../src/verbs/sweep/plan.js';

const PLAN = parseSweep(
  `kind: ufm
counts: [100, 10]
depth: 1
width: 4
weightDecay: 1e-3
featureDecay: 1e-3
steps: 100
measureEvery: 100
sweep:
  weightDecay: {from: 1e-3, to: 1, points: 4, scale: log}
  depth: [1, 2]
  featureDecay: [1e-3, 1e-2]
  init.seed: [0, 1]
`,
  'test',
);

/** Alive: both classes below a decay of 0.05, one of two seeds at it; the excess and NC1 are powers of ten of the seed. */
function resultAt(plan: SweepPlan, point: number): PointResult {
  const settings = new Map(settingsAt(plan, point));
  const [decay, seed] = [Number(settings.get('weightDecay')), Number(settings.get('init.seed'))];
  const depth = Number(settings.get('depth'));
  const lives = decay < 0.5;
  return {
    ...{ point, status: 'finished', step: 100, counts: [100, 10], featureDecay: 1e-3 },
    predicted: {
      ...{ objective: 0.25, optimality: 'global', rank: 2, frame: 'orthogonal frame' },
      classes: [0, 1].map((k) => ({
        ...{ weightNorm: 10 * depth + k, featureNorm: 5, fit: 0.5, regime: 'alive', lives: lives || k === 0 },
      })),
    },
    measured: {
      ...{ objective: 0.25 + 10 ** -(2 + 2 * seed), nc1: 10 ** -(4 + 2 * seed), cdnv: null },
      ...{ nc2Weights: null, nc2Features: null, nc3: null, nc4: null, accuracy: null, testAccuracy: null },
      classes: [0, 1].map((k) => ({
        ...{ weightNorm: 10 * depth + k + seed, featureNorm: 4, fit: 0.4, accuracy: null },
        state: k === 0 || decay < 0.05 || (decay < 0.2 && seed === 0) ? 'alive' : 'lost',
      })),
    },
    ...{ failure: null, seconds: 1 },
  };
}

function figuresOf(choices: LayoutChoices = {}) {
  const gathering = createGathering(PLAN, layoutsOf(PLAN, choices), decayLimits(PLAN, 'test'));
  for (let point = 0; point < PLAN.points; point++) gathering.add(resultAt(PLAN, point));
  return new Map(gathering.figures().map((figure) => [figure.name, figure]));
}

describe('a point of a network', () => {
  it('has the shares of right answers of its summary', () => {
    const { summary } = networkRun();
    const top = { top5Accuracy: 0.875, testTop5Accuracy: 0.75 };
    const point = resultOfRun(0, { ...summary, network: { ...summary.network, ...top } }, 1);
    expect(point.measured).toMatchObject({ testAccuracy: 0.9, ...top });
    expect(readResult(JSON.stringify(point))).toEqual(point);
    const names = csvHead([]).split(',');
    const cells = csvLines(point, [])[0].split(',');
    expect(cells[names.indexOf('testTop5Accuracy')]).toBe('0.75');
    expect(quantityOf('top5Accuracy')?.measured(point, 0)).toBe(0.875);
    // Of five classes or fewer nothing is counted.
    expect(csvLines(resultOfRun(0, summary, 1), [])[0].split(',')[names.indexOf('top5Accuracy')]).toBe('');
  });
});

it('has no NC1 where all classes are lost and only rounding is left, and none below zero', () => {
  const { summary } = networkRun();
  const scaled = (size: number, nc1: number) => ({
    ...summary,
    nc1: { ...summary.nc1, pinv: nc1 },
    classes: summary.classes.map((given) => ({
      ...given,
      ...{ measured: 'lost' as const, weightNorm: size, featureNorm: size, centredFeatureNorm: size },
    })),
  });
  const measuredAt = (size: number, nc1: number) => resultOfRun(0, scaled(size, nc1), 1).measured;
  expect(measuredAt(1e-10, 0.016)).toMatchObject({ nc1: null, cdnv: null, nc2Weights: null, nc3: null });
  expect(measuredAt(1e-2, 0.016)?.nc1).toBe(0.016);
  expect(measuredAt(1e-2, -1e-17)?.nc1).toBe(0);
  expect(measuredAt(1e-2, -0.1)?.nc1).toBe(-0.1);
});

describe('figures of a sweep', () => {
  const figures = figuresOf();

  it('are those of a paper, with a panel for what is neither axis nor curve', () => {
    expect([...figures.keys()]).toEqual(['alive', 'norms', 'fit', 'excess', 'nc1', 'phase']);
    expect(figures.get('alive')?.panels.map(({ title }) => title)).toEqual([
      'featureDecay 0.001',
      'featureDecay 0.01',
    ]);
    expect(figures.get('alive')?.caption).toContain('over 2 seeds; bars: from the least to the most');
  });

  it('have means and ranges over seeds, on a logarithmic axis geometric means', () => {
    const alive = figures.get('alive')?.panels[0] as LinesPanel;
    expect(alive.x).toEqual({ label: 'weightDecay', scale: { kind: 'log' } });
    expect(alive.curves.map(({ name }) => name)).toEqual(['depth 1', 'depth 2']);
    expect(alive.curves[0].measured).toEqual([
      { x: 1e-3, mean: 2, least: 2, most: 2 },
      { x: 1e-2, mean: 2, least: 2, most: 2 },
      { x: 0.1, mean: 1.5, least: 1, most: 2 },
      { x: 1, mean: 1, least: 1, most: 1 },
    ]);
    for (const [name, exponents] of [
      ['excess', [-3, -4, -2]],
      ['nc1', [-5, -6, -4]],
    ] as const) {
      const [{ mean, least, most }] = (figures.get(name)?.panels[0] as LinesPanel).curves[0].measured;
      [mean, least, most].forEach((value, i) => {
        expect(Math.log10(value)).toBeCloseTo(exponents[i], 9);
      });
    }
  });

  it('have theory’s corners where classes are lost, in closed form', () => {
    const { curves } = figures.get('alive')?.panels[0] as LinesPanel;
    // M = 1: class k lives while √(λ_W λ_H) < √n_k/N, so λ_W < n_k/(N² λ_H).
    const limit = (n: number) => n / (110 ** 2 * 1e-3);
    expect(curves[0].predicted.map(({ y }) => y)).toEqual([2, 2, 1, 1]);
    expect(curves[0].predicted[1].x).toBeCloseTo(limit(10), 10);
    expect(limit(100)).toBeGreaterThan(1);
    expect(curves[1].predicted.at(-1)?.y).toBe(0);
  });

  it('put norms against class size, measured and predicted', () => {
    const norms = figures.get('norms')?.panels as LinesPanel[];
    expect(norms.map(({ title }) => title.split(' · ')[1])).toEqual(
      [1, 1, 1, 1, 2, 2, 2, 2].map((depth, i) => `depth ${depth}, featureDecay 0.0${i % 4 < 2 ? '01' : '1'}`),
    );
    const [curve] = norms[4].curves;
    expect(curve.measured).toEqual([
      { x: 10, mean: 21.5, least: 21, most: 22 },
      { x: 100, mean: 20.5, least: 20, most: 21 },
    ]);
    expect(curve.predicted).toEqual([
      { x: 10, y: 21 },
      { x: 100, y: 20 },
    ]);
  });

  it('put two keys into a phase diagram', () => {
    const phase = figures.get('phase')?.panels[0] as PhasePanel;
    expect(phase.x.values).toEqual(['0.001', '0.01', '0.1', '1']);
    const at = (x: number, y: number) => phase.cells.find((cell) => cell.x === x && cell.y === y);
    expect(at(2, 1)).toEqual({ x: 2, y: 1, alive: 1.5, lives: 2 });
    expect(at(3, 0)).toEqual({ x: 3, y: 0, alive: 1, lives: 1 });
  });

  it('are those that were chosen', () => {
    const chosen = figuresOf({ x: 'featureDecay', y: ['nc1', 'depth'], panel: ['depth'] });
    expect([...chosen.keys()]).toEqual(['nc1', 'phase']);
    const nc1 = chosen.get('nc1');
    expect(nc1?.panels.map(({ title }) => title)).toEqual(['depth 1', 'depth 2']);
    expect((nc1?.panels[0] as LinesPanel).curves.map(({ name }) => name?.split(' ')[0])).toEqual(
      new Array(4).fill('weightDecay'),
    );
    // What is neither axis nor panel is held at its first value.
    expect(chosen.get('phase')?.caption).toContain('At weightDecay 0.001.');
    expect(() => layoutsOf(PLAN, { y: ['nc9'] })).toThrow(/y: .*measure.*alive.* or a key/);
    expect(() => layoutsOf(PLAN, { y: ['testAccuracy'] })).toThrow(
      /y: a measure of this sweep \((?!.*test.*\) or)/,
    );
    expect(() => layoutsOf(PLAN, { x: 'width' })).toThrow(/x: .*weightDecay, depth, featureDecay/);
  });

  it('are refused where a key would stand for two directions, and else take another key across', () => {
    expect(() => layoutsOf(PLAN, { x: 'depth', y: ['depth'] })).toThrow('y: another key than depth');
    expect(() => layoutsOf(PLAN, { x: 'depth', panel: ['depth'] })).toThrow('panel: a key that is not');
    expect(() => layoutsOf(PLAN, { y: ['depth'], panel: ['depth'] })).toThrow('panel: a key that is not');
    const across = ({ x }: FigureLayout) => (x === 'count' ? x : x.dimension.label);
    expect(layoutsOf(PLAN, { y: ['weightDecay'] }).map(across)).toEqual(['depth']);
    expect(layoutsOf(PLAN, { panel: ['weightDecay'], y: ['nc1'] }).map(across)).toEqual(['depth']);
  });

  it('show values that were run: of a bisection none that it passed over', () => {
    const text = `kind: ufm
counts: [100, 10]
depth: 1
width: 4
weightDecay: 1e-3
featureDecay: 1e-3
steps: 100
measureEvery: 100
sweep:
  weightDecay: {from: 1e-3, to: 1, points: 17, scale: log}
bisect: weightDecay
`;
    const plan = parseSweep(text, 'test');
    const run = [0, 5, 7, 8, 9, 12, 16];
    const gathering = createGathering(
      plan,
      layoutsOf(plan, {}, (point) => run.includes(point)),
    );
    for (const point of run) gathering.add(resultAt(plan, point));
    const norms = gathering.figures().find(({ name }) => name === 'norms');
    const { curves } = norms?.panels[0] as LinesPanel;
    const shown = [0, 7, 9, 16].map((point) => Number(settingsAt(plan, point)[0][1]).toPrecision(3));
    expect(curves.map(({ name }) => Number(name?.split(' ')[1]).toPrecision(3))).toEqual(shown);
    for (const { measured } of curves) expect(measured).toHaveLength(2);
    expect(norms?.caption).toContain('Drawn: 4 of the 7 values of weightDecay that were run.');
  });

  it('and tables count the seeds that gave a result, and say what failed', () => {
    const gathering = createGathering(PLAN, layoutsOf(PLAN));
    const grouping = createGrouping();
    for (let point = 0; point < PLAN.points; point++) {
      const settings = settingsAt(PLAN, point);
      const fails = new Map(settings).get('init.seed') === 1;
      const result = fails ? failedResult(point, 'broken', 1) : resultAt(PLAN, point);
      gathering.add(result);
      grouping.add(settings, result);
    }
    const [nc1] = gathering.figures().filter(({ name }) => name === 'nc1');
    expect(nc1.caption).toContain('Dots: one seed each.');
    expect(nc1.caption).toContain('Failed, and not in it: 16 runs.');
    expect((nc1.panels[0] as LinesPanel).curves[0].measured[0]).toEqual({
      ...{ x: 1e-3, mean: 10 ** -4, least: 10 ** -4, most: 10 ** -4 },
    });
    const { columns, rows } = groupsTable(PLAN, grouping.groups());
    const cell = (key: string) => rows[0][columns.findIndex((column) => column.key === key)];
    expect([cell('runs'), cell('failed')]).toEqual([1, 1]);
    expect(columns.map(({ key }) => key)).not.toContain('nc1Least');
  });

  it('have the means of the tables, which have the least and the most beside', () => {
    const grouping = createGrouping();
    for (let point = 0; point < PLAN.points; point++)
      grouping.add(settingsAt(PLAN, point), resultAt(PLAN, point));
    const { columns, rows } = groupsTable(PLAN, grouping.groups());
    for (const name of ['excess', 'nc1'] as const) {
      const { mean, least, most } = (figures.get(name)?.panels[0] as LinesPanel).curves[0].measured[0];
      const at = columns.findIndex(({ key }) => key === name);
      expect(columns.slice(at, at + 3).map(({ key }) => key)).toEqual([name, `${name}Least`, `${name}Most`]);
      const values = rows[0].slice(at, at + 3).map((cell) => (cell as { readonly value: number }).value);
      expect(values).toEqual([mean, least, most]);
    }
  });

  it('are not drawn of what no point has: a sweep of theory alone has no excess and no NC1', () => {
    const gathering = createGathering(PLAN, layoutsOf(PLAN));
    for (let point = 0; point < PLAN.points; point++)
      gathering.add({ ...resultAt(PLAN, point), status: 'predicted', measured: null });
    expect(gathering.figures().map(({ name }) => name)).toEqual(['alive', 'norms', 'fit', 'phase']);
    expect(gathering.drawable()).toEqual(['alive', 'objective', 'weightNorm', 'featureNorm', 'fit']);
  });
});
