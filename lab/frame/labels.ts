/** Places for the names of vectors and of classes without one: each on its own line, and not over each other. */

export interface Name {
  /** Where it would stand best, seen from the point where all vectors begin. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** Shown even where there is no room for it. */
  readonly must: boolean;
}

interface Place {
  readonly x: number;
  readonly y: number;
}

export const NAME_HEIGHT = 0.085;
/** Lengths of the picture: from the point where all vectors begin, from there to an edge, and from one try to the next. */
const NEAREST = 0.16;
const EDGE = 1.18;
const STEP = 0.05;

/** One place for each name, in its direction: where it would stand best, else further out, else further in. Null: no room. */
export function spread(names: readonly Name[]): (Place | null)[] {
  const placed: { readonly x: number; readonly y: number; readonly width: number }[] = [];
  return names.map(({ x, y, width, must }) => {
    const length = Math.hypot(x, y);
    // An axis that points at the eye has no direction on paper.
    const [ux, uy] = length < 1e-6 ? [0, -1] : [x / length, y / length];
    const furthest = Math.min((EDGE - width / 2) / Math.abs(ux), (EDGE - NAME_HEIGHT / 2) / Math.abs(uy));
    const best = Math.min(furthest, Math.max(NEAREST, length));
    const free = (r: number): boolean =>
      placed.every(
        (other) =>
          Math.abs(other.x - r * ux) >= (other.width + width) / 2 ||
          Math.abs(other.y - r * uy) >= NAME_HEIGHT,
      );
    const distance = distances(best, furthest).find(free) ?? (must ? best : null);
    if (distance === null) return null;
    const place = { x: distance * ux, y: distance * uy };
    placed.push({ ...place, width });
    return place;
  });
}

function distances(best: number, furthest: number): number[] {
  const candidates: number[] = [];
  for (let r = best; r <= furthest; r += STEP) candidates.push(r);
  for (let r = best - STEP; r >= NEAREST; r -= STEP) candidates.push(r);
  return candidates;
}
