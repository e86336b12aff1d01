/** The directions of a grid that figures are drawn along: its axes without those of seeds. */
import { number } from '../../core/numbers.js';
import type { SweepScale } from '../../report/index.js';
import { settingText } from './overrides.js';
import { isSeed, type SweepPlan } from './plan.js';

export interface Dimension {
  /** Among the axes of the plan. */
  readonly axis: number;
  /** "depth and width". */
  readonly label: string;
  readonly keys: readonly string[];
  /** Its places in order, as words: `depth 3, width 32`. */
  readonly names: readonly string[];
  /** Short: without the key where it is one. */
  readonly values: readonly string[];
  /** Where its places lie, by the first key that is a number throughout; null for none. */
  readonly numbers: readonly number[] | null;
}

export function dimensionsOf({ axes }: SweepPlan): Dimension[] {
  return axes.flatMap((axis, i) => {
    if (axis.keys.every(isSeed)) return [];
    const column = axis.keys.findIndex((_, j) => axis.values.every((row) => typeof row[j] === 'number'));
    const text = (value: unknown) => (typeof value === 'number' ? number(value, 3) : settingText(value));
    return [
      {
        ...{ axis: i, keys: axis.keys, label: axis.keys.join(' and ') },
        names: axis.values.map((row) => row.map((value, j) => `${axis.keys[j]} ${text(value)}`).join(', ')),
        values: axis.values.map((row) => row.map(text).join(', ')),
        numbers: column < 0 ? null : axis.values.map((row) => Number(row[column])),
      },
    ];
  });
}

/** Of a number of places so few that each gets a tick. */
const FEW = 6;
/** Positive values that span more than this factor lie on a logarithmic axis. */
const WIDE = 15;

export function scaleOf({ numbers, values }: Pick<Dimension, 'numbers' | 'values'>): SweepScale {
  if (numbers === null) return { kind: 'names', names: values };
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  if (least > 0 && most / least > WIDE) return { kind: 'log' };
  return numbers.length <= FEW ? { kind: 'few', values: numbers } : { kind: 'linear' };
}

/** The place of each axis of a point. */
export function placesOf({ axes }: SweepPlan, point: number): number[] {
  const places = new Array<number>(axes.length).fill(0);
  let rest = point;
  for (let i = axes.length - 1; i >= 0; i--) {
    places[i] = rest % axes[i].values.length;
    rest = Math.floor(rest / axes[i].values.length);
  }
  return places;
}
