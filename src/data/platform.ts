/**
 * The few web-standard globals this room uses (Encoding and Compression Streams standards), typed by hand.
 *
 * The portable rooms compile with neither DOM nor Node types, yet pages, workers and Node ≥ 20.12 all have
 * these.
 */
import { refuseBytes } from './refuseBytes.js';

interface Decoder {
  decode(bytes: Uint8Array): string;
}

interface ChunkReader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array }>;
  cancel(reason?: unknown): Promise<void>;
}

interface ChunkWriter {
  readonly ready: Promise<void>;
  readonly closed: Promise<void>;
  write(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(reason?: unknown): Promise<void>;
}

/** A push-in, pull-out stream of bytes. */
export interface ByteTransform {
  readonly readable: { getReader(): ChunkReader };
  readonly writable: { getWriter(): ChunkWriter };
}

interface Platform {
  readonly TextDecoder: new (label: string, options: { readonly fatal: boolean }) => Decoder;
  readonly TextEncoder: new () => { encode(text: string): Uint8Array };
  readonly DecompressionStream?: new (format: 'deflate-raw') => ByteTransform;
}

const platform = globalThis as unknown as Platform;

/** UTF-8 text, or null where the bytes are not UTF-8. */
export function utf8OrNull(bytes: Uint8Array): string | null {
  try {
    return new platform.TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** One character a byte (ISO 8859-1). Meant for short texts. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** The bytes of a text in UTF-8. */
export function utf8Bytes(text: string): Uint8Array {
  return new platform.TextEncoder().encode(text);
}

/** A decompressor of raw deflate data. Throws a format error where the platform has none. */
export function rawInflater(where: string): ByteTransform {
  if (platform.DecompressionStream === undefined)
    refuseBytes(where, 'a runtime with DecompressionStream to read compressed arrays', 'none', 'np.savez');
  return new platform.DecompressionStream('deflate-raw');
}
