/**
 * Checks on shapes that come from a file, before anything is allocated for them.
 */
import { brief, refuseBytes } from './refuseBytes.js';

/** More axes than any array here has; NumPy itself stops at 32 (64 since 2.0). */
const MAX_RANK = 32;

/**
 * The number of items of `shape`. Throws a format error for a rank above 32, an axis that is not an integer ≥
 * 0, or a product above 2⁵³ − 1 (axes of length 0 left out of it, so that the row length stays a number too).
 */
export function countItems(where: string, shape: readonly unknown[]): number {
  if (shape.length > MAX_RANK)
    refuseBytes(where, `a shape of at most ${MAX_RANK} axes`, `${shape.length} axes`);
  let product = 1;
  let empty = false;
  for (const axis of shape) {
    if (typeof axis !== 'number' || !Number.isSafeInteger(axis) || axis < 0)
      refuseBytes(where, 'a shape of integers ≥ 0', shape.map(brief).join(' × '));
    if (axis === 0) empty = true;
    else product *= axis;
    if (!Number.isSafeInteger(product))
      refuseBytes(where, 'fewer than 2^53 items', shape.map(brief).join(' × '));
  }
  return empty ? 0 : product;
}
