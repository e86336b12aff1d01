/**
 * Axes: from a value to a place on a linear scale, with the ticks to draw.
 *
 * Logarithms are taken here and not by the plotting library, so that zeros, one single value, 5e-324 and 1e300 have a
 * place: an exact zero on a logarithmic axis lies on a line of its own below the axis, with the label 0.
 */
import { finite, formatPower, formatSteps, formatTick } from '../format.js';
import type { Maybe } from '../../runs/records.js';

export type ScaleKind = 'linear' | 'log';

export interface Tick {
  readonly at: number;
  readonly label: string;
}

export interface Axis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly Tick[];
  /** Where a value lies, in units of `domain`; null for what has no place. */
  at(value: Maybe): Maybe;
  /** Where the axis is broken, above the line of zeros; null where there is none. */
  readonly broken: Maybe;
}

/** Beyond this size a number is drawn at this size: the sums inside an axis must not overflow. */
const LARGEST = 1e300;
/** Steps of a linear axis: with three digits, as numbers down here have. */
const LEAST_STEP = 2e-320;
const MOST_TICKS = 7;
const MULTIPLES = [[1], [1, 3], [1, 2, 5], [1, 2, 3, 5], [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8]];

/** A linear axis over the values, from `from` where that is lower, ending on ticks. */
export function linearAxis(values: Iterable<Maybe>, from = Infinity): Axis {
  let [low, high] = extent(values);
  if (low > high) [low, high] = [0, 1];
  low = Math.min(low, from);
  if (high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high))) {
    const room = Math.abs(high) * 0.1 || 1;
    [low, high] = from <= low ? [low, high + room] : [low - room, high + room];
  }
  const step = niceStep((high - low) / 5);
  const domain = [Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step] as const;
  const ticks: Tick[] = [];
  for (let i = Math.round(domain[0] / step); i <= Math.round(domain[1] / step); i++)
    ticks.push({ at: i * step, label: formatTick(i * step) });
  return { domain, ticks, at: (value) => clamp(value), broken: null };
}

/** A logarithmic axis over the positive values. What is zero or less lies on the line of zeros, labelled `zeroLabel`. At most `most` ticks. */
export function logAxis(values: Iterable<Maybe>, zeroLabel = '0', most = MOST_TICKS): Axis {
  const logs: number[] = [];
  let zeros = false;
  for (const value of values) {
    const x = clamp(value);
    if (x === null) continue;
    if (x > 0) logs.push(Math.log10(x));
    else zeros = true;
  }
  let [low, high] = extent(logs);
  if (low > high) [low, high] = [-1, 0];
  if (high - low < 0.3) [low, high] = [low - 0.15, high + 0.15];
  const room = (high - low) * 0.04;
  [low, high] = [low - room, high + room];
  const ticks = [...logTicks(low, high, most)];
  let broken: Maybe = null;
  let bottom = low;
  if (zeros) {
    const gap = (high - low) * 0.12;
    broken = low - gap / 3;
    bottom = low - gap;
    ticks.unshift({ at: bottom, label: zeroLabel });
  }
  const at = (value: Maybe): Maybe => {
    const x = clamp(value);
    if (x === null) return null;
    return x > 0 ? Math.log10(x) : bottom;
  };
  return { domain: [bottom, high], ticks, at, broken };
}

/** A linear axis with a tick at each of a few values. */
export function valueAxis(values: readonly number[]): Axis {
  const [low, high] = extent(values);
  const room = 0.06 * (high - low || 1);
  return {
    domain: [low - room, high + room],
    ticks: values.map((at) => ({ at, label: formatTick(at) })),
    at: clamp,
    broken: null,
  };
}

/** Places 0, 1, 2 … with names. */
export function categoryAxis(names: readonly string[]): Axis {
  return {
    domain: [-0.5, names.length - 0.5],
    ticks: names.map((label, at) => ({ at, label })),
    at: clamp,
    broken: null,
  };
}

/** The axis of training steps. `log` is linear up to the first positive step and logarithmic from there, so step 0 has a place. */
export function stepAxis(steps: readonly number[], kind: ScaleKind, most = MOST_TICKS): Axis {
  const last = Math.max(1, clamp(steps.at(-1)) ?? 1);
  const first = Math.min(last, clamp(steps.at(0)) ?? 0);
  if (kind === 'linear' || first === last) {
    const low = first === last ? 0 : first;
    const step = Math.max(1, niceStep((last - low) / 5));
    const ticks: Tick[] = [];
    for (let i = Math.ceil(low / step); i * step <= last; i++)
      ticks.push({ at: i * step, label: formatSteps(i * step) });
    return { domain: [low, last], ticks, at: clamp, broken: null };
  }
  const unit = Math.max(1, steps.find((step) => step > 0) ?? 1);
  const place = (step: number): number => Math.log10(1 + Math.max(0, step) / unit);
  const ticks: Tick[] = first === 0 ? [{ at: 0, label: '0' }] : [];
  const decades = Math.log10(last / unit);
  const stride = Math.max(1, Math.ceil(decades / (most - 2)));
  for (let e = Math.ceil(Math.log10(Math.max(unit, first)) - 1e-9); 10 ** e <= last; e += stride)
    ticks.push({ at: place(10 ** e), label: formatSteps(10 ** e) });
  const end = place(last);
  if (ticks.length === 0 || end - ticks[ticks.length - 1].at > (0.84 / most) * (end - place(first)))
    ticks.push({ at: end, label: formatSteps(last) });
  return {
    domain: [place(first), end],
    ticks,
    at: (value) => (value === null ? null : place(value)),
    broken: null,
  };
}

/** Powers of ten, at most `most`; within less than two decades also 2 and 5, or plain numbers. */
function logTicks(low: number, high: number, most: number): Tick[] {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  if (last - first >= 2) {
    const stride = niceStride((last - first) / (most - 1));
    const ticks: Tick[] = [];
    for (let e = Math.ceil(first / stride) * stride; e <= last; e += stride)
      ticks.push({ at: e, label: formatPower(e) });
    return ticks;
  }
  // The coarsest set of multiples that gives at least four ticks.
  for (const multiples of MULTIPLES) {
    const ticks: Tick[] = [];
    for (let e = Math.floor(low); e <= last; e++)
      for (const m of multiples) {
        const at = e + Math.log10(m);
        if (at >= low && at <= high) ticks.push({ at, label: formatTick(Number(`${m}e${e}`)) });
      }
    if (ticks.length >= Math.min(4, most - 1) || multiples === MULTIPLES[MULTIPLES.length - 1]) return ticks;
  }
  return [];
}

function niceStride(rough: number): number {
  for (const stride of [1, 2, 3, 5, 10, 20, 50, 100]) if (stride >= rough) return stride;
  return 200;
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, LEAST_STEP)));
  for (const m of [1, 2, 5]) if (m * power >= rough * (1 - 1e-9)) return m * power;
  return 10 * power;
}

function clamp(value: unknown): Maybe {
  const x = finite(value);
  return x === null ? null : Math.min(LARGEST, Math.max(-LARGEST, x));
}

function extent(values: Iterable<Maybe>): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    const x = clamp(value);
    if (x === null) continue;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  return [low, high];
}
