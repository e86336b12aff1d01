/** The points of a sweep in groups that differ in seeds alone: what tables and figures take mean and spread over. */
import type { PointResult } from '../../runs/index.js';
import type { Setting } from './overrides.js';
import { isSeed } from './plan.js';
import { aliveIn, excessOf } from './resultsCsv.js';

/** Mean, smallest and largest of the numbers that exist. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface SweepGroup {
  /** Without seeds. */
  readonly settings: readonly Setting[];
  readonly runs: number;
  readonly failed: number;
  readonly classes: number;
  /** Classes that theory lets live; null where it says nothing. */
  readonly lives: number | null;
  /** Classes measured alive, and measured neither alive nor lost. */
  readonly alive: Spread | null;
  readonly undecided: number;
  readonly excess: Spread | null;
  /** Its mean is geometric. */
  readonly nc1: Spread | null;
  readonly seconds: number;
}

/** Adds results one by one; memory grows with the groups, not with the points. */
export interface Grouping {
  add(settings: readonly Setting[], result: PointResult): void;
  groups(): SweepGroup[];
}

interface Tally {
  readonly settings: readonly Setting[];
  runs: number;
  failed: number;
  classes: number;
  lives: number | null;
  undecided: number;
  seconds: number;
  readonly alive: Sum;
  readonly excess: Sum;
  readonly nc1: Sum;
}

interface Sum {
  count: number;
  total: number;
  least: number;
  most: number;
}

export function createGrouping(): Grouping {
  const tallies = new Map<string, Tally>();
  return {
    add(all, result) {
      const settings = all.filter(([key]) => !isSeed(key));
      const key = JSON.stringify(settings);
      const tally = tallies.get(key) ?? emptyTally(settings);
      tallies.set(key, tally);
      addTo(tally, result);
    },
    groups: () => [...tallies.values()].map(groupOf),
  };
}

function emptyTally(settings: readonly Setting[]): Tally {
  const sum = (): Sum => ({ count: 0, total: 0, least: Infinity, most: -Infinity });
  return {
    ...{ settings, runs: 0, failed: 0, classes: 0, lives: null, undecided: 0, seconds: 0 },
    ...{ alive: sum(), excess: sum(), nc1: sum() },
  };
}

function addTo(tally: Tally, result: PointResult): void {
  const { predicted, measured, counts, status, seconds } = result;
  tally.runs++;
  tally.seconds += seconds;
  if (status === 'failed' || status === 'diverged') tally.failed++;
  tally.classes = Math.max(tally.classes, counts.length);
  if (predicted !== null) tally.lives = predicted.classes.filter(({ lives }) => lives).length;
  if (measured === null) return;
  const states = measured.classes.map(({ state }) => state);
  add(tally.alive, aliveIn(measured));
  tally.undecided += states.filter((state) => state === null).length;
  add(tally.excess, excessOf(result));
  // Of a trace that vanishes rounding may leave less than nothing: a geometric mean with it is zero.
  add(tally.nc1, measured.nc1, (value) => Math.log(Math.max(0, value)));
}

function add(sum: Sum, value: number | null, scale: (value: number) => number = (same) => same): void {
  if (value === null) return;
  sum.count++;
  sum.total += scale(value);
  sum.least = Math.min(sum.least, value);
  sum.most = Math.max(sum.most, value);
}

function groupOf({ alive, excess, nc1, ...rest }: Tally): SweepGroup {
  return { ...rest, alive: spreadOf(alive), excess: spreadOf(excess), nc1: spreadOf(nc1, Math.exp) };
}

function spreadOf(
  { count, total, least, most }: Sum,
  back: (value: number) => number = (same) => same,
): Spread | null {
  return count === 0 ? null : { mean: back(total / count), least, most };
}
