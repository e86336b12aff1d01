/** Mean, least and most over seeds: the same for tables and figures. */

export interface SeedSum {
  count: number;
  total: number;
  /** Of logarithms; those of numbers that are not positive are left out, as `meanOver` then does without it. */
  logarithms: number;
  least: number;
  most: number;
}

export function emptySum(): SeedSum {
  return { count: 0, total: 0, logarithms: 0, least: Infinity, most: -Infinity };
}

export function addToSum(sum: SeedSum, value: number): void {
  sum.count++;
  sum.total += value;
  if (value > 0) sum.logarithms += Math.log(value);
  sum.least = Math.min(sum.least, value);
  sum.most = Math.max(sum.most, value);
}

/** The arithmetic mean, or for what is told on a logarithmic axis the geometric one: the least where that is not positive. */
export function meanOver(
  { count, total, logarithms, least, most }: SeedSum,
  scale: 'linear' | 'log',
): number {
  if (count === 1 || least === most) return least;
  switch (scale) {
    case 'linear':
      return Math.min(most, Math.max(least, total / count));
    case 'log':
      return least <= 0 ? least : Math.min(most, Math.max(least, Math.exp(logarithms / count)));
    default:
      return scale satisfies never;
  }
}
