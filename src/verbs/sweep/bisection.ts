/**
 * The value of a key, a weight decay above all, at which each class is lost: found by bisection among the values of a sweep.
 *
 * For each combination of the other keys, seeds among them, both ends are run, then the middles of the intervals in which a class
 * goes from learned to lost, until neighbours of the grid are left. Which points are run follows from results alone, so that a sweep
 * that was killed goes on to the same end. Where learned and lost take turns, the interval reaches from below the first loss to above
 * the last time that the class was learned.
 */
import { parseCounts } from '../../model/index.js';
import { problemOf, type PointResult } from '../../runs/index.js';
import { placesOf } from './dimensions.js';
import { isSeed, settingsAt, specAt, type SweepPlan } from './plan.js';
import type { Setting } from './overrides.js';

export interface Bisection {
  add(result: PointResult): void;
  /** Points that are needed and have no result, in order; none where all is found. */
  needed(): number[];
  /** By combination of the other keys, without seeds. */
  losses(): LossGroup[];
}

export interface LossGroup {
  readonly settings: readonly Setting[];
  /** A point of it. */
  readonly point: number;
  readonly classes: readonly ClassLoss[];
}

export interface ClassLoss {
  readonly count: number;
  /** Over seeds: the geometric mean of the middles of their intervals; null where no seed has one with both ends. */
  readonly estimate: number | null;
  /** The least value below which a seed learned it, and the largest above which one lost it; null beyond the grid. */
  readonly low: number | null;
  readonly high: number | null;
  /** Seeds that have an interval with both ends, of how many. */
  readonly seeds: number;
  readonly of: number;
}

/** Whether a class is learned; null where the run failed or does not say. */
type State = boolean | null;

interface Line {
  /** The point at the first value of the key. */
  readonly first: number;
  /** By place on the axis. */
  readonly states: Map<number, readonly State[]>;
}

/** From this share of its own training samples named rightly a class of a network counts as learned. */
const RIGHT = 0.5;

export function createBisection(plan: SweepPlan, axis: number): Bisection {
  const { axes, points } = plan;
  const values = axes[axis].values.map(([value]) => Number(value));
  const stride = axes.slice(axis + 1).reduce((product, other) => product * other.values.length, 1);
  const last = values.length - 1;
  const lines = new Map<number, Line>();
  for (let point = 0; point < points; point++)
    if (placesOf(plan, point)[axis] === 0) lines.set(point, { first: point, states: new Map() });
  const counts = new Map<number, readonly number[]>();

  const lineOf = (point: number): { readonly line: Line; readonly place: number } | null => {
    const place = placesOf(plan, point)[axis];
    const line = lines.get(point - place * stride);
    return line === undefined ? null : { line, place };
  };

  return {
    add(result) {
      const at = lineOf(result.point);
      if (at === null) return;
      at.line.states.set(at.place, statesOf(plan, result));
      if (result.counts.length > 0) counts.set(at.line.first, result.counts);
    },
    needed() {
      const needed: number[] = [];
      for (const { first, states } of lines.values())
        for (const place of placesNeeded(states, last)) needed.push(first + place * stride);
      return needed.sort((a, b) => a - b);
    },
    losses() {
      const groups = new Map<string, Line[]>();
      for (const line of lines.values()) {
        const key = JSON.stringify(otherSettings(plan, line.first, axis));
        groups.set(key, [...(groups.get(key) ?? []), line]);
      }
      return [...groups.values()].flatMap((members) => {
        const sizes = members
          .flatMap(({ first }) => counts.get(first) ?? [])
          .slice(0, classCount(members, counts));
        const { first } = members[0];
        return sizes.length === 0
          ? []
          : [
              {
                settings: otherSettings(plan, first, axis),
                point: first,
                classes: sizes.map((count, k) => lossOf(count, members, k, values)),
              },
            ];
      });
    },
  };
}

function classCount(members: readonly Line[], counts: ReadonlyMap<number, readonly number[]>): number {
  return members.map(({ first }) => counts.get(first)?.length ?? 0).find((length) => length > 0) ?? 0;
}

function otherSettings(plan: SweepPlan, point: number, axis: number): readonly Setting[] {
  const [bisected] = plan.axes[axis].keys;
  return settingsAt(plan, point).filter(([key]) => key !== bisected && !isSeed(key));
}

