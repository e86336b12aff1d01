/**
 * Thousands of points as a few hundred that draw the same curve.
 *
 * The axis is cut into buckets; of each the first, the least, the largest and the last point stay, and one gap if there is
 * one, so that ends, spikes and holes survive (the M4 aggregation of Jugel et al. 2014).
 */

/** A point in units of its axes; `y` is null where the measure does not exist. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number | null;
}

const BUCKETS = 90;

/** `points` in order of x. Returned as they are when they are few. */
export function thin(points: readonly CurvePoint[], buckets = BUCKETS): readonly CurvePoint[] {
  if (points.length <= 3 * buckets) return points;
  const start = points[0].x;
  const width = (points[points.length - 1].x - start) / buckets;
  if (!(width > 0)) return [points[0], points[points.length - 1]];
  const indices = new Set<number>();
  let from = 0;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const limit = bucket === buckets - 1 ? Infinity : start + (bucket + 1) * width;
    let to = from;
    while (to < points.length && points[to].x < limit) to++;
    if (to > from) addExtremes(points, from, to, indices);
    from = to;
  }
  return [...indices].sort((a, b) => a - b).map((i) => points[i]);
}

function addExtremes(points: readonly CurvePoint[], from: number, to: number, indices: Set<number>): void {
  indices.add(from);
  indices.add(to - 1);
  let [least, most, gap] = [-1, -1, -1];
  for (let i = from; i < to; i++) {
    const y = points[i].y;
    if (y === null) gap = i;
    else {
      if (least < 0 || y < (points[least].y ?? Infinity)) least = i;
      if (most < 0 || y > (points[most].y ?? -Infinity)) most = i;
    }
  }
  for (const i of [least, most, gap]) if (i >= 0) indices.add(i);
}
