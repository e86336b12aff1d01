/**
 * Deviations of samples from rows of their classes, two numbers at a time: kernels of WebAssembly (`kernels/rows`) and the room in
 * which they work, shared by all passes. Nothing stays in it from one call of a pass to the next.
 */
import { kernelsIn, openPlainMemory } from '../core/kernels.js';
import type { Floats } from '../core/matrix.js';
import { ROWS } from './rowBytes.js';

interface Kernels {
  gather(x: number, single: number, d: number, r: number, sums: number): number;
  deviate(
    x: number,
    single: number,
    d: number,
    r: number,
    scale: number,
    out: number,
    narrow: number,
  ): number;
}

/** Room for a block of samples, a row of a class, a row of sums and one deviation. */
export interface RowRoom {
  /** Rows that fit at once. */
  readonly rows: number;
  readonly reference: Float64Array;
  readonly sums: Float64Array;
  /** Puts samples [first, last) of `data` (rows of d) in place; at most `rows`. */
  load(data: Floats, first: number, last: number): void;
  /** sums ← sums + (x − reference) for sample i of those; returns ‖x − reference‖². */
  gather(i: number): number;
  /** to ← scale·(x − reference) for sample i, from `at` on; returns the square of its norm before rounding. */
  deviateInto(to: Floats, at: number, i: number, scale: number): number;
}

/** Numbers of a block: small enough for the first cache. */
const BLOCK = 4096;

const rooms = new Map<number, RowRoom>();

/** The room for samples of d numbers. */
export function rowRoom(d: number): RowRoom {
  const known = rooms.get(d);
  if (known !== undefined) return known;
  // A few widths at a time: layers of a network.
  if (rooms.size >= 16) rooms.clear();
  const room = openRoom(d);
  rooms.set(d, room);
  return room;
}

function openRoom(d: number): RowRoom {
  const rows = Math.max(1, Math.floor(BLOCK / d));
  const line = 32 * Math.ceil((8 * d) / 32);
  const place = { reference: 0, sums: line, out: 2 * line, x: 3 * line };
  const memory = openPlainMemory(3 * line + 8 * rows * d);
  const kernels = kernelsIn(ROWS, memory) as Kernels;
  const { buffer } = memory;
  const x = {
    single: new Float32Array(buffer, place.x, rows * d),
    double: new Float64Array(buffer, place.x, rows * d),
  };
  const out = {
    single: new Float32Array(buffer, place.out, d),
    double: new Float64Array(buffer, place.out, d),
  };
  let [single, bytes] = [0, 8];
  return {
    rows,
    reference: new Float64Array(buffer, place.reference, d),
    sums: new Float64Array(buffer, place.sums, d),
    load(data, first, last) {
      const isSingle = data instanceof Float32Array;
      [single, bytes] = isSingle ? [1, 4 * d] : [0, 8 * d];
      x[isSingle ? 'single' : 'double'].set(data.subarray(first * d, last * d));
    },
    gather: (i) => kernels.gather(place.x + i * bytes, single, d, place.reference, place.sums),
    deviateInto(to, at, i, scale) {
      const narrow = to instanceof Float32Array;
      const square = kernels.deviate(
        place.x + i * bytes,
        single,
        d,
        place.reference,
        scale,
        place.out,
        Number(narrow),
      );
      to.set(out[narrow ? 'single' : 'double'], at);
      return square;
    },
  };
}
