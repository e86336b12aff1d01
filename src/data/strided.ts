/**
 * An array entry over a strided view of a storage, as PyTorch saves a transposed or sliced tensor: number (i, j, …) lies at
 * offset + i·s_0 + j·s_1 + … of the storage.
 *
 * Rows are read as one range where they lie close together, else column by column or row by row: never the whole storage.
 */
import { refuse } from '../core/errors.js';
import type { Floats } from '../core/matrix.js';
import { type ArrayEntry, MAX_ITEMS_AT_ONCE } from './arrayFile.js';
import { type ByteSource, readRange } from './byteSource.js';
import { decodeItems, type DType, floatsFor, itemSize } from './dtypes.js';
import { arrayEntry, shapeText } from './layout.js';
import { refuseBytes } from './refuseBytes.js';
import { countItems } from './shape.js';

export interface StridedLayout {
  readonly name: string;
  readonly where: string;
  readonly shape: readonly number[];
  /** In items, at least 0, one for each axis. */
  readonly strides: readonly number[];
  /** In items. */
  readonly offset: number;
  readonly dtype: DType;
  readonly bigEndian: boolean;
  /** The whole storage. */
  readonly storage: ByteSource;
}

/** A range that is read although a part of it is not wanted: up to this many times what is. */
const WASTE = 4;
/** And this much in any case, in items. */
const FREELY = 2 ** 14;

/** The entry of a view. Throws a format error for one that leaves its storage, or holds more numbers than it. */
export function stridedEntry(layout: StridedLayout): ArrayEntry {
  const { name, where, shape, strides, offset, dtype, bigEndian, storage } = layout;
  const itemCount = countItems(where, shape);
  const size = itemSize(dtype);
  const items = Math.floor(storage.size / size);
  const isIndex = (value: number) => Number.isSafeInteger(value) && value >= 0;
  if (strides.length !== shape.length || !strides.every(isIndex) || !isIndex(offset))
    refuseBytes(where, 'an offset and a stride ≥ 0 for each axis', `strides ${shapeText(strides)}`);
  const last = offset + shape.reduce((sum, axis, k) => sum + Math.max(0, axis - 1) * strides[k], 0);
  if (itemCount > 0 && !(last < items))
    refuseBytes(where, `numbers inside a storage of ${items}`, `one at ${last}`);
  if (itemCount > items)
    refuseBytes(
      where,
      'a tensor whose numbers are stored one by one',
      `an expanded one of shape ${shapeText(shape)}`,
      'save it with .clone()',
    );
  if (isContiguous(shape, strides)) {
    const data = {
      name: storage.name,
      size: itemCount * size,
      read: (start: number, length: number) => storage.read(offset * size + start, length),
    };
    return arrayEntry({ name, where, shape, dtype, bigEndian, fortran: false, data });
  }
  return new StridedView(layout, itemCount);
}

/** Whether the numbers lie in C order; axes of length 1 have any stride. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  let expected = 1;
  for (let k = shape.length - 1; k >= 0; k--) {
    if (shape[k] !== 1 && strides[k] !== expected) return false;
    expected *= shape[k];
  }
  return true;
}

class StridedView implements ArrayEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly where: string;
  readonly rowCount: number;
  readonly rowLength: number;
  /** How far the last number of a row is from its first. */
  private readonly rowSpan: number;

  constructor(
    private readonly layout: StridedLayout,
    readonly itemCount: number,
  ) {
    const { name, shape, strides, dtype, where } = layout;
    this.name = name;
    this.shape = shape;
    this.dtype = dtype;
    this.where = where;
    this.rowCount = shape[0];
    this.rowLength = shape.slice(1).reduce((product, axis) => product * axis, 1);
    this.rowSpan = shape.slice(1).reduce((sum, axis, k) => sum + (axis - 1) * strides[k + 1], 0);
  }

  async rows(start: number, count: number): Promise<Floats> {
    const { where, rowCount, rowLength, rowSpan } = this;
    const { strides, offset } = this.layout;
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(count) || start < 0 || count < 0)
      refuse(where, 'rows(start, count) of integers ≥ 0', `rows(${start}, ${count})`);
    if (start + count > rowCount)
      refuse(where, `rows inside 0 to ${rowCount}`, `${start} to ${start + count}`);
    const wanted = count * rowLength;
    if (wanted > MAX_ITEMS_AT_ONCE)
      refuse(where, `at most ${MAX_ITEMS_AT_ONCE} numbers in one read`, wanted, 'read fewer rows at a time');
    const out = floatsFor(this.dtype, wanted);
    if (wanted === 0) return out;
    const step = strides[0];
    const first = offset + start * step;
    const down = (count - 1) * step;
    const all = down + rowSpan + 1;
    if (all <= WASTE * wanted + FREELY) {
      const values = await this.items(first, all);
      for (let i = 0; i < count; i++)
        this.eachPlace((place, j) => (out[i * rowLength + j] = values[i * step + place]));
      return out;
    }
    if (down + 1 <= WASTE * count + FREELY) {
      const places: number[] = [];
      this.eachPlace((place) => places.push(place));
      for (const [j, place] of places.entries()) {
        const values = await this.items(first + place, down + 1);
        for (let i = 0; i < count; i++) out[i * rowLength + j] = values[i * step];
      }
      return out;
    }
    for (let i = 0; i < count; i++) {
      const values = await this.items(first + i * step, rowSpan + 1);
      this.eachPlace((place, j) => (out[i * rowLength + j] = values[place]));
    }
    return out;
  }

  async all(): Promise<Float64Array> {
    const whole = await this.rows(0, this.rowCount);
    return whole instanceof Float64Array ? whole : new Float64Array(whole);
  }

  /** Visits the numbers of a row in C order: where each lies behind the first. */
  private eachPlace(visit: (place: number, j: number) => void): void {
    const axes = this.shape.slice(1);
    const strides = this.layout.strides.slice(1);
    const index = axes.map(() => 0);
    let place = 0;
    for (let j = 0; j < this.rowLength; j++) {
      visit(place, j);
      for (let k = axes.length - 1; k >= 0; k--) {
        place += strides[k];
        if (++index[k] < axes[k]) break;
        place -= axes[k] * strides[k];
        index[k] = 0;
      }
    }
  }

  private async items(first: number, count: number): Promise<Floats> {
    const { storage, dtype, bigEndian, where } = this.layout;
    const size = itemSize(dtype);
    const bytes = await readRange(storage, where, 'the tensor', first * size, count * size);
    return decodeItems(bytes, dtype, bigEndian, where, first);
  }
}
