/** Leaves the output of a layer where a measurement finds it, if one asked. */
import { channelsOf, sizeOf } from '../../../nets/index.js';
import { shareOf, type Machine } from '../machine.js';
import type { Tap } from '../plan.js';
import type { Activation } from './node.js';

/** Maps are averaged over their positions; vectors have one. */
export function recordTap(machine: Machine, tap: Tap, { address, shape }: Activation, samples: number): void {
  if (machine.flags[tap.flag] === 0) return;
  const channels = channelsOf(shape);
  const size = sizeOf(shape);
  const [from, to] = shareOf(machine, samples);
  const target = tap.address + 4 * channels * from;
  machine.kernels.averagePool(address + 4 * size * from, target, to - from, size / channels, channels);
  machine.sync();
}
