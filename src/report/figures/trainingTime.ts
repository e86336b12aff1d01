/** How far training is: counted in steps, and in epochs where every record is of a network. */
import type { Maybe, TrainRecord } from '../../runs/records.js';
import { finite } from '../format.js';

export interface TrainingTime {
  readonly unit: 'step' | 'epoch';
  of(record: TrainRecord): Maybe;
}

export function timeOf(records: readonly TrainRecord[]): TrainingTime {
  return records.length > 0 && records.every(({ network }) => finite(network?.epoch) !== null)
    ? { unit: 'epoch', of: ({ network }) => finite(network?.epoch) }
    : { unit: 'step', of: ({ step }) => finite(step) };
}
