/**
 * What a sweep runs: a spec, or the user's own command, and a grid over keys. A point is a number: its settings follow from
 * the grid, the last axis turning fastest, so that a plan of a million points takes no more memory than its axes.
 */
import { refuse } from '../../core/errors.js';
import { checkSpec, parseSpecText, type RunSpec } from '../../runs/index.js';
import { axesOf, type Axis } from './axes.js';
import { parseCommand, type CommandPlan } from './command.js';
import { isSection, settingText, withSetting, type RawSpec, type Setting } from './overrides.js';
import { RESULT_COLUMNS } from './resultsCsv.js';

export interface SweepPlan {
  /** The sweep as written, with what was overridden: what its folder keeps. */
  readonly source: RawSpec;
  /** Keys of the spec of every point. */
  readonly base: RawSpec;
  readonly axes: readonly Axis[];
  readonly points: number;
  /** The user's own training; null for specs of ours. */
  readonly command: CommandPlan | null;
  /** The axis along which only the points that bisection needs are run; null where all are. */
  readonly bisect: number | null;
}

/** What is known of each takes 17 bytes of memory. */
const MOST_POINTS = 1e7;
/** Specs checked before anything runs: of larger grids the first, and the rest as they come. */
const CHECKED_AHEAD = 20_000;

export function parseSweep(
  text: string,
  where: string,
  overrides: readonly Setting[] = [],
  points: Checked = 'checked',
): SweepPlan {
  return planSweep(parseSpecText(text, where), where, overrides, points);
}

/** `trusted`: the specs of all points were checked before, by whoever wrote the file. */
type Checked = 'checked' | 'trusted';

/** Checks a parsed sweep and every point of its grid. */
export function planSweep(
  value: unknown,
  where: string,
  overrides: readonly Setting[] = [],
  checked: Checked = 'checked',
): SweepPlan {
  if (!isSection(value)) refuse(where, 'keys with values', value);
  const source = overrides.reduce(withOverride, value);
  const { sweep, run, measure, bisect, estimate, ...base } = source;
  if (sweep === undefined)
    refuse(
      where,
      'a section sweep, for example sweep: {depth: [1, 2, 3]}',
      undefined,
      'a single run needs no sweep',
    );
  const axes = axesOf(sweep, `${where}: sweep`);
  const keys = axes.flatMap((axis) => axis.keys);
  for (const [key] of overrides) {
    if (keys.some((swept) => `${key}.`.startsWith(`${swept}.`)))
      refuse(
        `${where}: ${key}`,
        'a key that is not swept',
        key,
        `override sweep.${key} with other values, or leave it out`,
      );
  }
  const taken = keys.find((key) => RESULT_COLUMNS.includes(key));
  if (taken !== undefined)
    refuse(`${where}: sweep: ${taken}`, 'keys that are not columns of results.csv', taken);
  const points = axes.reduce((product, axis) => product * axis.values.length, 1);
  if (points > MOST_POINTS) refuse(`${where}: sweep`, `at most ${MOST_POINTS} points`, points);
  if (run === undefined && measure !== undefined)
    refuse(where, 'measure beside run', 'measure alone', 'specs of ours are measured as they train');
  const command = run === undefined ? null : parseCommand({ run, measure, base, keys }, where);
  if (estimate !== undefined && (typeof estimate !== 'string' || bisect === undefined))
    refuse(`${where}: estimate`, 'beside bisect the name of a JSON document of advice', estimate);
  const plan = { source, base, axes, points, command, bisect: bisectedAxis(bisect, axes, where) };
  if (command === null && checked === 'checked')
    for (let point = 0; point < Math.min(points, CHECKED_AHEAD); point++) specAt(plan, point, where);
  return plan;
}

/** Under `sweep` a key is a whole one, dots and all. */
function withOverride(source: RawSpec, [key, value]: Setting): RawSpec {
  if (!key.startsWith('sweep.')) return withSetting(source, [key, value]);
  const { sweep } = source;
  return { ...source, sweep: { ...(isSection(sweep) ? sweep : {}), [key.slice('sweep.'.length)]: value } };
}

const FEWEST_TO_BISECT = 3;

/** `bisect: weightDecay`: the axis of this key, whose values must be numbers in ascending order. */
function bisectedAxis(key: unknown, axes: readonly Axis[], where: string): number | null {
  if (key === undefined) return null;
  const at = `${where}: bisect`;
  const axis = axes.findIndex(({ keys }) => keys.length === 1 && keys[0] === key);
  if (axis < 0)
    refuse(at, `one key of the sweep, ${axes.map(({ keys }) => keys.join(' and ')).join(', ')}`, key);
  const values = axes[axis].values.map(([value]) => value);
  const ascending = values.every(
    (value, i) => typeof value === 'number' && value > 0 && (i === 0 || value > Number(values[i - 1])),
  );
  if (!ascending || values.length < FEWEST_TO_BISECT)
    refuse(at, `a key with ${FEWEST_TO_BISECT} or more positive numbers in ascending order`, values);
  return axis;
}

/** The settings of a point, in the order of the axes. */
export function settingsAt({ axes }: SweepPlan, point: number): readonly Setting[] {
  const settings: Setting[] = [];
  let rest = point;
  for (const { keys, values } of [...axes].reverse()) {
    const row = values[rest % values.length];
    rest = Math.floor(rest / values.length);
    settings.unshift(...keys.map((key, i): Setting => [key, row[i]]));
  }
  return settings;
}

/** The checked spec of a point of a sweep of specs. Throws an argument error naming the point's settings. */
export function specAt(plan: SweepPlan, point: number, where: string): RunSpec {
  const settings = settingsAt(plan, point);
  return checkSpec(settings.reduce(withSetting, plan.base), `${where} with ${describeSettings(settings)}`);
}

/** "depth 3, init.seed 1". */
export function describeSettings(settings: readonly Setting[]): string {
  return settings.map(([key, value]) => `${key} ${settingText(value)}`).join(', ');
}

/** The keys of the settings, in their order. */
export function settingKeys({ axes }: SweepPlan): string[] {
  return axes.flatMap(({ keys }) => keys);
}

/** A key by which repetitions differ: figures take mean and spread over it. */
export function isSeed(key: string): boolean {
  return /(?:^|\.)seed$/i.test(key);
}

/** A number that tells two sweeps apart, whatever the order of keys in their sections. */
export function samePlan(a: SweepPlan, b: SweepPlan): boolean {
  return canonical(a.source) === canonical(b.source) && orderOf(a) === orderOf(b);
}

/** The order of axes is the order of points. */
function orderOf({ axes }: SweepPlan): string {
  return JSON.stringify(axes);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isSection(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner,
  );
}
