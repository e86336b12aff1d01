/** Groups over seeds: means of what exists, geometric ones of NC1, and nothing where nothing is known. */
import { expect, it } from 'vitest';
import type { PointResult } from '../../../src/runs/index.js';
import { createGrouping } from '../../../src/verbs/sweep/groups.js';

function resultOf(nc1: number | null, states: readonly ('alive' | 'lost' | null)[]): PointResult {
  return {
    ...{ point: 0, status: 'measured', step: null, counts: states.map(() => 5), featureDecay: null },
    ...{ predicted: null, failure: null, seconds: 2 },
    measured: {
      ...{ objective: null, nc1, cdnv: null, nc2Weights: null, nc2Features: null, nc3: null, nc4: null },
      ...{ accuracy: null, testAccuracy: null },
      classes: states.map((state) => ({ weightNorm: 1, featureNorm: 1, fit: 1, accuracy: null, state })),
    },
  };
}

it.each([
  [[1e-2, 1e-4], 1e-3],
  [[1e-2, null], 1e-2],
  [[1e-2, 0], 0],
  // A trace that rounding left below zero.
  [[1e-2, -1e-26], 0],
  [[null, null], null],
] as const)('of NC1 %j is %s', (values, mean) => {
  const grouping = createGrouping();
  for (const [seed, nc1] of values.entries())
    grouping.add([['init.seed', seed]], resultOf(nc1, ['alive', 'lost']));
  const [group, ...others] = grouping.groups();
  expect(others).toEqual([]);
  expect(group).toMatchObject({ runs: 2, classes: 2, lives: null, undecided: 0, seconds: 4 });
  expect(group.alive).toEqual({ mean: 1, least: 1, most: 1 });
  if (mean === null) expect(group.nc1).toBeNull();
  else expect(group.nc1?.mean).toBeCloseTo(mean, 12);
});

it('has no classes alive where of none is known whether it is', () => {
  const grouping = createGrouping();
  grouping.add([['wd', 1]], resultOf(1e-2, [null, null]));
  grouping.add([['wd', 2]], resultOf(1e-2, ['alive', null]));
  expect(grouping.groups().map(({ alive, undecided }) => [alive?.mean ?? null, undecided])).toEqual([
    [null, 2],
    [1, 1],
  ]);
});
