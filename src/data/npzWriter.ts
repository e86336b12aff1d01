/**
 * Writing npz files: stored members with fixed dates, so that the same arrays give the same bytes everywhere.
 *
 * Source of the format: see `zipDirectory.ts`. Limits: 65 534 arrays, 4 GiB in all (no zip64, as it is built
 * in memory).
 */
import { refuse } from '../core/errors.js';
import { crc32 } from './crc32.js';
import type { DType } from './dtypes.js';
import { encodeNpy } from './npy.js';
import { utf8Bytes } from './platform.js';

/** An array to write: `values` in C order. */
export interface ArrayToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly values: ArrayLike<number>;
}

/** 1980-01-01, the first day of zip's calendar. */
const DATE = 0x0021;

/** Names in UTF-8. */
const FLAGS = 0x0800;

/**
 * The bytes of an npz file that NumPy reads, members in the order given.
 * Throws an argument error for a name that is empty or taken, or for more than 4 GiB; `encodeNpy`'s errors.
 */
export function encodeNpz(arrays: readonly ArrayToWrite[]): Uint8Array {
  const where = 'encodeNpz';
  const used = new Set<string>();
  const pieces: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { name, shape, dtype, values } of arrays) {
    if (name === '' || used.has(name)) refuse(where, 'names that differ', name);
    used.add(name);
    const data = encodeNpy(values, shape, dtype);
    const nameBytes = utf8Bytes(`${name}.npy`);
    if (nameBytes.length > 65535) refuse(where, 'names of at most 65535 bytes', nameBytes.length);
    const common = [20, FLAGS, 0, 0, DATE] as const;
    const sizes = [crc32(data), data.length, data.length] as const;
    const local = new Uint8Array(30 + nameBytes.length);
    fields(local, [0x04034b50], common, sizes, [nameBytes.length, 0]);
    local.set(nameBytes, 30);
    const entry = new Uint8Array(46 + nameBytes.length);
    fields(entry, [0x02014b50], [20, ...common], sizes, [nameBytes.length, 0, 0, 0, 0], [0, offset]);
    entry.set(nameBytes, 46);
    pieces.push(local, data);
    central.push(entry);
    offset += local.length + data.length;
  }
  const directorySize = central.reduce((sum, entry) => sum + entry.length, 0);
  if (arrays.length > 65534 || offset + directorySize > 0xfffffffe)
    refuse(
      where,
      'at most 65534 arrays and 4 GiB',
      `${arrays.length} arrays, ${offset + directorySize} bytes`,
    );
  const end = new Uint8Array(22);
  fields(end, [0x06054b50], [0, 0, arrays.length, arrays.length], [directorySize, offset]);
  const out = new Uint8Array(offset + directorySize + end.length);
  let at = 0;
  for (const piece of [...pieces, ...central, end]) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Writes groups of little-endian fields from the start: of 4 and of 2 bytes, by turns. */
function fields(into: Uint8Array, ...groups: readonly (readonly number[])[]): void {
  const view = new DataView(into.buffer);
  let at = 0;
  groups.forEach((group, k) => {
    for (const value of group) {
      if (k % 2 === 0) view.setUint32(at, value, true);
      else view.setUint16(at, value, true);
      at += k % 2 === 0 ? 4 : 2;
    }
  });
}
