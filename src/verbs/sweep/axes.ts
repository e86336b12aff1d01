/** The axes of a grid: a key, or several keys that go together, and the values they take. */
import { refuse } from '../../core/errors.js';
import { checkKey, isSection } from './overrides.js';

export interface Axis {
  readonly keys: readonly string[];
  /** One value for each key. */
  readonly values: readonly (readonly unknown[])[];
}

/** A range may have so many points. */
const MOST_POINTS = 1_000_000;

/** The axes of a section from keys to lists or ranges, in its order. */
export function axesOf(section: unknown, where: string): Axis[] {
  if (!isSection(section) || Object.keys(section).length === 0)
    refuse(where, 'keys with lists or ranges, for example {depth: [1, 2, 3]}', section);
  const axes = Object.entries(section).map(([key, values]) => axisOf(key, values, where));
  const seen = new Set<string>();
  for (const key of axes.flatMap(({ keys }) => keys)) {
    if (seen.has(key)) refuse(`${where}: ${key}`, 'each key once', 'the key twice');
    seen.add(key);
  }
  // One key may not be set inside of what another sets whole.
  for (const key of seen)
    for (const other of seen)
      if (key.startsWith(`${other}.`))
        refuse(`${where}: ${key}`, `a key outside of ${other}, which is swept too`, key);
  return axes;
}

function axisOf(text: string, values: unknown, where: string): Axis {
  // A list as key: `[depth, width]` is text by now.
  const joint = /^\s*\[?([^[\]]*,[^[\]]*)\]?\s*$/.exec(text);
  const keys = (joint === null ? [text] : joint[1].split(',')).map((key) =>
    checkKey(key.trim().replace(/^(["'])(.*)\1$/, '$2'), where),
  );
  const at = `${where}: ${keys.join(', ')}`;
  if (keys.length === 1)
    return {
      keys,
      values: (Array.isArray(values) ? list(values, at) : range(values, at)).map((value) => [value]),
    };
  if (!Array.isArray(values)) refuse(at, 'a list of lists, one value for each key', values);
  return {
    keys,
    values: list(values, at).map((row) => {
      if (!Array.isArray(row) || row.length !== keys.length)
        refuse(at, `lists of ${keys.length} values, one for each key`, row);
      return row as readonly unknown[];
    }),
  };
}

function list(values: readonly unknown[], where: string): readonly unknown[] {
  if (values.length === 0) refuse(where, 'at least one value', values);
  const seen = new Set<string>();
  for (const value of values) {
    const text = JSON.stringify(value);
    if (seen.has(text)) refuse(where, 'each value once', value);
    seen.add(text);
  }
  return values;
}

const RANGE_KEYS = ['from', 'to', 'points', 'scale'];

/** `{from, to, points, scale: linear | log}`: both ends are in it. */
function range(given: unknown, where: string): readonly number[] {
  if (!isSection(given)) refuse(where, 'a list, or {from: 1e-4, to: 1e-1, points: 20, scale: log}', given);
  const strange = Object.keys(given).find((key) => !RANGE_KEYS.includes(key));
  if (strange !== undefined) refuse(where, `the keys ${RANGE_KEYS.join(', ')} of a range`, strange);
  const { from, to, points, scale = 'linear' } = given;
  const numbers = [from, to].map((end) =>
    typeof end === 'number' && Number.isFinite(end) ? end : refuse(where, 'numbers from and to', end),
  );
  if (typeof points !== 'number' || !Number.isSafeInteger(points) || points < 2 || points > MOST_POINTS)
    refuse(where, `from 2 to ${MOST_POINTS} points`, points);
  if (scale !== 'linear' && scale !== 'log') refuse(where, 'the scale linear or log', scale);
  const [low, high] = numbers;
  if (low === high) refuse(where, 'two different ends', low);
  if (scale === 'log' && !(low > 0 && high > 0)) refuse(where, 'positive ends on a log scale', given.from);
  const inside = Array.from({ length: points - 2 }, (_, i) =>
    between(low, high, (i + 1) / (points - 1), scale),
  );
  return [low, ...inside, high];
}

/** Rounded to ten digits: a decay of 0.001 is not 0.0010000000000000002. */
function between(low: number, high: number, share: number, scale: 'linear' | 'log'): number {
  const value =
    scale === 'linear'
      ? low + share * (high - low)
      : Math.exp(Math.log(low) + share * (Math.log(high) - Math.log(low)));
  return Number(value.toPrecision(10));
}
