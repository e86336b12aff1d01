/** A few of many, evenly, for what has room for a few. */

/** At most `most` of 0 … K−1, the ends among them; the first alone where there is room for one. */
export function spread(K: number, most: number): number[] {
  if (K <= most) return Array.from({ length: K }, (_, k) => k);
  if (most < 2) return [0];
  return Array.from({ length: most }, (_, i) => Math.round((i * (K - 1)) / (most - 1)));
}
