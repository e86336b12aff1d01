/**
 * Raw deflate (RFC 1951) as a stream one pulls from, over the platform's DecompressionStream.
 *
 * Memory: 64 KiB of packed bytes go in at a time and the next go in only when their output has been taken, so
 * at most 1032 × 64 KiB ≈ 68 MB of output waits, whatever the data claims (a few 16 KiB chunks in Node).
 */
import { InputError } from '../core/errors.js';
import { type ByteSource, readRange } from './byteSource.js';
import { type ByteTransform, rawInflater } from './platform.js';
import { refuseBytes } from './refuseBytes.js';

const PACKED_CHUNK = 65536;

/** The unpacked bytes of `packed`, from first to last, once. */
export class InflateStream {
  private readonly reader: ReturnType<ByteTransform['readable']['getReader']>;
  private readonly writer: ReturnType<ByteTransform['writable']['getWriter']>;
  private readonly feeding: Promise<void>;
  private feedError: unknown = null;
  private chunk = new Uint8Array(0);
  private stopped = false;

  constructor(private readonly packed: ByteSource) {
    const transform = rawInflater(packed.name);
    this.reader = transform.readable.getReader();
    this.writer = transform.writable.getWriter();
    this.writer.closed.catch(() => undefined);
    this.feeding = this.feed();
  }

  /**
   * Fills `out` and gives the number of bytes written, fewer only at the end. Throws a format error for bad
   * data.
   */
  async readInto(out: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < out.length) {
      if (this.chunk.length === 0) {
        const next = await this.pull();
        if (next === null) break;
        this.chunk = next;
      }
      const part = this.chunk.subarray(0, out.length - filled);
      out.set(part, filled);
      filled += part.length;
      this.chunk = this.chunk.subarray(part.length);
    }
    return filled;
  }

  /** Ends the stream early and lets go of what it holds. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.chunk = new Uint8Array(0);
    // Both ends may already have failed; either way nothing is left to wait for.
    await Promise.allSettled([this.writer.abort(), this.reader.cancel()]);
    await this.feeding;
  }

  private async pull(): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      const { done, value } = await this.reader.read();
      return done || value === undefined ? null : new Uint8Array(value);
    } catch (error) {
      if (this.feedError instanceof InputError) throw this.feedError;
      refuseBytes(this.packed.name, 'deflated data', error instanceof Error ? error.message : 'other bytes');
    }
  }

  private async feed(): Promise<void> {
    const { packed, writer } = this;
    try {
      for (let at = 0; at < packed.size && !this.stopped; at += PACKED_CHUNK) {
        const length = Math.min(PACKED_CHUNK, packed.size - at);
        const bytes = await readRange(packed, packed.name, 'the packed data', at, length);
        await writer.ready;
        await writer.write(bytes);
      }
      if (!this.stopped) await writer.close();
    } catch (error) {
      // Bad data shows at the reading end; a source that failed has to be told there.
      this.feedError = error;
      await writer.abort(error).catch(() => undefined);
    }
  }
}
