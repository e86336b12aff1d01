/**
 * Class labels from an array entry.
 */
import { refuseShape } from '../core/errors.js';
import { type ArrayEntry, MAX_ITEMS_AT_ONCE } from './arrayFile.js';
import { shapeText } from './layout.js';
import { refuseBytes } from './refuseBytes.js';

const PIECE = 2 ** 18;

/**
 * The integers of an array of shape (N,), (N, 1) or (1, N); floats whose values are all integers count too.
 * Throws a dimension error for another shape, a format error naming the first value that is not an int32.
 */
export async function integers(entry: ArrayEntry): Promise<Int32Array> {
  const { where, shape, itemCount, rowLength } = entry;
  const longAxes = shape.filter((axis) => axis !== 1).length;
  if (shape.length < 1 || shape.length > 2 || longAxes > 1 || itemCount > MAX_ITEMS_AT_ONCE)
    refuseShape(
      where,
      'integer labels of shape (N,) or (N, 1)',
      `shape ${shapeText(shape)}`,
      'one label a sample, not one-hot rows',
    );
  const out = new Int32Array(itemCount);
  const step = rowLength > 1 ? entry.rowCount : PIECE;
  for (let start = 0; start < entry.rowCount; start += step) {
    const values = await entry.rows(start, Math.min(step, entry.rowCount - start));
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      // An int32 is what survives the round trip; NaN and fractions do not.
      if ((value | 0) !== value) refuseBytes(where, 'integer labels', `${value} at index ${start + i}`);
      out[start + i] = value;
    }
  }
  return out;
}
