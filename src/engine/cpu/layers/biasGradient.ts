/** The gradient of a bias: sums of ∂F/∂y over all rows. Threads divide the columns, by cache lines. */
import { shareOf, type Machine } from '../machine.js';

/** gradient ← carry·gradient + the column sums of dy, rows×columns. */
export function addBiasGradient(
  machine: Machine,
  dy: number,
  rows: number,
  gradient: number,
  columns: number,
  carry: number,
): void {
  const [from, to] = shareOf(machine, columns, 16);
  if (to > from)
    machine.kernels.columnSums(dy + 4 * from, rows, to - from, 4 * columns, carry, gradient + 4 * from);
}
