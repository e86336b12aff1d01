/**
 * An array entry over raw bytes: where each number lies, and reading rows of it in bounded memory.
 *
 * In C order rows are one range of bytes. In Fortran order (first axis fastest) every position inside a row
 * is a column of rowCount numbers; short columns are read in blocks of whole columns, long ones a slice each.
 */
import { refuse } from '../core/errors.js';
import type { Floats } from '../core/matrix.js';
import { type ArrayEntry, MAX_ITEMS_AT_ONCE } from './arrayFile.js';
import { type ByteSource, readRange } from './byteSource.js';
import { decodeItems, type DType, floatsFor, itemSize } from './dtypes.js';
import { refuseBytes } from './refuseBytes.js';
import { countItems } from './shape.js';

/** Bytes of whole columns read at a time from a Fortran-ordered array. */
const COLUMN_BLOCK = 2 ** 24;

/** Numbers converted at a time by `all`. */
const PIECE = 2 ** 20;

/** Where the numbers of an array lie and what they are. */
export interface Layout {
  readonly name: string;
  readonly where: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  /** The data alone: size is itemCount × itemSize. */
  readonly data: ByteSource;
}

/** The entry for a layout. Throws a format error when the data is not as long as the shape says. */
export function arrayEntry(layout: Layout): ArrayEntry {
  const itemCount = countItems(layout.where, layout.shape);
  const needed = itemCount * itemSize(layout.dtype);
  if (needed !== layout.data.size)
    refuseBytes(
      layout.where,
      `${needed} bytes for ${layout.dtype} of shape ${shapeText(layout.shape)}`,
      layout.data.size,
    );
  return new LaidOut(layout, itemCount);
}

/** `(3, 4)`, `(3,)`, `()`: as Python writes a shape. */
export function shapeText(shape: readonly number[]): string {
  return `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
}

class LaidOut implements ArrayEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly where: string;
  readonly rowCount: number;
  readonly rowLength: number;

  constructor(
    private readonly layout: Layout,
    readonly itemCount: number,
  ) {
    this.name = layout.name;
    this.shape = layout.shape;
    this.dtype = layout.dtype;
    this.where = layout.where;
    this.rowCount = layout.shape.length === 0 ? 1 : layout.shape[0];
    this.rowLength = layout.shape.slice(1).reduce((product, axis) => product * axis, 1);
  }

  async rows(start: number, count: number): Promise<Floats> {
    const { where, rowCount, rowLength } = this;
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(count) || start < 0 || count < 0)
      refuse(where, 'rows(start, count) of integers ≥ 0', `rows(${start}, ${count})`);
    if (start + count > rowCount)
      refuse(where, `rows inside 0 to ${rowCount}`, `${start} to ${start + count}`);
    if (count * rowLength > MAX_ITEMS_AT_ONCE)
      refuse(
        where,
        `at most ${MAX_ITEMS_AT_ONCE} numbers in one read`,
        count * rowLength,
        'read fewer rows at a time',
      );
    if (this.layout.fortran && this.shape.length > 1 && count * rowLength > 0)
      return this.fortranRows(start, count);
    return this.items(start * rowLength, count * rowLength);
  }

  async all(): Promise<Float64Array> {
    const { where, itemCount } = this;
    if (itemCount > MAX_ITEMS_AT_ONCE)
      refuse(where, `at most ${MAX_ITEMS_AT_ONCE} numbers to hold whole`, itemCount, 'read it by rows');
    if (this.layout.fortran && this.shape.length > 1 && itemCount > 0) {
      const whole = await this.fortranRows(0, this.rowCount);
      return whole instanceof Float64Array ? whole : new Float64Array(whole);
    }
    if (itemCount <= PIECE) {
      const whole = await this.items(0, itemCount);
      return whole instanceof Float64Array ? whole : new Float64Array(whole);
    }
    const out = new Float64Array(itemCount);
    for (let at = 0; at < itemCount; at += PIECE)
      out.set(await this.items(at, Math.min(PIECE, itemCount - at)), at);
    return out;
  }

  /** Items [first, first + count) in the order of the file. */
  private async items(first: number, count: number): Promise<Floats> {
    const { data, dtype, bigEndian, where } = this.layout;
    const size = itemSize(dtype);
    const bytes = await readRange(data, where, 'the array', first * size, count * size);
    return decodeItems(bytes, dtype, bigEndian, where, first);
  }

  private async fortranRows(start: number, count: number): Promise<Floats> {
    const { rowCount, rowLength } = this;
    const out = floatsFor(this.dtype, count * rowLength);
    const columnBytes = rowCount * itemSize(this.dtype);
    // Whole columns cost one read a block; a slice a column reads less but oftener (a read is worth about 64
    // KiB).
    const whole =
      columnBytes <= COLUMN_BLOCK &&
      (rowCount - count) * itemSize(this.dtype) <= Math.max(65536, columnBytes / 2);
    const block = whole ? Math.max(1, Math.floor(COLUMN_BLOCK / columnBytes)) : 1;
    const place = this.columnPlaces();
    for (let column = 0; column < rowLength; column += block) {
      const columns = Math.min(block, rowLength - column);
      const values = whole
        ? await this.items(column * rowCount, columns * rowCount)
        : await this.items(column * rowCount + start, count);
      const skip = whole ? start : 0;
      for (let c = 0; c < columns; c++) {
        const at = place(column + c);
        const from = c * rowCount + skip;
        for (let i = 0; i < count; i++) out[i * rowLength + at] = values[from + i];
      }
    }
    return out;
  }

  /** From the number of a column in the file to its place in a row in C order; the identity at rank 2. */
  private columnPlaces(): (column: number) => number {
    const axes = this.shape.slice(1);
    const strides = axes.map((_, k) => axes.slice(k + 1).reduce((product, axis) => product * axis, 1));
    if (axes.length === 1) return (column) => column;
    return (column) => {
      let rest = column;
      let at = 0;
      for (let k = 0; k < axes.length; k++) {
        at += (rest % axes[k]) * strides[k];
        rest = Math.floor(rest / axes[k]);
      }
      return at;
    };
  }
}
