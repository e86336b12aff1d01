/**
 * The directory of a zip file: which members there are, how long, and where.
 *
 * Source: PKWARE APPNOTE.TXT 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.14–16
 * (end records, zip64) and 4.5.3 (zip64 extra field). Strict where zip is loose, so that two readers cannot
 * see two different archives: the central directory ends where the end record begins, members lie before it
 * and do not overlap.
 * Limits: one disk, 4 MiB of directory, which bounds the memory; all members unpacked take at most 32 MiB or 100 times the
 * file, whichever is more, so that a small file cannot ask for much memory. Features and weights pack to a tenth at best.
 */
import { arrayWhere } from './arrayFile.js';
import { type ByteSource, readRange } from './byteSource.js';
import { latin1, utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';

const MAX_DIRECTORY = 2 ** 22;
const UNPACKED_FREELY = 2 ** 25;
const MOST_TIMES = 100;
const END_LENGTH = 22;
const LOCAL_LENGTH = 30;
const CENTRAL_LENGTH = 46;
const MARKED = 0xffffffff;

/** One file of the archive, as the central directory has it. */
export interface ZipMember {
  readonly name: string;
  /** 0 stored, 8 deflated; others exist. */
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  /** Bytes in the archive. */
  readonly packedSize: number;
  /** Bytes once unpacked, as declared. */
  readonly size: number;
  /** Where the local header begins. */
  readonly headerOffset: number;
  /** Where the next member, or the directory, begins. */
  readonly endOffset: number;
  readonly nameBytes: Uint8Array;
}

/**
 * The members in directory order. Throws a format error for anything but a whole, consistent, single-disk
 * archive.
 */
export async function readZipDirectory(source: ByteSource): Promise<readonly ZipMember[]> {
  const { offset, size, count } = await findDirectory(source);
  const where = source.name;
  if (size > MAX_DIRECTORY)
    refuseBytes(where, `a zip directory of at most ${MAX_DIRECTORY} bytes`, `${size} bytes`);
  if (count * CENTRAL_LENGTH > size)
    refuseBytes(where, 'a zip directory long enough for its members', `${count} members in ${size} bytes`);
  const bytes = await readRange(source, where, 'the zip directory', offset, size);
  const members: Omit<ZipMember, 'endOffset'>[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { member, next } = parseMember(where, bytes, at, offset);
    members.push(member);
    at = next;
  }
  if (at !== size) refuseBytes(where, `${size} bytes of zip directory`, `${at} bytes in ${count} members`);
  const unpacked = members.reduce((sum, member) => sum + member.size, 0);
  const most = Math.max(UNPACKED_FREELY, MOST_TIMES * source.size);
  if (unpacked > most)
    refuseBytes(
      where,
      `at most ${most} bytes of arrays in a zip file of ${source.size} bytes`,
      `${unpacked} bytes once unpacked`,
      'if the arrays are really so empty, write them without compression (numpy.savez)',
    );
  return withEnds(where, members, offset);
}

/** Where the data of a member begins, after its local header, which has to agree with the directory. */
export async function memberDataOffset(
  source: ByteSource,
  where: string,
  member: ZipMember,
): Promise<number> {
  const nameLength = member.nameBytes.length;
  const what = 'the local header of the zip member';
  const bytes = await readRange(source, where, what, member.headerOffset, LOCAL_LENGTH + nameLength);
  const view = viewOf(bytes);
  const sameName = member.nameBytes.every((byte, i) => bytes[LOCAL_LENGTH + i] === byte);
  if (view.getUint32(0, true) !== 0x04034b50 || view.getUint16(26, true) !== nameLength || !sameName)
    refuseBytes(where, 'a local zip header like its directory entry', 'another');
  if (view.getUint16(8, true) !== member.method)
    refuseBytes(
      where,
      `compression method ${member.method} in the local zip header`,
      view.getUint16(8, true),
    );
  const offset = member.headerOffset + LOCAL_LENGTH + nameLength + view.getUint16(28, true);
  if (offset + member.packedSize > member.endOffset)
    refuseBytes(where, 'zip members that do not overlap', `data to byte ${offset + member.packedSize}`);
  return offset;
}

interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

async function findDirectory(source: ByteSource): Promise<DirectoryPlace> {
  const where = source.name;
  const from = Math.max(0, source.size - END_LENGTH - 65535);
  const tail = await readRange(source, where, 'the end of the zip file', from, source.size - from);
  const view = viewOf(tail);
  let at = tail.length - END_LENGTH;
  while (at >= 0 && !isEndRecord(view, at)) at--;
  if (at < 0) refuseBytes(where, 'a zip file with its end record', 'none', 'the file may be truncated');
  const endOffset = from + at;
  const near: DirectoryPlace = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const far = await zip64Place(source, endOffset);
  if (far === null) {
    if (view.getUint32(at + 4, true) !== 0 || view.getUint16(at + 8, true) !== near.count)
      refuseBytes(where, 'a zip file in one piece', 'a part of a split one');
  } else if (
    (near.count !== 0xffff && near.count !== far.place.count) ||
    (near.size !== MARKED && near.size !== far.place.size) ||
    (near.offset !== MARKED && near.offset !== far.place.offset)
  )
    refuseBytes(where, 'zip end records that agree', 'two different ones');
  const { place, start } = far ?? { place: near, start: endOffset };
  if (place.offset + place.size !== start)
    refuseBytes(where, `a zip directory that ends at byte ${start}`, place.offset + place.size);
  return place;
}

/** The signature, and a comment that ends with the file. */
function isEndRecord(view: DataView, at: number): boolean {
  return (
    view.getUint32(at, true) === 0x06054b50 &&
    at + END_LENGTH + view.getUint16(at + 20, true) === view.byteLength
  );
}

/**
 * What the zip64 end record says and where it begins; null where the end record has no zip64 locator before
 * it.
 */
async function zip64Place(
  source: ByteSource,
  endOffset: number,
): Promise<{ readonly place: DirectoryPlace; readonly start: number } | null> {
  const where = source.name;
  if (endOffset < 20) return null;
  const locator = viewOf(await readRange(source, where, 'the zip64 locator', endOffset - 20, 20));
  if (locator.getUint32(0, true) !== 0x07064b50) return null;
  const start = long(where, locator, 8);
  const end = viewOf(await readRange(source, where, 'the zip64 end record', start, 56));
  if (end.getUint32(0, true) !== 0x06064b50) refuseBytes(where, 'a zip64 end record', 'other bytes');
  if (start + 12 + long(where, end, 4) !== endOffset - 20)
    refuseBytes(where, 'a zip64 end record before its locator', `one at byte ${start}`);
  const count = long(where, end, 32);
  if (end.getUint32(16, true) !== 0 || end.getUint32(20, true) !== 0 || long(where, end, 24) !== count)
    refuseBytes(where, 'a zip file in one piece', 'a part of a split one');
  return { place: { count, size: long(where, end, 40), offset: long(where, end, 48) }, start };
}

function parseMember(
  where: string,
  bytes: Uint8Array,
  at: number,
  directoryOffset: number,
): { readonly member: Omit<ZipMember, 'endOffset'>; readonly next: number } {
  const view = viewOf(bytes);
  if (at + CENTRAL_LENGTH > bytes.length || view.getUint32(at, true) !== 0x02014b50)
    refuseBytes(where, 'an entry of the zip directory', `other bytes at ${directoryOffset + at}`);
  const flags = view.getUint16(at + 8, true);
  const nameLength = view.getUint16(at + 28, true);
  const extraLength = view.getUint16(at + 30, true);
  const next = at + CENTRAL_LENGTH + nameLength + extraLength + view.getUint16(at + 32, true);
  if (next > bytes.length) refuseBytes(where, 'a whole entry in the zip directory', 'a cut one');
  const nameAt = at + CENTRAL_LENGTH;
  const nameBytes = bytes.slice(nameAt, nameAt + nameLength);
  const name = utf8OrNull(nameBytes) ?? latin1(nameBytes);
  const sizes = [view.getUint32(at + 24, true), view.getUint32(at + 20, true), view.getUint32(at + 42, true)];
  const extra = bytes.subarray(nameAt + nameLength, nameAt + nameLength + extraLength);
  const [size, packedSize, headerOffset] = widen(arrayWhere(where, name), sizes, extra);
  const member = {
    name,
    nameBytes,
    method: view.getUint16(at + 10, true),
    encrypted: (flags & 0x2041) !== 0,
    crc: view.getUint32(at + 16, true),
    packedSize,
    size,
    headerOffset,
  };
  return { member, next };
}

/**
 * Replaces sizes marked 0xffffffff by those of the zip64 extra field, which holds the marked ones in order.
 */
function widen(where: string, sizes: readonly number[], extra: Uint8Array): readonly number[] {
  if (!sizes.includes(MARKED)) return sizes;
  const view = viewOf(extra);
  let at = 0;
  while (at + 4 <= extra.length) {
    const end = at + 4 + view.getUint16(at + 2, true);
    if (end > extra.length) break;
    if (view.getUint16(at, true) === 1) {
      let from = at + 4;
      return sizes.map((value) => {
        if (value !== MARKED) return value;
        if (from + 8 > end) refuseBytes(where, 'all zip64 sizes in the extra field', 'too few');
        from += 8;
        return long(where, view, from - 8);
      });
    }
    at = end;
  }
  return refuseBytes(where, 'a zip64 extra field for sizes of 4 GiB and more', 'none');
}

/** Each member's end: the start of the one after it in the file. They must lie in order, without overlap. */
function withEnds(
  where: string,
  members: readonly Omit<ZipMember, 'endOffset'>[],
  directoryOffset: number,
): readonly ZipMember[] {
  const order = members.map((_, i) => i).sort((i, j) => members[i].headerOffset - members[j].headerOffset);
  const ends = new Float64Array(members.length);
  let end = directoryOffset;
  for (const i of order.reverse()) {
    const { headerOffset, packedSize, nameBytes, name } = members[i];
    if (headerOffset + LOCAL_LENGTH + nameBytes.length + packedSize > end)
      refuseBytes(
        arrayWhere(where, name),
        'zip members inside the file that do not overlap',
        `${packedSize} bytes`,
      );
    ends[i] = end;
    end = headerOffset;
  }
  return members.map((member, i) => ({ ...member, endOffset: ends[i] }));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** An unsigned 64-bit number that a double holds. */
function long(where: string, view: DataView, at: number): number {
  const value = view.getUint32(at + 4, true) * 2 ** 32 + view.getUint32(at, true);
  if (!Number.isSafeInteger(value)) refuseBytes(where, 'sizes below 2^53', value);
  return value;
}
