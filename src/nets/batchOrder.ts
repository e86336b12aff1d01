/**
 * Which samples each step of an epoch sees: a seeded shuffle cut into batches.
 *
 * The order of an epoch follows from the generator's state at its start, so that a checkpoint holds that state and not N
 * indices. A full batch keeps the order of the data: sums do not ask for another.
 */
import { shuffledOrder } from '../core/order.js';
import { createRandom, type RandomState } from '../core/random.js';

export interface BatchOrder {
  /** T. */
  readonly steps: number;
  /** The indices of a step's samples, a view; the last step's may be fewer. */
  samplesOf(step: number): Int32Array;
  /** Where the next epoch starts from. */
  readonly after: RandomState;
}

/** The order of one epoch of N = `samples` in batches of B = `batch`. */
export function batchOrder(samples: number, batch: number, start: RandomState): BatchOrder {
  const random = createRandom(start);
  const order =
    batch < samples ? shuffledOrder(samples, random) : Int32Array.from({ length: samples }, (_, i) => i);
  return {
    steps: Math.ceil(samples / batch),
    samplesOf: (step) => order.subarray(step * batch, (step + 1) * batch),
    after: random.state(),
  };
}
