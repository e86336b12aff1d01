/**
 * Files on disk as byte sources, in Node.
 *
 * Reads are positional and each fills a buffer of its own, so nothing but the bytes asked for is held.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { refuseFile } from '../core/errors.js';
import { isSystemRefusal, naming } from '../core/systemErrors.js';
import type { ArrayFile } from './arrayFile.js';
import type { ByteSource } from './byteSource.js';
import { openArrays } from './openArrays.js';
import { refuseBytes } from './refuseBytes.js';

/** One system call moves at most this much (Linux stops at 2 GiB − 4 KiB, libuv at 2³¹ − 1). */
const LARGEST_READ = 2 ** 30;

/** An open file; `close` it. */
export interface FileSource extends ByteSource {
  close(): Promise<void>;
}

/**
 * Opens a file for range reads. Throws a file error when the path is missing, a directory, or not readable.
 * Its size is taken once: a file that shrinks while it is read gives a format error.
 */
export async function openFileSource(path: string): Promise<FileSource> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (isSystemRefusal(error)) throw error;
    refuseFile(path, 'a file that can be read', reason(error));
  }
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) refuseFile(path, 'a file', 'a directory');
    if (!stats.isFile()) refuseFile(path, 'a regular file', 'a pipe or a device');
    return new OpenFile(path, stats.size, handle);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Opens the arrays of a file by path: `openFileSource`, then `openArrays`. `close` the result. */
export async function openArrayFile(path: string): Promise<ArrayFile> {
  const source = await openFileSource(path);
  try {
    return await openArrays(source);
  } catch (error) {
    await source.close();
    throw error;
  }
}

class OpenFile implements FileSource {
  constructor(
    readonly name: string,
    readonly size: number,
    private readonly handle: FileHandle,
  ) {}

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const wanted = Math.min(length - done, LARGEST_READ);
      const bytesRead = await this.readOnce(bytes, done, wanted, offset + done);
      if (bytesRead === 0)
        refuseBytes(this.name, `${length} bytes at ${offset}`, `${done} bytes, the file has become shorter`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  private async readOnce(into: Uint8Array, at: number, length: number, position: number): Promise<number> {
    try {
      return (await naming(this.name, () => this.handle.read(into, at, length, position))).bytesRead;
    } catch (error) {
      if (isSystemRefusal(error)) throw error;
      refuseFile(this.name, 'a file that can be read', reason(error));
    }
  }
}

function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'an unknown failure';
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'no file of that name';
    case 'EISDIR':
      return 'a directory';
    case 'EACCES':
    case 'EPERM':
      return 'a file without read permission';
    default:
      return code;
  }
}
