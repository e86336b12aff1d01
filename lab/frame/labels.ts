/** Places for the names of classes that have no vector: each on its own axis, further out where another is in the way. */
import type { Seen } from './camera.js';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Lengths of the picture: from the point where all vectors begin, and from one try to the next. */
const NEAREST = 0.16;
const FURTHEST = 1.05;
const STEP = 0.05;

/** One place for each tip, in its direction, at its length or beyond. Where nothing is free, the tip itself. */
export function spread(tips: readonly Seen[], { width, height }: Size): Seen[] {
  const placed: Seen[] = [];
  const free = (x: number, y: number): boolean =>
    placed.every((other) => Math.abs(other.x - x) >= width || Math.abs(other.y - y) >= height);
  for (const tip of tips) {
    const length = Math.hypot(tip.x, tip.y);
    // An axis that points at the eye has no direction on paper.
    const [ux, uy] = length < 1e-6 ? [0, -1] : [tip.x / length, tip.y / length];
    let found = tip;
    for (let r = Math.max(length, NEAREST); r <= FURTHEST; r += STEP) {
      if (!free(r * ux, r * uy)) continue;
      found = { x: r * ux, y: r * uy, depth: tip.depth };
      break;
    }
    placed.push(found);
  }
  return placed;
}
