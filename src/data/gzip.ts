/**
 * A gzip file (RFC 1952) as the bytes packed in it.
 *
 * Limits: one member; its own size field is believed only up to 2^30 bytes and 1032 times the packed ones (no deflate
 * stream expands further), so a small file cannot ask for much memory. Bytes after the packed data go unnoticed only where
 * the platform skips them and they end in a copy of the trailer. Each read unpacks from the start, which suits readers
 * that look at a header and then take the file whole.
 */
import { type ByteSource, readRange, sliceSource } from './byteSource.js';
import { crc32 } from './crc32.js';
import { InflateStream } from './inflate.js';
import { refuseBytes } from './refuseBytes.js';

const MAX_EXPANSION = 1032;
const MAX_SIZE = 2 ** 30;
const FIXED_HEADER = 10;
const TRAILER = 8;
/** Room for a file's name, a comment and extra fields; real ones take tens of bytes. */
const LONGEST_HEADER = 65536;
const PIECE = 65536;

/** Whether the first two bytes are gzip's. */
export async function isGzip(source: ByteSource): Promise<boolean> {
  if (source.size < 2) return false;
  const start = await readRange(source, source.name, 'the first bytes', 0, 2);
  return start[0] === 0x1f && start[1] === 0x8b;
}

/**
 * The unpacked bytes of a gzip file, under its name. Throws a format error for a header that is not gzip's or a size
 * that cannot be; `read` throws one for damaged data. The checksum is compared whenever a read takes all bytes.
 */
export async function gunzipped(source: ByteSource): Promise<ByteSource> {
  const { name } = source;
  const start = await readHeader(source);
  const packedSize = source.size - start - TRAILER;
  if (packedSize < 1) refuseBytes(name, 'a whole gzip file', `${source.size} bytes`, 'the file is cut off');
  const trailer = await readRange(source, name, 'the gzip trailer', source.size - TRAILER, TRAILER);
  const fields = new DataView(trailer.buffer, trailer.byteOffset);
  const size = fields.getUint32(4, true);
  const most = Math.min(MAX_SIZE, packedSize * MAX_EXPANSION);
  if (size > most)
    refuseBytes(
      name,
      `at most ${most} bytes from ${packedSize} packed ones`,
      `${size} in the size field`,
      'the file is damaged, cut off, or not of one gzip member',
    );
  return new Unpacked(sliceSource(source, name, start, packedSize), size, fields.getUint32(0, true));
}

class Unpacked implements ByteSource {
  readonly name: string;

  constructor(
    private readonly packed: ByteSource,
    readonly size: number,
    private readonly crc: number,
  ) {
    this.name = packed.name;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const stream = new InflateStream(this.packed);
    try {
      for (let left = offset; left > 0; left -= PIECE)
        await this.fill(stream, new Uint8Array(Math.min(PIECE, left)));
      const out = new Uint8Array(length);
      await this.fill(stream, out);
      if (offset === 0 && length === this.size) await this.checkEnd(stream, out);
      return out;
    } finally {
      await stream.stop();
    }
  }

  private async fill(stream: InflateStream, out: Uint8Array): Promise<void> {
    const filled = await stream.readInto(out);
    if (filled < out.length)
      refuseBytes(this.name, `${this.size} bytes after unpacking`, 'fewer', 'the file is damaged or cut off');
  }

  private async checkEnd(stream: InflateStream, all: Uint8Array): Promise<void> {
    if ((await stream.readInto(new Uint8Array(1))) > 0)
      refuseBytes(this.name, `${this.size} bytes after unpacking`, 'more', 'the file is damaged');
    if (crc32(all) !== this.crc)
      refuseBytes(this.name, 'bytes that match their checksum', 'others', 'the file is damaged');
  }
}

/** Where the deflated data begin. */
async function readHeader(source: ByteSource): Promise<number> {
  const { name, size } = source;
  if (size < FIXED_HEADER + TRAILER) refuseBytes(name, 'a whole gzip file', `${size} bytes`);
  const bytes = await readRange(source, name, 'the gzip header', 0, Math.min(size, LONGEST_HEADER));
  const [first, second, method, flags] = bytes;
  if (first !== 0x1f || second !== 0x8b) refuseBytes(name, 'a gzip file', 'other first bytes');
  if (method !== 8) refuseBytes(name, 'gzip data packed by deflate (method 8)', `method ${method}`);
  if ((flags & 0xe0) !== 0) refuseBytes(name, 'a gzip header without reserved flags', `flags ${flags}`);
  let at = FIXED_HEADER;
  if ((flags & 4) !== 0) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  // The original name, then a comment: each ends with a zero.
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = bytes.indexOf(0, at);
    at = end < 0 ? bytes.length + 1 : end + 1;
  }
  if ((flags & 2) !== 0) at += 2;
  if (at > bytes.length) refuseBytes(name, `a gzip header of at most ${bytes.length} bytes`, 'a longer one');
  return at;
}
