/** The points of a sweep in groups that differ in seeds alone: what tables and figures take mean and spread over. */
import type { PointResult } from '../../runs/index.js';
import type { Setting } from './overrides.js';
import { isSeed } from './plan.js';
import { aliveIn, excessOf, hasFailed } from './resultsCsv.js';
import { addToSum, emptySum, meanOver, type SeedSum } from './seedMean.js';

/** Mean, smallest and largest of the numbers that exist. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

export interface SweepGroup {
  /** Without seeds. */
  readonly settings: readonly Setting[];
  /** That gave a result, and that failed or diverged. */
  readonly runs: number;
  readonly failed: number;
  readonly classes: number;
  /** Classes that theory lets live; null where it says nothing. */
  readonly lives: number | null;
  /** Classes measured alive, and measured neither alive nor lost. */
  readonly alive: Spread | null;
  readonly undecided: number;
  /** Means of these two are geometric. */
  readonly excess: Spread | null;
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
  readonly alive: SeedSum;
  readonly excess: SeedSum;
  readonly nc1: SeedSum;
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
  return {
    ...{ settings, runs: 0, failed: 0, classes: 0, lives: null, undecided: 0, seconds: 0 },
    ...{ alive: emptySum(), excess: emptySum(), nc1: emptySum() },
  };
}

function addTo(tally: Tally, result: PointResult): void {
  const { predicted, measured, counts, seconds } = result;
  tally.seconds += seconds;
  if (hasFailed(result)) tally.failed++;
  else tally.runs++;
  tally.classes = Math.max(tally.classes, counts.length);
  if (predicted !== null) tally.lives = predicted.classes.filter(({ lives }) => lives).length;
  if (measured === null) return;
  const states = measured.classes.map(({ state }) => state);
  add(tally.alive, aliveIn(measured));
  tally.undecided += states.filter((state) => state === null).length;
  add(tally.excess, excessOf(result));
  // Of a trace that vanishes rounding may leave less than nothing.
  add(tally.nc1, measured.nc1 === null ? null : Math.max(0, measured.nc1));
}

function add(sum: SeedSum, value: number | null): void {
  if (value !== null) addToSum(sum, value);
}

function groupOf({ alive, excess, nc1, ...rest }: Tally): SweepGroup {
  return {
    ...rest,
    ...{ alive: spreadOf(alive, 'linear'), excess: spreadOf(excess, 'log'), nc1: spreadOf(nc1, 'log') },
  };
}

function spreadOf(sum: SeedSum, scale: 'linear' | 'log'): Spread | null {
  return sum.count === 0 ? null : { mean: meanOver(sum, scale), least: sum.least, most: sum.most };
}
