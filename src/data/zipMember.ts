/**
 * A member of a zip file as a byte source: stored ones by range, deflated ones through a forward-only stream.
 *
 * Both keep the checksum while they are read from the first byte on, and compare it at the last (stored
 * members above 64 MiB are not checked: it would cost as much time as reading them).
 */
import { type ByteSource, readRange, sliceSource } from './byteSource.js';
import { crc32 } from './crc32.js';
import { InflateStream } from './inflate.js';
import { refuseBytes } from './refuseBytes.js';
import { memberDataOffset, type ZipMember } from './zipDirectory.js';

const MAX_CHECKED = 2 ** 26;

/** No deflate stream expands further: 258 bytes from 2 bits. */
const MAX_EXPANSION = 1032;

/**
 * The unpacked bytes of a member. Throws a format error when it is encrypted, packed otherwise, or its sizes
 * cannot be.
 */
export async function memberSource(
  source: ByteSource,
  where: string,
  member: ZipMember,
): Promise<ByteSource> {
  const { method, packedSize, size } = member;
  if (member.encrypted) refuseBytes(where, 'a member without encryption', 'an encrypted one');
  if (method !== 0 && method !== 8)
    refuseBytes(where, 'a stored or deflated zip member', `compression method ${method}`);
  const offset = await memberDataOffset(source, where, member);
  const packed = sliceSource(source, where, offset, packedSize);
  if (method === 8) {
    if (size > packedSize * MAX_EXPANSION)
      refuseBytes(where, `at most ${MAX_EXPANSION} times the ${packedSize} packed bytes`, `${size} declared`);
    return new Deflated(packed, size, member.crc);
  }
  if (packedSize !== size) refuseBytes(where, `${size} stored bytes`, packedSize);
  return size <= MAX_CHECKED ? new Stored(packed, member.crc) : packed;
}

/** The checksum of a prefix that grows as long as reads go on where it ends. */
class RunningCheck {
  private done = 0;
  private crc = 0;

  constructor(
    private readonly where: string,
    private readonly size: number,
    private readonly expected: number,
  ) {}

  extend(offset: number, bytes: Uint8Array): void {
    if (offset !== this.done) return;
    const done = this.done + bytes.length;
    const crc = crc32(bytes, this.crc);
    if (done === this.size && crc !== this.expected)
      refuseBytes(this.where, 'bytes that match their checksum', 'others', 'the file is damaged');
    this.done = done;
    this.crc = crc;
  }
}

class Stored implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly check: RunningCheck;

  constructor(
    private readonly packed: ByteSource,
    crc: number,
  ) {
    this.name = packed.name;
    this.size = packed.size;
    this.check = new RunningCheck(packed.name, packed.size, crc);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const bytes = await readRange(this.packed, this.name, 'the member', offset, length);
    this.check.extend(offset, bytes);
    return bytes;
  }
}

/**
 * Reads go one after another. One behind the stream's position starts a new stream; one ahead skips. Held in
 * memory: the bytes asked for and what `InflateStream` holds.
 */
class Deflated implements ByteSource {
  readonly name: string;
  private stream: InflateStream | null = null;
  private check: RunningCheck;
  private position = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly packed: ByteSource,
    readonly size: number,
    private readonly crc: number,
  ) {
    this.name = packed.name;
    this.check = new RunningCheck(packed.name, size, crc);
  }

  read(offset: number, length: number): Promise<Uint8Array> {
    const result = this.last.then(() => this.readNow(offset, length));
    this.last = result.catch(() => undefined);
    return result;
  }

  private async readNow(offset: number, length: number): Promise<Uint8Array> {
    try {
      const stream = this.stream === null || offset < this.position ? await this.restart() : this.stream;
      while (this.position < offset)
        await this.next(stream, new Uint8Array(Math.min(65536, offset - this.position)));
      const out = new Uint8Array(length);
      await this.next(stream, out);
      return out;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Fills `out` with the bytes at the position; at the last byte the stream must be over. */
  private async next(stream: InflateStream, out: Uint8Array): Promise<void> {
    const filled = await stream.readInto(out);
    if (filled < out.length)
      refuseBytes(this.name, `${this.size} bytes after inflating`, this.position + filled);
    const end = this.position + filled;
    if (end === this.size && (await stream.readInto(new Uint8Array(1))) > 0)
      refuseBytes(this.name, `${this.size} bytes after inflating`, 'more');
    this.check.extend(this.position, out);
    this.position = end;
  }

  private async restart(): Promise<InflateStream> {
    await this.stop();
    const stream = new InflateStream(this.packed);
    this.stream = stream;
    this.check = new RunningCheck(this.name, this.size, this.crc);
    this.position = 0;
    return stream;
  }

  private async stop(): Promise<void> {
    const stream = this.stream;
    this.stream = null;
    await stream?.stop();
  }
}
