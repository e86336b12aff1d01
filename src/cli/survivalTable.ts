/** The table of survival under plain weight decay: of `advise`, and of a network beside what became of it. */
import type { Survival } from '../model/index.js';
import { number, share } from './format.js';
import { counted, heading, withoutEmptyColumns, type Cell, type Table } from './tables.js';

export interface SurvivalRows {
  readonly name: string;
  readonly weightDecay: number | null;
  readonly classes: readonly {
    readonly name: string | null;
    readonly count: number;
    readonly largestDecay: Readonly<Record<'estimate' | 'low' | 'high' | 'estimateE', number | null>>;
    readonly atDecay: Survival | null;
    /** Of training samples, where a network was trained. */
    readonly accuracy?: number | null;
  }[];
}

const STATES: Readonly<Record<Survival, string>> = { alive: 'learned', open: 'may be lost', lost: 'lost' };

/** Columns that hold nothing are left out. */
export function survivalTable({ name: title, classes, weightDecay }: SurvivalRows): Table {
  const rounded = (value: number | null, digits: number): Cell =>
    value === null ? null : { value, text: number(value, digits) };
  return withoutEmptyColumns({
    name: title,
    columns: [
      heading('class'),
      heading('name', 'name', 3, 'left'),
      heading('count', 'n'),
      heading('estimate'),
      heading('low', 'learned below'),
      heading('high', 'lost above', 1),
      heading('estimateE', 'second moments', 2),
      heading('atDecay', weightDecay === null ? 'yours' : `at ${number(weightDecay)}`, 0, 'left'),
      heading('accuracy', 'right'),
    ],
    rows: classes.map(({ name, count, largestDecay, atDecay, accuracy = null }, k) => [
      k,
      name,
      counted(count),
      rounded(largestDecay.estimate, 3),
      rounded(largestDecay.low, 2),
      rounded(largestDecay.high, 2),
      rounded(largestDecay.estimateE, 3),
      atDecay === null ? null : { value: atDecay, text: STATES[atDecay] },
      accuracy === null ? null : { value: accuracy, text: share(accuracy) },
    ]),
  });
}