/** A network has learned a class that it names rightly; of free features the fit tells. */
function statesOf({ command, base }: SweepPlan, { measured, status, counts }: PointResult): State[] {
  if (status === 'diverged') return counts.map(() => false);
  const byAccuracy = command !== null || base.kind === 'network';
  return (measured?.classes ?? []).map(({ accuracy, state }) => {
    if (byAccuracy && accuracy !== null) return accuracy >= RIGHT;
    return state === null ? null : state === 'alive';
  });
}

/** Both ends, then the middle of each class's interval; nothing where a run between them failed. */
function placesNeeded(states: Line['states'], last: number): Set<number> {
  const needed = new Set<number>();
  for (const end of [0, last]) if (!states.has(end)) needed.add(end);
  if (needed.size > 0) return needed;
  const K = Math.max(...[...states.values()].map((classes) => classes.length));
  for (let k = 0; k < K; k++) {
    const { learned, lost } = intervalOf(states, k);
    if (learned === null || lost === null || lost - learned < 2) continue;
    const middle = nearestFree(states, learned, lost);
    if (middle !== null) needed.add(middle);
  }
  return needed;
}

/** The place nearest to the middle between two that has no result yet: a run that does not say is passed by. */
function nearestFree(states: Line['states'], learned: number, lost: number): number | null {
  const middle = Math.floor((learned + lost) / 2);
  for (let away = 0; middle - away > learned || middle + away < lost; away++)
    for (const place of [middle - away, middle + away])
      if (place > learned && place < lost && !states.has(place)) return place;
  return null;
}

/** Between the last value at which it was learned and the first above it at which it was lost. */
function intervalOf(states: Line['states'], k: number): { learned: number | null; lost: number | null } {
  const known = [...states]
    .filter(([, classes]) => typeof classes.at(k) === 'boolean')
    .sort(([a], [b]) => a - b);
  const learned = known.filter(([, classes]) => classes[k] === true).at(-1)?.[0] ?? null;
  const lost = known.find(([place, classes]) => classes[k] === false && place > (learned ?? -1))?.[0] ?? null;
  return { learned, lost };
}

/** The same, from below the first value at which it was lost. */
function widestInterval(states: Line['states'], k: number): { learned: number | null; lost: number | null } {
  const { learned, lost } = intervalOf(states, k);
  const known = [...states].sort(([a], [b]) => a - b);
  const first = known.find(([, classes]) => classes[k] === false)?.[0] ?? Infinity;
  const below = known.filter(([place, classes]) => classes[k] === true && place < first).at(-1)?.[0] ?? null;
  return { learned: learned === null ? null : below, lost };
}

function lossOf(count: number, members: readonly Line[], k: number, values: readonly number[]): ClassLoss {
  const intervals = members.map(({ states }) => {
    const { learned, lost } = widestInterval(states, k);
    return { low: learned === null ? null : values[learned], high: lost === null ? null : values[lost] };
  });
  const middles = intervals.flatMap(({ low, high }) =>
    low === null || high === null ? [] : [Math.log(low * high) / 2],
  );
  const [lows, highs] = [
    intervals.flatMap(({ low }) => low ?? []),
    intervals.flatMap(({ high }) => high ?? []),
  ];
  const sum = middles.reduce((total, middle) => total + middle, 0);
  return {
    count,
    estimate: middles.length === 0 ? null : Math.exp(sum / middles.length),
    low: lows.length < intervals.length ? null : Math.min(...lows),
    high: highs.length < intervals.length ? null : Math.max(...highs),
    seeds: middles.length,
    of: members.length,
  };
}

/** About how many points bisection runs at most; null where the number of classes is not known before one has run. */
export function mostBisected(plan: SweepPlan, axis: number): number | null {
  const K = classesOf(plan);
  if (K === null) return null;
  const size = plan.axes[axis].values.length;
  // Intervals are halved until neighbours are left, and no class has two of one size.
  let most = 2;
  for (let halves = 1; halves < size - 1; halves *= 2) most += Math.min(K, halves);
  return (plan.points / size) * Math.min(size, most);
}

function classesOf(plan: SweepPlan): number | null {
  if (plan.command !== null) return null;
  const spec = specAt(plan, 0, '');
  if (spec.kind === 'ufm') return problemOf(spec).counts.length;
  const { counts } = spec.data;
  if (counts === undefined) return null;
  return typeof counts === 'string' ? parseCounts(counts).length : counts.length;
}
