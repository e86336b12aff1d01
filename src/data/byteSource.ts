/**
 * Random access to bytes, wherever they are: memory, a file, a page's File, a range of another source.
 *
 * Readers in this room see nothing else, so they neither know the platform nor hold a file whole.
 */
import { InputError } from '../core/errors.js';
import { refuseBytes } from './refuseBytes.js';

/** Bytes that can be read by range. */
export interface ByteSource {
  /** What to call it in messages, for example the path. */
  readonly name: string;
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes [offset, offset + length), which then belong to the caller. A short read is an error.
   * Callers stay inside [0, size); `readRange` checks that for them.
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Gives back what the source holds, for example a file handle. */
  close?(): Promise<void>;
}

/** A source over bytes in memory; reads are copies. */
export function memorySource(name: string, bytes: Uint8Array): ByteSource {
  return {
    name,
    size: bytes.length,
    read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes.length)
        return Promise.reject(outside(name, offset, length, bytes.length));
      return Promise.resolve(new Uint8Array(bytes.subarray(offset, offset + length)));
    },
  };
}

/** The range [offset, offset + size) of `source`, under its own name for messages. */
export function sliceSource(source: ByteSource, name: string, offset: number, size: number): ByteSource {
  return {
    name,
    size,
    read(start, length) {
      if (start < 0 || length < 0 || start + length > size)
        return Promise.reject(outside(name, start, length, size));
      return source.read(offset + start, length);
    },
  };
}

/**
 * Reads [offset, offset + length), refusing what lies outside the source before anything is allocated.
 * `where` and `what` name the reader and the piece: "truncated file" is the usual cause.
 */
export async function readRange(
  source: ByteSource,
  where: string,
  what: string,
  offset: number,
  length: number,
): Promise<Uint8Array> {
  const end = offset + length;
  if (!Number.isSafeInteger(end) || offset < 0 || length < 0 || end > source.size)
    refuseBytes(where, `${what} inside the file`, `bytes ${offset} to ${end} of ${source.size}`);
  if (length === 0) return new Uint8Array(0);
  const bytes = await source.read(offset, length);
  if (bytes.length !== length)
    refuseBytes(where, `${length} bytes at ${offset} for ${what}`, `${bytes.length} bytes`);
  return bytes;
}

function outside(name: string, offset: number, length: number, size: number): InputError {
  return new InputError('argument', name, `a range inside ${size} bytes`, `${length} bytes at ${offset}`);
}
